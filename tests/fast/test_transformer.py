"""The transformer paints what the published file paints; what parts them is the file's rounding."""

import numpy as np
import pytest
from published import published, run, unrounded

from nst import fast_weights
from nst.fast.transformer import Transformer
from nst.fast_weights import TRANSFORMER
from nst.images import Pixels


@pytest.fixture(scope="module")
def network() -> Transformer:
    return Transformer(fast_weights.transformer())


@pytest.fixture(scope="module")
def style(vector: np.ndarray) -> np.ndarray:
    return vector[None]


def as_numbers(picture: Pixels) -> np.ndarray:
    return picture[None].astype(np.float32) / 255


def told(style: np.ndarray) -> np.ndarray:
    """A vector in the shape that the file wants."""
    return style.reshape(1, 1, 1, -1)


def apart(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one - other).mean())


def test_without_its_rounding_the_file_paints_the_same(
    network: Transformer, photograph: Pixels, style: np.ndarray
) -> None:
    picture = as_numbers(photograph)
    theirs = run(unrounded(TRANSFORMER), picture, told(style))
    ours = network(picture, style).numpy()
    assert theirs.std() > 0.1  # a picture, not a plane
    assert np.abs(theirs - ours).max() < 1e-3
    assert apart(theirs, ours) < 2e-5


def test_with_its_rounding_the_pictures_look_the_same(
    network: Transformer, photograph: Pixels, style: np.ndarray
) -> None:
    picture = as_numbers(photograph)
    theirs = run(published(TRANSFORMER), picture, told(style))
    ours = network(picture, style).numpy()

    def coarse(painted: np.ndarray) -> np.ndarray:
        return painted.reshape(48, 8, 48, 8, 3).mean((1, 3))

    assert apart(coarse(theirs), coarse(ours)) < 0.02
    assert apart(theirs, ours) < 0.04


def test_what_remains_is_less_than_the_file_differs_from_itself(
    network: Transformer, photograph: Pixels, style: np.ndarray
) -> None:
    """Noise that nobody sees tips values to the next of 256 steps, and the network makes much of it."""
    picture = as_numbers(photograph)
    noise = np.random.default_rng(7).normal(0, 1.5 / 255, picture.shape)
    noisy = (np.round(np.clip(picture + noise, 0, 1) * 255) / 255).astype(np.float32)
    file = published(TRANSFORMER)
    theirs = run(file, picture, told(style))
    ours = network(picture, style).numpy()
    wavers = apart(theirs, run(file, noisy, told(style)))
    assert apart(theirs, ours) < 1.1 * wavers
    assert apart(ours, network(noisy, style).numpy()) < wavers / 2


def test_pictures_of_a_batch_know_nothing_of_each_other(network: Transformer, vector: np.ndarray) -> None:
    rng = np.random.default_rng(1)
    pictures = rng.random((3, 32, 48, 3), np.float32)
    styles = np.stack([vector, -vector, 0 * vector])
    together = network(pictures, styles).numpy()
    for n in range(3):
        alone = network(pictures[n : n + 1], styles[n : n + 1]).numpy()[0]
        np.testing.assert_allclose(together[n], alone, atol=1e-4)
