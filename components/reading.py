"""Reading a painting's event log: what the page knows after each batch of events, and how long is left.

Everything here is pure; `components.feed` fetches the events and sends the page what follows from them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise
from math import ceil

from nst.jobs.models import Event

LOSSES = ("total", "content", "style", "tv")
MOST_POINTS = 500  # of one curve, however long the run
OVERLAP = 40  # points sent again each time, so that a frame the browser dropped leaves no gap


@dataclass(frozen=True)
class Step:
    """Where a run stood after one optimisation step. `seconds` since the run's start; `scale` from 0."""

    step: int
    steps: int
    scale: int
    scales: int
    width: int
    height: int
    seconds: float
    losses: dict[str, float]

    @property
    def scale_steps(self) -> list[float]:
        """About how many steps each scale gets. The engine gives each size 0.6 times the steps of the
        smaller one before; close enough for a guess at the time left."""
        shares = [0.6**scale for scale in range(self.scales)]
        return [self.steps * share / sum(shares) for share in shares]


@dataclass(frozen=True)
class Reading:
    """What is known of one job's log up to event `after`."""

    job: str
    after: int = 0
    last: Step | None = None
    pace: float | None = None  # seconds a step takes at the present scale
    points: tuple[Step, ...] = ()  # of the curves, thinned

    def advanced(self, events: Iterable[Event]) -> "Reading":
        """This reading after more of the log."""
        batch = list(events)
        if not batch:
            return self
        steps = [Step(**event.data) for event in batch if event.kind == "step"]
        seen = [self.last, *steps] if self.last else steps
        return replace(
            self,
            after=batch[-1].seq,
            last=seen[-1] if seen else None,
            pace=_pace(self.pace, seen),
            points=_longer(self.points, steps),
        )

    def points_since(self, before: "Reading") -> tuple[Step, ...]:
        """The curves' points that came after an earlier reading, and a few that it had."""
        return self.points[max(0, len(before.points) - OVERLAP) :]

    @property
    def seconds_left(self) -> float | None:
        """About how long the run still takes; none before a few steps have shown their pace.

        Each scale doubles the side, so its steps are taken to cost four times those of the one before.
        """
        if self.last is None or self.pace is None:
            return None
        left = self.last.steps - self.last.step
        later = self.last.scale_steps[self.last.scale + 1 :]
        here = max(0.0, left - sum(later))
        dearer = sum(count * 4 ** (place + 1) for place, count in enumerate(later))
        return self.pace * (here + dearer)


def _pace(before: float | None, steps: list[Step]) -> float | None:
    """Seconds a step, smoothed, and begun afresh whenever the scale changes."""
    pace = before
    for earlier, later in pairwise(steps):
        took = (later.seconds - earlier.seconds) / max(1, later.step - earlier.step)
        if later.scale != earlier.scale:
            pace = None  # the first step of a scale also pays for preparing it
        elif took > 0:
            pace = took if pace is None else 0.8 * pace + 0.2 * took
    return pace


def _longer(points: tuple[Step, ...], steps: Iterable[Step]) -> tuple[Step, ...]:
    """Curves with more points. Steps that are painted again after an interruption are drawn once."""
    drawn = list(points)
    for step in steps:
        if _is_drawn(step) and (not drawn or step.step > drawn[-1].step):
            drawn.append(step)
    return tuple(drawn)


def _is_drawn(step: Step) -> bool:
    """Whether a step is a point of the curves: the first, the last, and evenly between."""
    stride = ceil(step.steps / MOST_POINTS)
    return step.step in (1, step.steps) or step.step % stride == 0
