"""Losses against plain loops in float64; their gradients against finite differences."""

import numpy as np
import pytest
import reference
import tensorflow as tf

from nst.engine import losses

RNG = np.random.default_rng(5)


def content_loss(x, y):
    content = losses.Content(y, losses.content_unit(y), ())
    return losses.content_distance(x, content) / content.unit


@pytest.mark.parametrize(
    ("loss", "expected", "shape"),
    [
        (
            content_loss,
            reference.content_loss,
            (4, 5, 2),
        ),
        (
            lambda x, y: losses.total_variation(x[None] - y[None]),
            lambda x, y: reference.total_variation(x - y),
            (6, 4, 3),
        ),
    ],
    ids=["content", "tv"],
)
def test_losses_and_their_gradients(loss, expected, shape):
    x, y = RNG.normal(size=shape) * 9, RNG.normal(size=shape) * 9
    variable = tf.constant(x, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(variable)
        value = loss(variable, tf.constant(y, tf.float32))
    np.testing.assert_allclose(value, expected(x, y), rtol=1e-4)
    gradient = tape.gradient(value, variable).numpy()
    for index in np.ndindex(shape):
        slope = reference.central_difference(lambda z: expected(z, y), x, index)
        np.testing.assert_allclose(gradient[index], slope, rtol=1e-3, atol=1e-5 * np.abs(gradient).max())
