"""How fast this machine paints, learnt from every run: so a painting's time can be told before it begins."""

import json
import logging
import os
import platform
from collections import defaultdict
from itertools import pairwise
from math import log2
from statistics import median
from typing import Any

from nst import images, schedule
from nst.jobs.filing.files import Files
from nst.jobs.painters.engine import Step
from nst.options import Options
from nst.pace import NEW_SCALE, UNSTEADY, cost

TRIAL = Options(size=256, steps=18)  # painted once, where nothing is known yet: two or three seconds
KEY = "speed.json"
_PER_DOUBLING = 4  # rates that are kept apart: between them the cost is near enough
_NEWEST = 0.5  # what a run counts for over all those before it

Shape = tuple[int, int]  # width, height
Rates = dict[str, dict[int, float]]  # by kind of run and size

log = logging.getLogger(__name__)


class Laps:
    """The seconds of each step of a run, by the size of its picture."""

    def __init__(self) -> None:
        self._laps: dict[Shape, list[float]] = defaultdict(list)
        self._before: Step | None = None
        self._taken = 0  # at this scale, since the last rest

    def add(self, step: Step) -> float | None:
        """Seconds since the step before it; none for the first one, and after a rest."""
        before, self._before = self._before, step
        if before is None or before.scale != step.scale:
            self._taken = 0
        self._taken += 1
        if before is None:
            return None
        seconds = step.seconds - before.seconds
        if self._taken > UNSTEADY:
            self._laps[step.width, step.height].append(seconds)
        return seconds

    def rest(self) -> None:
        """The run rested, or was turned: what comes next is no measure of its speed."""
        self._before = None

    @property
    def typical(self) -> dict[Shape, float]:
        """Seconds of a step, by width and height."""
        found = {shape: median(laps) for shape, laps in self._laps.items()}
        return {shape: seconds for shape, seconds in found.items() if seconds > 0}


class Speed:
    """Seconds for what a step costs, for each kind of run, at sizes that were painted. On disk, small.

    One thread learns, many may ask. What another machine learnt is not used.
    """

    def __init__(self, files: Files, key: str = KEY) -> None:
        self._files = files
        self._key = key
        self._machine = f"{platform.node()} {platform.machine()} {os.cpu_count()}"
        self._rates = self._read()

    def knows(self, options: Options) -> bool:
        return bool(self._rates.get(_kind(options)))

    def learn(self, options: Options, laps: Laps) -> None:
        """Take up how fast a run was. A disk that is full costs the memory of it, not the run."""
        rates = dict(self._rates.get(_kind(options), {}))
        for (width, height), seconds in laps.typical.items():
            place, rate = _place(width * height), seconds / _cost(width, height)
            rates[place] = rate if place not in rates else rates[place] + _NEWEST * (rate - rates[place])
        if not rates:
            return
        self._rates = {**self._rates, _kind(options): dict(sorted(rates.items()))}
        try:
            kept = {"machine": self._machine, "rates": self._rates}
            self._files.write(self._key, json.dumps(kept).encode())
        except OSError:
            log.warning("the speed of this machine cannot be kept", exc_info=True)

    def expected(self, width: int, height: int, options: Options) -> float | None:
        """Seconds to paint a photograph of this size; none where no such run was seen yet."""
        return expected(self._rates, width, height, options)

    @property
    def rates(self) -> Rates:
        return self._rates

    def _read(self) -> Rates:
        try:
            kept = json.loads(self._files.read(self._key) or "{}")
            if kept.get("machine") != self._machine:
                return {}
            return rates_of(kept["rates"])
        except (AttributeError, KeyError, OSError, TypeError, ValueError):
            log.warning("what was known of this machine's speed cannot be read; it is measured anew")
            return {}


def expected(known: Rates, width: int, height: int, options: Options) -> float | None:
    """As `Speed.expected`, by rates that may be another machine's."""
    rates = known.get(_kind(options))
    if not rates:
        return None
    sizes = schedule.sizes(options.size, options.steps)
    ends = [0, *schedule.ends(len(sizes), options.steps)]
    total = 0.0
    for size, (before, after) in zip(sizes, pairwise(ends), strict=True):
        across, down = images.fitted(width, height, size)
        total += (after - before + NEW_SCALE) * _cost(across, down) * _rate(rates, across * down)
    return total


def rates_of(kept: Any) -> Rates:
    """From JSON, whose keys are texts. Anything else is an `AttributeError`, `TypeError` or `ValueError`."""
    return {
        str(kind): {int(place): float(rate) for place, rate in rates.items()} for kind, rates in kept.items()
    }


def _kind(options: Options) -> str:
    """Runs of one kind take the same time at the same size."""
    return f"{options.optimizer} {options.style_loss} {options.precision}"


def _cost(width: int, height: int) -> float:
    return cost(max(width, height), min(width, height))


def _place(pixels: float) -> int:
    return round(_PER_DOUBLING * log2(pixels))


def _rate(rates: dict[int, float], pixels: float) -> float:
    """Between two sizes that were painted, something between; beyond them, as at the nearest."""
    place = _PER_DOUBLING * log2(pixels)
    below = [known for known in rates if known <= place]
    above = [known for known in rates if known > place]
    if not below or not above:
        return rates[max(below) if below else min(above)]
    low, high = max(below), min(above)
    return rates[low] + (rates[high] - rates[low]) * (place - low) / (high - low)
