from itertools import pairwise

import pytest

from nst.jobs.models import Stage
from nst.jobs.painters.stages import MOST, is_due, thinned


def kept_of(steps: int, scale_of) -> list[Stage]:
    """What a run of so many steps keeps, told step by step as a painter is."""
    kept: list[Stage] = []
    for step in range(1, steps + 1):
        is_end = step == steps or scale_of(step + 1) != scale_of(step)
        if is_end or is_due(step, steps):
            kept = thinned([*kept, Stage(step=step, scale=scale_of(step))])
            assert len(kept) <= MOST
    return kept


@pytest.mark.parametrize("steps", [1, 2, 16, 50, 300, 301, 10_000])
def test_a_run_of_any_length_has_few_stages_spread_over_it(steps: int) -> None:
    kept = [stage.step for stage in kept_of(steps, lambda step: min(3, 4 * step // (steps + 1)))]
    assert (kept[0], kept[-1]) == (1, steps)
    assert kept == sorted(set(kept))
    assert min(steps, 10) <= len(kept) <= MOST
    widest = max((later - earlier for earlier, later in pairwise(kept)), default=0)
    assert widest <= max(1, steps / 8)


def test_a_run_that_grows_is_thinned_but_keeps_its_ends() -> None:
    crowd = [Stage(step=step, scale=step // 20) for step in range(1, 80)]
    kept = [stage.step for stage in thinned(crowd)]
    assert len(kept) <= MOST
    assert {1, 19, 39, 59, 79} <= set(kept)
    assert all(any(step // 10 == tens for step in kept) for tens in range(8))


def test_few_stages_are_all_kept_in_order() -> None:
    few = [Stage(step=step, scale=0) for step in (9, 1, 5)]
    assert [stage.step for stage in thinned(few)] == [1, 5, 9]


def test_ends_alone_are_never_dropped() -> None:
    ends = [Stage(step=step, scale=step) for step in range(1, MOST + 10)]
    assert thinned(ends) == ends
