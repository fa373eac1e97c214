"""`python -m nst stylize --server URL`: the same painting, painted by a studio elsewhere."""

import io
import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nst import images
from nst.arguments import FAILED, INTERRUPTED, complain
from nst.frames import Frames
from nst.images import Pixels
from nst.options import Options
from nst.remote_studio import RemoteStudio, Trouble

FRAME_SIDE = 768  # pixels of the long side, at most, as studios send them while they paint


@dataclass(frozen=True)
class Order:
    """What is to be painted. `masks` are none, one, or one a style, (H, W) uint8."""

    content: Path
    styles: Sequence[Path]
    options: Options
    blend: Sequence[float]
    masks: Sequence[Pixels]
    init: Path | None


@dataclass(frozen=True)
class Step:
    """A step, as the studio's event tells it."""

    index: int
    steps: int
    scale: int
    width: int
    height: int
    seconds: float
    seconds_left: float | None
    losses: dict[str, float]

    @classmethod
    def of(cls, data: dict[str, Any]) -> "Step":
        return cls(data["step"], **{name: data[name] for name in cls.__dataclass_fields__ if name != "index"})


def paint(
    server: str,
    token: str | None,
    order: Order,
    output: Path,
    show: Callable[[Step], None],
    frames: Frames | None = None,
) -> int:
    """Have it painted, and write the result; the exit status. Ctrl-C stops the painting and keeps it.

    `frames` are given the pictures that the studio shows on the way: a few a second, long side at most
    `FRAME_SIDE`. The last one is the result, at that size.

    Without a token, what was sent and painted is deleted there in the end: nobody could see it any more. A
    painting that cannot be had now stays, and the complaint says how to have it later.

    Raises:
        Refusal: about a flag or a file that the studio does not take.
    """
    studio = RemoteStudio(server, token)
    try:
        return _painted(studio, order, output, _Watch(studio, show, frames))
    except Trouble as trouble:
        is_gone = trouble.code == "not_found"  # somebody deleted it
        complain(f"{server}: {trouble}" if is_gone else f"{server}: {trouble}{studio.left_there(output)}")
        return FAILED
    finally:
        if not studio.has_token:
            studio.tidy()


def _painted(studio: RemoteStudio, order: Order, output: Path, watch: "_Watch") -> int:
    spec, key = _spec(studio, order), secrets.token_hex(16)
    stopped = False

    def start() -> str:
        return str(studio.change("/jobs", spec, {"Idempotency-Key": key})["id"])

    try:
        job = start()
        watch.follow(job)
    except KeyboardInterrupt:
        stopped = True
        job = start()  # with its key it is the same one, also where the first answer was not heard
        try:
            studio.change(f"/jobs/{job}/cancel")
        except Trouble as trouble:
            if trouble.code != "already_finished":  # in this moment
                raise
        watch.follow(job)
    told = studio.told(f"/jobs/{job}")
    if told["result"] is None:
        if stopped:
            raise KeyboardInterrupt
        complain(told["error"] or "The painting was stopped before there was a picture of it.")
        return FAILED
    result = studio.fetched(f"/jobs/{job}/result.png")
    picture = _pixels(result)
    try:
        images.write(output, result)
    except OSError as error:
        raise Trouble(f"{output}: {error.strerror or error}.") from error
    if told["state"] == "failed":
        complain(f"{told['error']} The picture so far is in {output}.")
        return FAILED
    if told["state"] == "cancelled":
        complain(f"stopped at step {told['step']} of {told['steps']}; the picture so far is in {output}")
        return INTERRUPTED
    watch.end(told["steps"], picture)
    return 0


def _spec(studio: RemoteStudio, order: Order) -> dict[str, Any]:
    """What is asked of the studio, once it has the pictures."""
    content = studio.keep(order.content.read_bytes(), "CONTENT")
    styles = [studio.keep(path.read_bytes(), "STYLE") for path in order.styles]
    masks = [studio.keep(images.encode_png(mask), "--mask") for mask in order.masks]
    largest = max(order.blend)
    spec: dict[str, Any] = {
        "content": content,
        "styles": [
            {"image": style, "weight": weight / largest}
            for style, weight in zip(styles, order.blend, strict=True)
        ],
        "options": order.options.model_dump(mode="json"),
    }
    if len(masks) == 1:
        spec["mask"] = masks[0]
    elif masks:
        spec["regions"] = [{"mask": mask, "style": style} for style, mask in enumerate(masks)]
    if order.init is not None:
        spec["init"] = studio.keep(order.init.read_bytes(), "--init")
    return spec


class _Watch:
    """What is seen of a painting while it is painted: every step, and some of its pictures."""

    def __init__(self, studio: RemoteStudio, show: Callable[[Step], None], frames: Frames | None) -> None:
        self._studio = studio
        self._show = show
        self._frames = frames

    def follow(self, job: str) -> None:
        """Until it is finished, one way or another."""
        step = 0
        for kind, data in self._studio.events(f"/jobs/{job}/events"):
            if kind == "step":
                step = data["step"]
                self._show(Step.of(data))
            elif kind == "preview" and self._frames is not None and self._frames.is_due(step):
                self._keep(self._frames, f"/jobs/{job}/preview.jpg?seq={data['seq']}", step)

    def end(self, steps: int, result: Pixels) -> None:
        """Keep the last picture."""

        def small() -> Pixels:
            height, width = result.shape[:2]
            size = images.fitted(width, height, min(max(width, height), FRAME_SIDE))
            return images.resize(result, size)

        if self._frames is not None:
            self._frames.save(steps, small)

    def _keep(self, frames: Frames, path: str, step: int) -> None:
        """Keep the newest picture, which may be of a later step than the one heard of: it knows."""
        with suppress(Trouble):  # one that cannot be had is no reason to stop
            data = self._studio.fetched(path)
            pixels = _pixels(data)
            told = images.jpeg_comment(data)
            frames.save(int(told) if told.isdecimal() and len(told) < 7 else step, lambda: pixels)


def _pixels(data: bytes) -> Pixels:
    try:
        return images.load(io.BytesIO(data))
    except Exception as error:  # Pillow's parsers raise a dozen kinds
        raise Trouble("What it sent is not a picture.") from error
