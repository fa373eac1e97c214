"""What can be selected in a picture, and what a series of clicks selects."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from threading import Lock

import cv2
import numpy as np
from numpy.typing import NDArray

from nst.errors import Refusal
from nst.selection.border import Pixels, Point, cut, soften
from nst.selection.contour import Contour, Sets
from nst.selection.hierarchy import Hierarchy
from nst.selection.regions import Regions, regions
from nst.selection.walk import arrival

MOST_CLICKS = 64
_REGIONS_SIDE = 480  # pixels: superpixels are found on a copy no longer than this
MASK_SIDE = 1600  # pixels: a mask, and what its border is fitted to, is no longer than this
_GROWTH = 1.15  # of the area, from one level to the next, at least
_REMEMBERED = 128  # series of clicks


@dataclass(frozen=True)
class Click:
    """A place in the picture (0..1 from left and from top) to take in or leave out.

    `level`, 0..1, is how much of what is there; None is what looks most like one thing.
    """

    x: float
    y: float
    add: bool = True
    level: float | None = None


@dataclass(frozen=True, eq=False)
class Selection:
    """`mask` (H, W) uint8, 255 selected; `area` its share of the picture, above 0.

    It is as large as the picture, and of a larger one than `MASK_SIDE` as large as that: its soft border is
    a few pixels wide there, and a click is answered five times sooner than at 4000.

    `levels` are the areas between which the last click can choose, growing; `level`, 0..1, is where among
    them this selection is.
    """

    mask: Pixels
    area: float
    level: float
    levels: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class Ladder:
    """Nested sets (n, N) of superpixels that a click can mean, growing, and which of them looks best."""

    sets: Sets
    best: int

    def rung(self, level: float | None) -> int:
        return self.best if level is None else round(level * (len(self.sets) - 1))

    def level(self, rung: int) -> float:
        return rung / max(1, len(self.sets) - 1)


class Analysis:
    """One picture, taken apart. Safe to use from several threads."""

    def __init__(self, pixels: Pixels) -> None:
        self.guide = _shrunk(pixels, MASK_SIDE)
        self.small = _shrunk(pixels, _REGIONS_SIDE)
        self.regions: Regions = regions(self.small)
        self.contour = Contour(self.regions)
        self._ladders: dict[tuple[Click, ...], Ladder] = {}
        self._lock = Lock()

    @property
    def nbytes(self) -> int:
        """About how much memory this takes."""
        ladders = _REMEMBERED * 24 * self.regions.count
        return self.guide.nbytes + self.small.nbytes + self.regions.labels.nbytes + ladders + 2**20

    def select(self, clicks: Sequence[Click], level: float | None = None) -> Selection:
        """What the clicks select, one after another; `level` is the last one's, above its own.

        Adding never takes away, and removing never adds; what was clicked to be added stays.

        Raises:
            Refusal: no_click without clicks, or when the first one removes; too_many_clicks.
        """
        if not clicks or not clicks[0].add:
            raise Refusal(
                "no_click", "Click on what is to be selected first; then take parts away.", "clicks"
            )
        if len(clicks) > MOST_CLICKS:
            raise Refusal(
                "too_many_clicks", f"That is more than {MOST_CLICKS} clicks. Start a new selection.", "clicks"
            )
        ladder = self._ladder(tuple(clicks))
        rung = ladder.rung(clicks[-1].level if level is None else level)
        mask = self.mask(ladder.sets[rung], tuple(Point(c.x, c.y, c.add) for c in clicks))
        levels = tuple(self.regions.share(members) for members in ladder.sets)
        return Selection(mask, _area(mask), ladder.level(rung), levels)

    def mask(self, members: NDArray[np.bool_], points: tuple[Point, ...] = ()) -> Pixels:
        """A set (N,) of superpixels as a mask, never black all over."""
        rough = members[self.regions.labels]
        mask = soften(self.guide, cut(self.small, rough, points))
        if mask.max() < 128:  # a spot smaller than the filter's window
            whole = np.where(rough, np.uint8(255), np.uint8(0))
            size = self.guide.shape[1::-1]
            mask = np.asarray(cv2.resize(whole, size, interpolation=cv2.INTER_NEAREST_EXACT), np.uint8)
        return mask

    def candidates(self, here: int, barred: NDArray[np.bool_]) -> Sets:
        """Sets (K, N) that may be the thing at superpixel `here`, without what is `barred`."""
        inside = np.zeros_like(barred)
        inside[here] = True
        nearness = arrival(self.regions, self.contour.contrast, here, inside, barred)
        order = np.argsort(-nearness, kind="stable")
        walked = np.zeros((len(order), len(order)), bool)
        walked[:, order] = np.tri(len(order), dtype=bool)
        merged = np.array(self._hierarchy.around(here))
        return np.concatenate([walked, merged]) & ~barred

    @cached_property
    def _hierarchy(self) -> Hierarchy:
        return Hierarchy(self.regions)

    def _ladder(self, clicks: tuple[Click, ...]) -> Ladder:
        # The last click's own level chooses on the ladder, it does not make it.
        last = clicks[-1]
        key = (*clicks[:-1], Click(last.x, last.y, last.add))
        with self._lock:
            known = self._ladders.get(key)
        if known is not None:
            return known
        if len(clicks) == 1:
            before = np.zeros(self.regions.count, bool)
        else:
            earlier = self._ladder(clicks[:-1])
            before = earlier.sets[earlier.rung(clicks[-2].level)]
        ladder = self._made(before, clicks)
        with self._lock:
            while len(self._ladders) >= _REMEMBERED:
                del self._ladders[next(iter(self._ladders))]
            self._ladders[key] = ladder
        return ladder

    def _made(self, before: NDArray[np.bool_], clicks: tuple[Click, ...]) -> Ladder:
        last = clicks[-1]
        here = self.regions.at(last.x, last.y)
        added, removed = np.zeros_like(before), np.zeros_like(before)
        for click in clicks[:-1]:
            (added if click.add else removed)[self.regions.at(click.x, click.y)] = True
        removed[here] = added[here] = False
        sets = self.candidates(here, removed if last.add else added)
        sets = before | sets if last.add else before & ~sets
        if last.add:
            sets[:, here] = True
        else:
            sets |= added & before
        sets = sets[sets.any(1) & (sets != before).any(1)]
        if not len(sets):  # nothing there to take away, or nothing would be left
            return Ladder(before[None], 0)
        return self._nested(sets)

    def _nested(self, sets: Sets) -> Ladder:
        """The best of `sets` in every class of size, each within the next."""
        scores = self.contour.scores(sets)
        areas = sets @ self.regions.area
        best = int(np.argmax(scores))
        rungs = [best]
        for way in (1, -1):
            at = best
            while True:
                ratio = (areas / areas[at]) ** way
                # Within the next step of size and a bit, and containing (or contained in) this one.
                near = (ratio >= _GROWTH) & (ratio < _GROWTH * _GROWTH)
                fits = (sets >= sets[at]).all(1) if way > 0 else (sets <= sets[at]).all(1)
                following = np.flatnonzero(near & fits)
                if not len(following):
                    following = np.flatnonzero(fits & (ratio >= _GROWTH))
                    following = following[np.argsort(ratio[following])][:1]
                if not len(following):
                    break
                at = int(following[np.argmax(scores[following])])
                rungs.append(at) if way > 0 else rungs.insert(0, at)
        return Ladder(sets[rungs], rungs.index(best))


def analyse(pixels: Pixels) -> Analysis:
    """Take (H, W, 3) uint8 sRGB apart, for any number of selections. The slow part."""
    return Analysis(pixels)


def _shrunk(pixels: Pixels, side: int) -> Pixels:
    height, width = pixels.shape[:2]
    scale = side / max(height, width)
    if scale >= 1:
        return pixels
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def _area(mask: Pixels) -> float:
    return float(mask.mean() / 255)
