"""The estimate of the time left, on runs whose true times are known."""

import pytest

from nst.engine.pace import Pace
from nst.engine.schedule import scales


def simulated(size, steps, aspect=0.75, per_pixel=1e-6, constant=Pace.CONSTANT):
    """(place, taken, seconds) after each step of a run, and its length."""
    seconds, rows = 0.0, []
    for place, scale in enumerate(scales(size, steps)):
        cost = per_pixel * (scale.size**2 * aspect + constant)
        seconds += Pace.NEW_SCALE * cost
        for taken in range(1, scale.steps + 1):
            seconds += cost
            rows.append((place, taken, seconds))
    return rows, seconds


@pytest.mark.parametrize(("size", "steps"), [(64, 20), (256, 100), (512, 300), (1024, 600)])
def test_after_a_tenth_of_the_steps_the_estimate_is_close(size, steps):
    rows, total = simulated(size, steps)
    pace = Pace(scales(size, steps), 0.75)
    for number, (place, taken, seconds) in enumerate(rows):
        left = pace.left(place, taken, seconds)
        if number >= steps // 10:
            assert left == pytest.approx(total - seconds, rel=0.1, abs=1e-6)


def test_one_step_says_nothing_and_the_last_says_zero():
    schedule = scales(64, 3)
    pace = Pace(schedule, 1.0)
    assert pace.left(0, 1, 0.5) is None
    assert pace.left(0, 2, 1.0) == pytest.approx(0.5)
    assert pace.left(0, 3, 1.5) == 0


def test_one_slow_step_does_not_upset_it():
    pace = Pace(scales(64, 100), 1.0)
    for taken in range(1, 20):
        pace.left(0, taken, taken * 1.0)
    assert pace.left(0, 20, 29.0) == pytest.approx(80)
