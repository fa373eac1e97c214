"""The estimate of the time left, on runs whose true times are known."""

import pytest

from nst.pace import CONSTANT, UNSTEADY, Pace, cost
from nst.schedule import ends, sizes


def simulated(size, steps, aspect=0.75, per_pixel=1e-6):
    """(place, steps left at this and later scales, seconds) after each step of a run, and its length."""
    chosen = sizes(size, steps)
    last = ends(len(chosen), steps)
    counts = [after - before for before, after in zip([0, *last], last, strict=False)]
    seconds, rows = 0.0, []
    for place, (side, count) in enumerate(zip(chosen, counts, strict=True)):
        price = per_pixel * cost(side, side * aspect)
        for taken in range(1, count + 1):
            seconds += price * (2 if taken <= UNSTEADY else 1)
            rows.append((place, [count - taken, *counts[place + 1 :]], seconds))
    return rows, seconds


@pytest.mark.parametrize(("size", "steps"), [(64, 20), (256, 100), (512, 300), (1024, 600)])
def test_after_a_tenth_of_the_steps_the_estimate_is_close(size, steps):
    rows, total = simulated(size, steps)
    pace = Pace(sizes(size, steps), 0.75)
    for number, (place, left, seconds) in enumerate(rows):
        estimate = pace.left(place, left, seconds)
        if number >= steps // 10:
            assert estimate == pytest.approx(total - seconds, rel=0.1, abs=1e-6)


def test_unsteady_steps_say_nothing_and_the_last_says_zero():
    pace = Pace([64], 1.0)
    assert pace.left(0, [3], 1.0) is None
    assert pace.left(0, [2], 2.0) is None
    assert pace.left(0, [1], 2.5) == pytest.approx(0.5)
    assert pace.left(0, [0], 3.0) == 0


def test_the_slow_first_steps_of_a_scale_do_not_upset_it():
    rows, _ = simulated(384, 100)
    pace = Pace(sizes(384, 100), 0.75)
    before = None
    for place, left, seconds in rows:
        estimate = pace.left(place, left, seconds)
        if before is not None:
            assert estimate <= before, "it is never longer than it was a step ago"
        before = estimate


def test_a_picture_seen_from_further_away_costs_more_than_its_pixels():
    assert cost(95, 60) == 95 * 60 + CONSTANT
    assert cost(96, 60) == 96 * 60 * 1.25 + 2 * CONSTANT
    assert cost(400, 300) == 400 * 300 * 1.3125 + 3 * CONSTANT


def test_steps_that_are_added_on_the_way_are_counted():
    pace = Pace([64], 1.0)
    pace.left(0, [2], 1.0)
    pace.left(0, [2], 2.0)
    pace.left(0, [1], 3.0)
    assert pace.left(0, [50], 4.0) == pytest.approx(50)


def test_one_slow_step_does_not_upset_it():
    pace = Pace([64], 1.0)
    for taken in range(1, 20):
        pace.left(0, [100 - taken], taken * 1.0)
    assert pace.left(0, [80], 29.0) == pytest.approx(80)
