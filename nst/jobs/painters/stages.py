"""Which moments of a run are kept as small pictures: a filmstrip, however long the run."""

from collections.abc import Sequence
from math import ceil

from nst.jobs.models import Stage

SIDE = 512  # pixels, at most
MOST = 24
_SPREAD = 16  # evenly over the run; the first step and the ends of scales come on top


def is_due(step: int, steps: int) -> bool:
    """Whether this is the first step, or one of those that are spread evenly over the run."""
    return step == 1 or step % ceil(steps / _SPREAD) == 0


def thinned(stages: Sequence[Stage]) -> list[Stage]:
    """At most `MOST` of these, by dropping every second one as often as needed.

    The first, the newest, and the last one of every scale stay.
    """
    kept = sorted(stages, key=lambda stage: stage.step)
    while len(kept) > MOST and (between := _between(kept)):
        dropped = {stage.step for stage in between[::2]}
        kept = [stage for stage in kept if stage.step not in dropped]
    return kept


def _between(stages: Sequence[Stage]) -> list[Stage]:
    """Those that may be dropped, of stages in order."""
    last_of_scale = {stage.scale: stage for stage in stages}
    return [stage for stage in stages[1:] if stage is not last_of_scale[stage.scale]]
