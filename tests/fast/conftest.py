"""What tests of the fast networks stand on: their weights, photographs and paintings."""

import numpy as np
import pytest
from skimage import data

from nst import fast_weights, images
from nst.fast import Stylizer
from nst.gallery import catalogue
from nst.images import Pixels


@pytest.fixture(scope="session", autouse=True)
def fast_weights_fetched() -> None:
    fast_weights.fetch()


@pytest.fixture(scope="session")
def stylizer(fast_weights_fetched: None) -> Stylizer:
    return Stylizer()


@pytest.fixture(scope="session")
def photograph() -> Pixels:
    """A cat, 384x384."""
    return images.resize(data.chelsea(), (384, 384))


@pytest.fixture(scope="session")
def painting() -> Pixels:
    """A whirling night, 256x256."""
    return images.resize(images.read(catalogue.sample("night-sky").path, field="style").pixels, (256, 256))


@pytest.fixture(scope="session")
def vector(stylizer: Stylizer, painting: Pixels) -> np.ndarray:
    return stylizer.vector(painting)
