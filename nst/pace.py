"""What steps cost, and how long a run still takes, learnt from the steps that it has taken."""

from collections import deque
from collections.abc import Sequence
from statistics import median

from nst import schedule

CONSTANT = 5500  # pixels
NEW_SCALE = 2  # steps: the targets and the first gradient, and in the second step another gradient
UNSTEADY = 2  # steps of a new scale over which that is spread


def cost(long_side: int, short_side: float) -> float:
    """What a step costs: each view of the picture in proportion to its pixels, and a constant.

    The constant, in pixels, is what a view of none costs. From 64 to 512 pixels the seconds of a step divided
    by this differ by a seventh on two cores (18, 51, 145 and 480 ms) and by a fifth on one (26, 80, 248 and
    862 ms). On faster machines it is larger, which matters little: once the finest scale has begun, only
    steps of its own kind are left.
    """
    return sum(long_side * short_side * 0.25**view + CONSTANT for view in range(schedule.views(long_side)))


class Pace:
    """A run's clock."""

    MEMORY = 15  # steps

    def __init__(self, sizes: Sequence[int], aspect: float) -> None:
        """`sizes` are the scales' long sides, `aspect` the short side over the long side."""
        self._costs = [cost(size, size * aspect) for size in sizes]
        self._laps: deque[float] = deque(maxlen=self.MEMORY)
        self._second_per_cost: float | None = None
        self._place: int | None = None
        self._taken = 0  # at this scale
        self._before = 0.0

    def left(self, place: int, steps_left: Sequence[int], seconds: float) -> float | None:
        """Seconds left `seconds` into the run, after a step at scale `place`; None while unknown.

        `steps_left` are those of that scale and of each one after it.
        """
        if place != self._place:
            self._laps.clear()
            self._taken = 0
        self._taken += 1
        if self._taken > UNSTEADY:
            self._laps.append(seconds - self._before)
            self._second_per_cost = median(self._laps) / self._costs[place]
        self._place, self._before = place, seconds
        if self._second_per_cost is None:
            return None
        work = steps_left[0] * self._costs[place]
        for steps, price in zip(steps_left[1:], self._costs[place + 1 :], strict=True):
            work += (steps + NEW_SCALE) * price
        return work * self._second_per_cost
