"""Pictures painted in a moment by the fast networks: previews of a painting, and what a camera sees.

Nothing of it is stored. The networks live in a thread of their own beside the painter's, and are loaded
there: when the first preview is asked for, or once the painter is ready.
"""

import atexit
import io
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TookTooLong
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import Generic, Literal, TypeVar

import numpy as np
from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from nst import images
from nst.errors import Refusal
from nst.images import Pixels
from nst.jobs import metrics
from nst.jobs.instant.networks import Multistyle, Networks, Stylizer, Vector, tensorflow_networks, warm_up
from nst.jobs.instant.turns import Turns
from nst.jobs.painters.worker import leave_behind
from nst.jobs.pictures import THUMBNAIL_SIDE, Pictures
from nst.jobs.steering import MOST_STYLES, Share, Strict
from nst.style_vectors import mixed

MOST_WAITING = 16  # visitors
MOST_SIZE = 2048
PATIENCE = 30.0  # seconds; loading the networks is in it
OWN_SECONDS = 3.0  # how long the style of what a camera sees is taken to hold
_CLOSE_SECONDS = 1.0
_VECTORS = 1000  # 400 bytes each
_PHOTOGRAPHS = 8

V = TypeVar("V")


class PreviewStyle(Strict):
    """A painting, and its share of the blend (relative to the other shares)."""

    image: str
    weight: Share = 1.0


class Preview(Strict):
    """How a preview looks, whatever it is a preview of."""

    styles: list[PreviewStyle] = Field(min_length=1, max_length=MOST_STYLES)
    strength: float = Field(
        1.0, ge=0, le=1, description="0 paints the photograph in its own style, 1 in the paintings'."
    )

    @field_validator("styles")
    @classmethod
    def _at_least_one_weighs(cls, styles: list[PreviewStyle]) -> list[PreviewStyle]:
        if not any(style.weight for style in styles):
            raise PydanticCustomError("no_weight", "at least one style needs a weight above 0")
        return styles


class PreviewSpec(Preview):
    """A photograph, and how it is to be painted. Pictures are ids of stored images."""

    content: str
    size: int = Field(512, ge=32, le=MOST_SIZE, description="Long side of the preview, in pixels.")
    format: Literal["jpeg", "png"] = "jpeg"


class SheetSpec(Strict):
    """A photograph that is to be seen in all the styles that the network knows by heart."""

    content: str
    size: int = Field(256, ge=32, le=384, description="Long side of each picture, in pixels.")


