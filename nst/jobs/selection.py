"""Suggested regions of stored pictures: what clicks select is stored like an upload, as a grey picture."""

import io
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from nst import images
from nst.errors import Refusal
from nst.jobs import metrics
from nst.jobs.models import StoredImage
from nst.jobs.studio import Studio

if TYPE_CHECKING:  # it brings OpenCV and SciPy, which only who selects should wait for
    from nst.selection import Analysis
    from nst.selection.border import Pixels

CACHE_BYTES = 160 * 2**20
_ANSWERS = 1024  # remembered, so that going back and forth stores nothing new


@dataclass(frozen=True)
class Place:
    """A click, as in `nst.selection.Click`: shares of width and height, to add or to remove, at a level."""

    x: float
    y: float
    add: bool = True
    level: float | None = None


@dataclass(frozen=True)
class Selected:
    """A stored mask, its share of the picture, and the levels (areas, growing) it was chosen from."""

    mask: StoredImage
    area: float
    level: float
    levels: tuple[float, ...]


@dataclass(frozen=True)
class Proposed:
    """A stored mask that is offered: its name (subject, background or sky) and share of the picture."""

    name: str
    mask: StoredImage
    area: float


class Selections:
    """Selections in the pictures of one studio. Every method may be called from any thread, and waits."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._analyses = _Analyses()
        self._lock = Lock()
        self._answers: OrderedDict[tuple[object, ...], Selected | list[Proposed]] = OrderedDict()

    def select(
        self, owner: str, image_id: str, places: Sequence[Place], level: float | None = None
    ) -> Selected:
        """What the clicks select; `level` is the last one's.

        Raises:
            Refusal: not_found; no_click or too_many_clicks.
        """
        path = self._studio.image_file(owner, image_id)
        key = (owner, image_id, *places, level)
        known = self._known(key)
        if isinstance(known, Selected) and self._are_there(owner, known.mask):
            return known
        from nst.selection import Click

        clicks = [Click(place.x, place.y, place.add, place.level) for place in places]
        made = self._analyses.of(path).select(clicks, level)
        selected = Selected(self._store(owner, made.mask), made.area, made.level, made.levels)
        self._remember(key, selected)
        return selected

    def proposals(self, owner: str, image_id: str) -> list[Proposed]:
        """Subject, background and sky, as far as they are credible in this picture.

        Raises:
            Refusal: not_found.
        """
        path = self._studio.image_file(owner, image_id)
        key = (owner, image_id)
        known = self._known(key)
        if isinstance(known, list) and self._are_there(owner, *(one.mask for one in known)):
            return known
        from nst.selection import proposals

        made = proposals(self._analyses.of(path))
        proposed = [Proposed(one.name, self._store(owner, one.mask), one.area) for one in made]
        self._remember(key, proposed)
        return proposed

    def _store(self, owner: str, mask: "Pixels") -> StoredImage:
        return self._studio.add_image(owner, io.BytesIO(images.encode_png(mask, quick=True)), passing=True)[0]

    def _are_there(self, owner: str, *masks: StoredImage) -> bool:
        """Whether all of them still are: their owner may have deleted some, or the sweep."""
        try:
            for mask in masks:
                self._studio.image(owner, mask.id)
        except Refusal:
            return False
        return True

    def _known(self, key: tuple[object, ...]) -> Selected | list[Proposed] | None:
        with self._lock:
            known = self._answers.get(key)
            if known is not None:
                self._answers.move_to_end(key)
        metrics.looked_up("selections", known=known is not None)
        return known

    def _remember(self, key: tuple[object, ...], answer: Selected | list[Proposed]) -> None:
        with self._lock:
            self._answers[key] = answer
            while len(self._answers) > _ANSWERS:
                self._answers.popitem(last=False)


class _Analyses:
    """Pictures taken apart, the last used ones within `CACHE_BYTES`; each is taken apart once."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: OrderedDict[Path, Analysis] = OrderedDict()
        self._in_work: dict[Path, Lock] = {}

    def of(self, path: Path) -> "Analysis":
        with self._lock:
            turn = self._in_work.setdefault(path, Lock())
        with turn:
            known = self._get(path)
            if known is not None:
                return known
            from nst.selection import analyse

            analysis = analyse(images.load(path))
            self._keep(path, analysis)
            return analysis

    def _get(self, path: Path) -> "Analysis | None":
        with self._lock:
            known = self._kept.get(path)
            if known is not None:
                self._kept.move_to_end(path)
        metrics.looked_up("analyses", known=known is not None)
        return known

    def _keep(self, path: Path, analysis: "Analysis") -> None:
        with self._lock:
            self._in_work.pop(path, None)
            self._kept[path] = analysis
            while len(self._kept) > 1 and sum(one.nbytes for one in self._kept.values()) > CACHE_BYTES:
                self._kept.popitem(last=False)
