"""Guides from masks."""

import numpy as np
import pytest
import reference
import tensorflow as tf

from nst.engine.regions import layer_guide, normalized


@pytest.mark.parametrize(("layer", "times"), [("relu1_1", 0), ("relu3_1", 2), ("relu5_1", 4)])
def test_layer_guide_averages_as_the_network_pools(layer, times):
    mask = np.random.default_rng(0).uniform(size=(37, 22))
    found = layer_guide(tf.constant(mask[None, ..., None], tf.float32), layer)[0, ..., 0]
    np.testing.assert_allclose(found, reference.shrunk(mask, times), rtol=1e-5)


def test_normalized_has_mean_square_one():
    guide = normalized(tf.constant(np.random.default_rng(1).uniform(size=(1, 9, 5, 1)), tf.float32))
    np.testing.assert_allclose(np.mean(guide.numpy() ** 2), 1, rtol=1e-5)


def test_an_empty_guide_stays_empty():
    np.testing.assert_array_equal(normalized(tf.zeros((1, 4, 4, 1))), np.zeros((1, 4, 4, 1)))