class Previews:
    """Every method may be called from any thread, and waits, but `live_frame`.

    At most one preview of a visitor is painted and one waits: of those asked for meanwhile the newest, the
    others are refused (`superseded`).
    """

    def __init__(
        self, pictures: Pictures, load: Callable[[], Networks] = tensorflow_networks, at_once: int = 1
    ) -> None:
        """`at_once`: how many the networks are asked for at a time; more than one only if they are remote."""
        self._pictures = pictures
        self._load = load
        self._turns = Turns("previews", MOST_WAITING, at_once)
        # Below: touched by the threads of the turns alone.
        self._networks: Networks | None = None
        self._multistyle: Multistyle | None = None
        self._vectors: _Kept[Vector] = _Kept("style_vectors", _VECTORS)
        self._photographs: _Kept[Pixels] = _Kept("photographs", _PHOTOGRAPHS)

    def start(self, may_warm: Callable[[], bool] | None = None) -> None:
        """With `may_warm`, load the networks as soon as it says so, instead of with the first preview."""

        def warm(work_within: Callable[[float], bool]) -> None:
            while may_warm is not None and not self._turns.is_closing:
                if work_within(0.25):
                    return
                if may_warm():
                    warm_up(self._loaded())
                    return

        self._turns.start(warm)

    def close(self) -> None:
        """Stop within a second, and whatever still goes on when the process ends."""
        for busy in self._turns.close(_CLOSE_SECONDS):
            atexit.register(leave_behind, busy)

    def paint(self, owner: str, spec: PreviewSpec) -> bytes:
        """The preview, encoded.

        Raises:
            Refusal: not_found, superseded, queue_full; weights_missing or weights_damaged.
        """
        photograph = _Photograph(self._pictures, owner, spec.content, spec.size)
        styles = self._known_styles(owner, spec)

        def work() -> Pixels:
            return self._painted(
                self._pixels(photograph),
                styles,
                spec,
                lambda: self._vector(photograph.key, photograph.thumbnail),
            )

        painted = _waited(self._turns.ask(owner, work))
        return (
            images.encode_png(painted, quick=True)
            if spec.format == "png"
            else images.encode_jpeg(painted, 85)
        )

    def sheet(self, owner: str, spec: SheetSpec) -> bytes:
        """The photograph in every style known by heart: one JPEG, the styles one below the other, in order.

        Raises:
            Refusal: as from `paint`.
        """
        photograph = _Photograph(self._pictures, owner, spec.content, spec.size)

        def work() -> np.ndarray:
            self._loaded()
            assert self._networks is not None
            if self._multistyle is None:
                self._multistyle = self._networks.multistyle()
            return self._multistyle.sheet(self._pixels(photograph), spec.size)

        sheet = _waited(self._turns.ask((owner, "sheet"), work))
        return images.encode_jpeg(sheet.reshape(-1, *sheet.shape[2:]), 85)

    def view(self, owner: str, look: Preview) -> "View":
        """How a camera is to be painted. Raises `Refusal("not_found")`."""
        return View(look, self._known_styles(owner, look))

    def live_frame(self, who: Hashable, frame: Pixels, view: "View") -> "Future[Pixels]":
        """A frame of a camera, painted; does not wait. Raises and is refused as `paint`."""

        def work() -> Pixels:
            def own() -> Vector:
                if monotonic() - view.own_since > OWN_SECONDS:
                    view.own, view.own_since = self._loaded().vector(frame), monotonic()
                return view.own

            return self._painted(frame, view.styles, view.look, own)

        return self._turns.ask(who, work)

    # Below: in the thread of the turns

    def _loaded(self) -> Stylizer:
        if self._networks is None:
            self._networks = self._load()
        return self._networks.stylizer

    def _painted(
        self, photograph: Pixels, styles: Sequence["_Style"], look: Preview, own: Callable[[], Vector]
    ) -> Pixels:
        stylizer = self._loaded()
        vectors = [self._vector(style.key, style.thumbnail) for style in styles]
        vector = mixed(
            vectors,
            [style.weight for style in styles],
            own=own() if look.strength < 1 else None,
            strength=look.strength,
        )
        return stylizer.paint(photograph, vector)

    def _vector(self, key: str, thumbnail: Callable[[], bytes]) -> Vector:
        """The style of a stored picture; its thumbnail has more pixels than the predictor looks at."""
        return self._vectors.get(key, lambda: self._loaded().vector(images.load(io.BytesIO(thumbnail()))))

    def _pixels(self, photograph: "_Photograph") -> Pixels:
        return self._photographs.get((photograph.key, photograph.size), photograph.load)

    def _known_styles(self, owner: str, look: Preview) -> list["_Style"]:
        return [
            _Style(self._pictures, owner, style.image, style.weight, f"styles.{index}.image")
            for index, style in enumerate(look.styles)
        ]


class View:
    """How a camera is painted; the style of what it sees is looked at now and then."""

    def __init__(self, look: Preview, styles: Sequence["_Style"]) -> None:
        self.look = look
        self.styles = styles
        self.own: Vector = np.empty(0)
        self.own_since = float("-inf")


class _Style:
    """A painting of a blend. Raises `Refusal("not_found")`."""

    def __init__(self, pictures: Pictures, owner: str, image_id: str, weight: float, field: str) -> None:
        self.key = pictures.key(owner, image_id, field)  # one for all who use a sample
        self.weight = weight
        self.thumbnail: Callable[[], bytes] = lambda: pictures.thumbnail(owner, image_id)


class _Photograph:
    """A photograph at the size of a preview. Raises `Refusal("not_found")`."""

    def __init__(self, pictures: Pictures, owner: str, image_id: str, size: int) -> None:
        known = pictures.known(owner, image_id, "content")
        self.key = pictures.key(owner, image_id, "content")
        self.size = images.fitted(known.width, known.height, size)
        self.thumbnail: Callable[[], bytes] = lambda: pictures.thumbnail(owner, image_id)
        self._file: Callable[[], Path] = lambda: pictures.file(owner, image_id, "content")

    def load(self) -> Pixels:
        """From the thumbnail where it is as large: that is read thirty times as fast as the picture."""
        if max(self.size) <= THUMBNAIL_SIDE:
            pixels = images.load(io.BytesIO(self.thumbnail()))
        else:
            pixels = images.load(self._file())
        return pixels if pixels.shape[1::-1] == self.size else images.resize(pixels, self.size)


class _Kept(Generic[V]):
    """What was made last, by what it was made of."""

    def __init__(self, name: str, most: int) -> None:
        self._name = name
        self._most = most
        self._values: OrderedDict[Hashable, V] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], V]) -> V:
        with self._lock:
            known = key in self._values
            if known:
                self._values.move_to_end(key)
                value = self._values[key]
        metrics.looked_up(self._name, known=known)
        if not known:
            value = make()
            with self._lock:
                self._values[key] = value
                if len(self._values) > self._most:
                    self._values.popitem(last=False)
        return value


def _waited(future: "Future[V]") -> V:
    try:
        return future.result(PATIENCE)
    except TookTooLong:
        future.cancel()
        raise Refusal("queue_full", "The preview took too long. Try again in a few seconds.") from None
