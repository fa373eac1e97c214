"""The engine with its real weights, and a photograph that it paints in a moment."""

import pytest
from skimage import data

from nst import StyleTransfer, images


@pytest.fixture(scope="module")
def engine(vgg19_file):
    return StyleTransfer()


@pytest.fixture(scope="module")
def cat():
    return images.resize(data.chelsea(), (128, 85))
