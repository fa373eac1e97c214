"""Reading a painting's event log: what the page knows after each batch of events.

Everything here is pure; `components.feed` fetches the events and sends the page what follows from them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
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
    seconds_left: float | None
    losses: dict[str, float]


@dataclass(frozen=True)
class Reading:
    """What is known of one job's log up to event `after`."""

    job: str
    after: int = 0
    last: Step | None = None
    points: tuple[Step, ...] = ()  # of the curves, thinned
    refused: tuple[int, str] | None = None  # the newest change that could not be made: event, and why

    def advanced(self, events: Iterable[Event]) -> "Reading":
        """This reading after more of the log."""
        batch = list(events)
        if not batch:
            return self
        steps = [Step(**event.data) for event in batch if event.kind == "step"]
        refused = [(event.seq, str(event.data["refused"])) for event in batch if "refused" in event.data]
        return replace(
            self,
            after=batch[-1].seq,
            last=steps[-1] if steps else self.last,
            points=_longer(self.points, self.last, steps),
            refused=refused[-1] if refused else self.refused,
        )

    def points_since(self, before: "Reading") -> tuple[Step, ...]:
        """The curves' points that came after an earlier reading, and a few that it had."""
        return self.points[max(0, len(before.points) - OVERLAP) :]


def _longer(points: tuple[Step, ...], last: Step | None, steps: Iterable[Step]) -> tuple[Step, ...]:
    """Curves with more points. Steps that are painted again after an interruption are drawn once."""
    drawn = list(points)
    before = last.step if last else 0
    for step in steps:
        if _is_drawn(step, before) and (not drawn or step.step > drawn[-1].step):
            drawn.append(step)
        before = step.step
    return tuple(drawn)


def _is_drawn(step: Step, before: int) -> bool:
    """Whether a step is a point of the curves: the first, the last, and evenly between.

    Of a finished run the log has gaps: `before` is the number of the step that it has before this one.
    """
    stride = ceil(step.steps / MOST_POINTS)
    return step.step in (1, step.steps) or step.step // stride > before // stride
