"""The predictor tells a style as the published file does."""

import numpy as np
import pytest
from published import published, run, unrounded
from skimage import data

from nst import fast_weights, images
from nst.fast.predictor import SIZE, Predictor
from nst.fast_weights import PREDICTOR
from nst.images import Pixels


@pytest.fixture(scope="module")
def network() -> Predictor:
    return Predictor(fast_weights.predictor())


@pytest.fixture(scope="module")
def pictures(painting: Pixels) -> list[np.ndarray]:
    both = (painting, images.resize(data.coffee(), (SIZE, SIZE)))
    return [picture[None].astype(np.float32) / 255 for picture in both]


def test_without_its_rounding_the_file_tells_the_same(network: Predictor, pictures: list[np.ndarray]) -> None:
    file = unrounded(PREDICTOR)
    for picture in pictures:
        theirs = run(file, picture).reshape(100)
        np.testing.assert_allclose(network(picture).numpy()[0], theirs, atol=1e-4)


def test_its_rounding_hardly_turns_a_vector(network: Predictor, pictures: list[np.ndarray]) -> None:
    file = published(PREDICTOR)
    for picture in pictures:
        theirs = run(file, picture).reshape(100)
        ours = network(picture).numpy()[0]
        assert np.corrcoef(theirs, ours)[0, 1] > 0.999
        assert np.abs(theirs - ours).mean() < 0.03 * np.abs(theirs).mean()


def test_styles_differ(network: Predictor, pictures: list[np.ndarray]) -> None:
    one, other = (network(picture).numpy()[0] for picture in pictures)
    assert np.abs(one - other).mean() > 0.3
