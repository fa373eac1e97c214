"""How steps are spread over scales."""

import pytest

from nst.engine.schedule import COARSEST, scales


@pytest.mark.parametrize("size", [32, 64, 100, 127, 128, 300, 512, 1000, 4096])
@pytest.mark.parametrize("steps", [1, 2, 3, 10, 100, 301])
def test_steps_add_up_and_the_last_scale_is_the_size_asked_for(size, steps):
    schedule = scales(size, steps)
    assert sum(scale.steps for scale in schedule) == steps
    assert schedule[-1].size == size
    assert all(scale.steps >= 1 for scale in schedule)


def test_sizes_double_from_coarse_to_fine():
    assert [scale.size for scale in scales(512, 300)] == [64, 128, 256, 512]
    assert min(scale.size for scale in scales(4096, 300)) >= COARSEST


def test_a_smaller_scale_gets_more_steps():
    counts = [scale.steps for scale in scales(512, 300)]
    assert counts == sorted(counts, reverse=True)


def test_one_step_goes_to_the_size_asked_for():
    assert [(scale.size, scale.steps) for scale in scales(512, 1)] == [(512, 1)]
