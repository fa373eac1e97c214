"""How long a run still takes, learnt from the steps that it has taken."""

from collections import deque
from collections.abc import Sequence
from statistics import median


class Pace:
    """A run's clock. A step costs in proportion to its pixels and a constant, a new scale two steps more.

    The constant, in pixels, is what a step costs on a picture of none: measured on two cores, where steps of
    64, 128 and 256 pixels took 18, 37 and 110 ms. On faster machines it is larger, which matters little:
    once the finest scale has begun, only steps of its own kind are left.
    """

    CONSTANT = 6300
    NEW_SCALE = 2  # the starting picture's gradient, and the targets
    MEMORY = 15  # steps

    def __init__(self, sizes: Sequence[int], aspect: float) -> None:
        """`sizes` are the scales' long sides, `aspect` the short side over the long side."""
        self._costs = [size**2 * aspect + self.CONSTANT for size in sizes]
        self._laps: deque[float] = deque(maxlen=self.MEMORY)
        self._second_per_cost: float | None = None
        self._place: int | None = None
        self._before = 0.0

    def left(self, place: int, steps_left: Sequence[int], seconds: float) -> float | None:
        """Seconds left `seconds` into the run, after a step at scale `place`; None while unknown.

        `steps_left` are those of that scale and of each one after it.
        """
        if place == self._place:
            self._laps.append(seconds - self._before)
            self._second_per_cost = median(self._laps) / self._costs[place]
        else:  # this lap was longer by what the new scale took to begin
            self._laps.clear()
        self._place, self._before = place, seconds
        if self._second_per_cost is None:
            return None
        work = steps_left[0] * self._costs[place]
        for steps, cost in zip(steps_left[1:], self._costs[place + 1 :], strict=True):
            work += (steps + self.NEW_SCALE) * cost
        return work * self._second_per_cost
