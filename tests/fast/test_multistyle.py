"""Twenty-six styles at once, each as the published file paints it."""

import numpy as np
import pytest
from published import published, run

from nst import images
from nst.fast import Multistyle
from nst.fast.multistyle import STYLES
from nst.fast_weights import MULTISTYLE
from nst.images import Pixels


@pytest.fixture(scope="module")
def network(fast_weights_fetched: None) -> Multistyle:
    return Multistyle()


def test_every_style_is_painted_as_the_file_paints_it(network: Multistyle, photograph: Pixels) -> None:
    small = images.resize(photograph, (64, 48))
    picture = small.transpose(2, 0, 1)[None].astype(np.float32) / 255
    sheet = network.sheet(small)
    assert sheet.shape == (STYLES, 48, 64, 3)
    for style in (0, 7, 19, 25):
        theirs = run(published(MULTISTYLE), picture, np.eye(STYLES, dtype=np.float32)[style])[0]
        assert np.abs(theirs.transpose(1, 2, 0) * 255 - sheet[style]).max() < 1


def test_a_sheet_has_the_photographs_shape_at_the_size(network: Multistyle, photograph: Pixels) -> None:
    tall = images.resize(photograph, (150, 301))
    assert network.sheet(tall, size=64, styles=(3, 5)).shape == (2, 64, 32, 3)
    np.testing.assert_array_equal(network.sheet(tall, 64, (3, 5))[1], network.sheet(tall, 64, (5,))[0])


def test_styles_mix(network: Multistyle, photograph: Pixels) -> None:
    small = images.resize(photograph, (64, 64))
    mixes = np.zeros((3, STYLES), np.float32)
    mixes[0, 4] = mixes[2, 9] = 1
    mixes[1, [4, 9]] = 0.5
    one, between, other = network.paint(small, mixes).astype(float)
    assert np.abs(between - one).mean() < np.abs(other - one).mean()
    assert np.abs(between - other).mean() < np.abs(other - one).mean()
