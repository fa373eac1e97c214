"""How long a run still takes, learnt from the steps that it has taken."""

from collections import deque
from collections.abc import Sequence
from statistics import median

from nst.engine.schedule import Scale


class Pace:
    """A run's clock. A step costs in proportion to its pixels and a constant, a new scale two steps more.

    The constant, in pixels, is what a step costs on a picture of none: measured on two cores, where steps of
    64, 128 and 256 pixels took 18, 37 and 110 ms. On faster machines it is larger, which matters little:
    once the finest scale has begun, only steps of its own kind are left.
    """

    CONSTANT = 6300
    NEW_SCALE = 2  # the starting picture's gradient, and the targets
    MEMORY = 15  # steps

    def __init__(self, schedule: Sequence[Scale], aspect: float) -> None:
        """`aspect` is the short side over the long side."""
        self._schedule = schedule
        self._costs = [scale.size**2 * aspect + self.CONSTANT for scale in schedule]
        self._laps: deque[float] = deque(maxlen=self.MEMORY)
        self._second_per_cost: float | None = None
        self._place: int | None = None
        self._before = 0.0

    def left(self, place: int, taken: int, seconds: float) -> float | None:
        """Seconds left after step `taken` of scale `place`, `seconds` into the run; None while unknown."""
        if place == self._place:
            self._laps.append(seconds - self._before)
            self._second_per_cost = median(self._laps) / self._costs[place]
        else:  # this lap was longer by what the new scale took to begin
            self._laps.clear()
        self._place, self._before = place, seconds
        if self._second_per_cost is None:
            return None
        work = (self._schedule[place].steps - taken) * self._costs[place]
        for scale, cost in list(zip(self._schedule, self._costs, strict=True))[place + 1 :]:
            work += (scale.steps + self.NEW_SCALE) * cost
        return work * self._second_per_cost
