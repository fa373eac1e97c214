"""Flicker: none of what only moves, all of what changes, nothing of what was hidden."""

import numpy as np
import pytest
import videos

from nst.video.flicker import flicker, motions
from nst.video.flow import Motion

RNG = np.random.default_rng(1)


def test_a_photograph_that_drifts_by_hardly_flickers_and_noise_does():
    clip = videos.moving(5, (128, 96))
    found = list(motions(clip))
    noisy = [frame // 2 + RNG.integers(0, 60, frame.shape, np.uint8) for frame in clip]
    assert flicker(clip, found) < 2
    assert flicker(noisy, found) > 8


def test_what_is_hidden_does_not_count():
    before, after = np.zeros((20, 20, 3), np.uint8), np.zeros((20, 20, 3), np.uint8)
    after[:10] = 200
    after[10:] = 8
    trust = np.zeros((20, 20), np.float32)
    trust[10:] = 1
    still = Motion(np.zeros((20, 20, 2), np.float32), trust)
    assert flicker([before, after], [still]) == 8


def test_one_frame_does_not_flicker():
    assert flicker([np.zeros((20, 20, 3), np.uint8)], []) == 0


def test_every_neighbour_needs_its_motion():
    with pytest.raises(ValueError, match="zip"):
        flicker([np.zeros((20, 20, 3), np.uint8)] * 3, [])
