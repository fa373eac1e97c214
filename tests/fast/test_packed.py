"""The packed transformer paints what the plain one does, at any size."""

import numpy as np
import pytest

from nst import fast_weights
from nst.fast.blocks import Moments
from nst.fast.packed import REACH, PackedTransformer
from nst.fast.transformer import NORMALISED, Transformer


@pytest.fixture(scope="module")
def network() -> PackedTransformer:
    return PackedTransformer(fast_weights.transformer())


@pytest.mark.parametrize("size", [(16, 16), (16, 40), (20, 44), (100, 64)])
def test_packing_changes_nothing(
    network: PackedTransformer, vector: np.ndarray, size: tuple[int, int]
) -> None:
    pictures = np.random.default_rng(3).random((2, *size, 3), np.float32)
    vectors = np.stack([vector, 0.5 * vector])
    plain = Transformer(fast_weights.transformer())(pictures, vectors).numpy()
    packed = network(pictures, vectors).numpy()
    assert packed.shape == pictures.shape
    np.testing.assert_allclose(packed, plain, atol=1e-4)


def test_given_moments_take_the_place_of_a_pictures_own(
    network: PackedTransformer, vector: np.ndarray
) -> None:
    rng = np.random.default_rng(4)
    picture, other = rng.random((2, 1, 32, 32, 3), np.float32)
    painted, own = network.painted(picture, vector[None])
    assert len(own) == len(NORMALISED)
    again, _ = network.painted(picture, vector[None], own)
    np.testing.assert_allclose(again.numpy(), painted.numpy(), atol=1e-5)
    _, strange = network.painted(other * 0.3, vector[None])
    assert np.abs(network.painted(picture, vector[None], strange)[0].numpy() - painted.numpy()).mean() > 0.01


def test_a_pixel_sees_no_further_than_the_reach(network: PackedTransformer, vector: np.ndarray) -> None:
    """And not much less: a reach too large would cost time in every tile."""
    height, width = 16, 4 * (REACH // 4) * 2
    picture = np.random.default_rng(5).random((1, height, width, 3), np.float32)
    moments: list[Moments] = network.painted(picture, vector[None])[1]

    def painted(pixels: np.ndarray) -> np.ndarray:
        return network.painted(pixels, vector[None], moments)[0].numpy()[0]

    changed = picture.copy()
    changed[:, :, :4] = 1 - changed[:, :, :4]  # the first columns
    differs = np.abs(painted(changed) - painted(picture)).max((0, 2)) > 0
    furthest = int(np.flatnonzero(differs).max()) - 3
    assert REACH - 12 < furthest <= REACH
