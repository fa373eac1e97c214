"""The feature extractor against plain loops in float64, and its manners at the border."""

import numpy as np
import pytest
import reference
import tensorflow as tf

from nst.engine.vgg19 import Vgg19

LAYERS = (*reference.STYLE, reference.CONTENT, "relu5_4")


def extract(picture, layers, weights, dtype=tf.float32):
    found = Vgg19(weights, dtype)(tf.constant(picture[None], tf.float32), layers)
    return {layer: tf.cast(x, tf.float32)[0].numpy() for layer, x in found.items()}


@pytest.mark.parametrize("shape", [(16, 16), (19, 33), (5, 21)])
def test_features_agree_with_plain_loops(shape):
    weights = reference.tiny_weights()
    picture = np.random.default_rng(1).uniform(0, 255, (*shape, 3))
    expected = reference.features(picture, weights)
    found = extract(picture, LAYERS, weights)
    for layer in LAYERS:
        assert found[layer].shape == expected[layer].shape
        np.testing.assert_allclose(found[layer], expected[layer], rtol=1e-4, atol=1e-3)


def test_bfloat16_features_are_those_of_float32_up_to_rounding():
    weights = reference.tiny_weights()
    picture = np.random.default_rng(2).uniform(0, 255, (32, 24, 3))
    exact = extract(picture, ("relu3_1",), weights)["relu3_1"]
    rounded = extract(picture, ("relu3_1",), weights, tf.bfloat16)["relu3_1"]
    assert not np.array_equal(exact, rounded)
    np.testing.assert_allclose(rounded, exact, atol=0.03 * exact.max())


def test_a_flat_picture_has_flat_features_up_to_the_border_in_the_first_layer():
    found = extract(np.full((12, 12, 3), 77.0), ("relu1_1",), reference.tiny_weights())["relu1_1"]
    assert np.ptp(found, axis=(0, 1)).max() < 1e-4


def test_an_unknown_layer_is_named():
    with pytest.raises(ValueError, match="relu9_9"):
        extract(np.zeros((8, 8, 3)), ("relu9_9",), reference.tiny_weights())
