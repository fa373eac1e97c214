"""How well a click or two select what a person would call one thing, and how long that takes.

The protocol. The first click is at the innermost point of the hand-drawn mask. After it a person may do
one thing more: move the slider to where the selection fits best, or click once more, at the innermost point
of the largest error, adding or removing as the error needs. Levels are automatic unless the slider moves.
"""

import time
from dataclasses import dataclass
from statistics import median

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from bench.outlines import OUTLINES, Outline
from nst.selection import Analysis, Click, Selection, analyse

TIMED_SIDES = (1024, 4000)


@dataclass(frozen=True)
class Score:
    """Intersection over union after one click, with the slider moved then, or with a second click instead."""

    click: float
    slider: float
    second: float

    @property
    def best(self) -> float:
        return max(self.slider, self.second)


def report(console: Console) -> None:
    """Prints the table of scores, and the one of times."""
    scores = [measured(outline) for outline in OUTLINES]
    table = Table(title="Selection: intersection over union with hand-drawn masks")
    table.add_column("thing")
    for column in ("click", "+ slider", "+ click", "better"):
        table.add_column(column, justify="right")
    for outline, score in zip(OUTLINES, scores, strict=True):
        cells = (score.click, score.slider, score.second, score.best)
        table.add_row(outline.thing, *(f"{cell:.2f}" for cell in cells))
    columns = zip(*((s.click, s.slider, s.second, s.best) for s in scores), strict=True)
    table.add_row("mean", *(f"{np.mean(column):.3f}" for column in columns))
    console.print(table)
    for side in TIMED_SIDES:
        console.print(_times(side))


def measured(outline: Outline) -> Score:
    """The protocol for one thing."""
    wanted = outline.mask()
    analysis = analyse(outline.photograph())
    first = _click(wanted, add=True)
    chosen = analysis.select([first])
    slider = max(
        iou(analysis.select([first], rung / (len(chosen.levels) - 1)), wanted)
        for rung in range(len(chosen.levels))
    )
    second = _click_on_error(chosen, wanted)
    return Score(iou(chosen, wanted), slider, iou(analysis.select([first, second]), wanted))


def iou(selection: Selection, wanted: NDArray[np.bool_]) -> float:
    selected = selection.mask >= 128
    return float((selected & wanted).sum() / (selected | wanted).sum())


def _click_on_error(chosen: Selection, wanted: NDArray[np.bool_]) -> Click:
    wrong = ((chosen.mask >= 128) != wanted).astype(np.uint8)
    _, parts, stats, _ = cv2.connectedComponentsWithStats(wrong)
    largest = parts == 1 + np.argmax(stats[1:, cv2.CC_STAT_AREA])
    return _click(largest, add=bool(wanted[largest][0]))


def _click(place: NDArray[np.bool_], add: bool) -> Click:
    """At the point of `place` that is farthest from its border; the picture's rim is one."""
    depth = cv2.distanceTransform(np.pad(place, 1).astype(np.uint8), cv2.DIST_L2, 5)[1:-1, 1:-1]
    y, x = np.unravel_index(np.argmax(depth), depth.shape)
    return Click((float(x) + 0.5) / place.shape[1], (float(y) + 0.5) / place.shape[0], add)


def _times(side: int) -> Table:
    table = Table(title=f"Selection: seconds, on {side} pixels")
    table.add_column("photograph")
    for column in ("first click", "second click", "slider"):
        table.add_column(column, justify="right")
    for outline in OUTLINES:
        pixels, wanted = outline.photograph(), outline.mask()
        scale = side / max(wanted.shape)
        large = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
        runs = [_timed(np.asarray(large, np.uint8), wanted) for _ in range(3)]
        table.add_row(outline.file, *(f"{median(column):.3f}" for column in zip(*runs, strict=True)))
    return table


def _timed(pixels: NDArray[np.uint8], wanted: NDArray[np.bool_]) -> tuple[float, float, float]:
    first = _click(wanted, add=True)
    started = time.perf_counter()
    analysis: Analysis = analyse(pixels)
    analysis.select([first])
    analysed = time.perf_counter()
    analysis.select([first, _click(~wanted, add=False)])
    again = time.perf_counter()
    analysis.select([first], 0.5)
    return analysed - started, again - analysed, time.perf_counter() - again
