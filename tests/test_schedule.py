"""How steps are spread over scales."""

from itertools import pairwise

import pytest

from nst.schedule import COARSEST, ends, sizes, views


@pytest.mark.parametrize("size", [32, 64, 100, 127, 128, 300, 512, 1000, 4096])
@pytest.mark.parametrize("steps", [1, 2, 3, 10, 100, 301])
def test_steps_add_up_and_the_last_scale_is_the_size_asked_for(size, steps):
    chosen = sizes(size, steps)
    last = ends(len(chosen), steps)
    assert chosen[-1] == size
    assert last[-1] == steps
    assert all(before < after for before, after in pairwise([0, *last]))


def test_sizes_double_from_coarse_to_fine():
    assert sizes(512, 300) == [64, 128, 256, 512]
    assert min(sizes(4096, 300)) >= COARSEST


def test_one_step_goes_to_the_size_asked_for():
    assert sizes(512, 1) == [512]
    assert ends(1, 1) == [1]


@pytest.mark.parametrize("steps", [1, 5, 40, 90, 300, 10_000])
@pytest.mark.parametrize(("place", "index"), [(0, 1), (0, 128), (1, 140), (2, 250), (3, 299)])
def test_with_a_run_under_way_every_scale_to_come_gets_a_step(steps, place, index):
    last = ends(4, steps, place, index)
    assert last[place] >= index
    assert all(before < after for before, after in pairwise(last[place:]))
    assert last[-1] == max(steps, index + 3 - place)


def test_unchanged_steps_change_no_plan():
    plan = ends(4, 300)
    for place, end in enumerate(plan):
        assert ends(4, 300, place, end) == plan


@pytest.mark.parametrize(("long_side", "count"), [(32, 1), (95, 1), (96, 2), (190, 2), (191, 3), (4096, 3)])
def test_small_pictures_are_seen_from_fewer_distances(long_side, count):
    assert views(long_side) == count
