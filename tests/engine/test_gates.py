"""Gates against the flags they came from, and against TensorFlow's own way back."""

import numpy as np
import pytest
import tensorflow as tf

from nst.engine import gates

RNG = np.random.default_rng(5)


@pytest.mark.parametrize("shape", [(1, 1, 1, 1), (1, 3, 5, 3), (1, 4, 6, 16), (1, 7, 9, 2)])
def test_flags_come_back_from_their_bits(shape):
    flags = RNG.random(shape) < 0.5
    bits = gates.packed(tf.constant(flags))
    assert bits.dtype == tf.uint8
    assert bits.shape[0] == -(-flags.size // 8)
    np.testing.assert_array_equal(gates.opened(bits, shape), flags)


@pytest.mark.parametrize(("height", "width"), [(4, 6), (5, 7), (1, 1)])
def test_the_gate_of_a_pooled_layer_is_the_way_back_of_relu_and_pooling(height, width):
    # Few different values, so that many windows hold equal ones, and some are all zero.
    before = tf.constant(RNG.integers(-2, 3, (1, height, width, 4)), tf.float32)
    upstream = tf.constant(RNG.normal(size=(1, -(-height // 2), -(-width // 2), 4)), tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(before)
        features = tf.nn.relu(before)
        pooled = tf.nn.max_pool2d(features, 2, 2, "SAME")
    expected = tape.gradient(pooled, before, upstream)
    gate = gates.of_pooling(features)
    found = gates.through(gate, gates.spread(upstream, height, width))
    np.testing.assert_array_equal(found, expected)
