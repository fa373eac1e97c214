"""Losses against plain loops in float64; their gradients against finite differences."""

import numpy as np
import pytest
import reference
import tensorflow as tf

from nst.engine import losses
from nst.engine.regions import normalized

RNG = np.random.default_rng(5)


def tensor(x):
    return tf.constant(np.asarray(x)[None], tf.float32)


def test_gram_matrix_agrees_with_plain_loops():
    x = RNG.normal(size=(4, 7, 3))
    np.testing.assert_allclose(losses.gram_matrix(tensor(x)), reference.gram(x), rtol=1e-5, atol=1e-6)


def test_guided_gram_matrix_agrees_with_plain_loops():
    x, guide = RNG.normal(size=(5, 6, 4)), RNG.uniform(size=(5, 6))
    found = losses.guided_gram_matrix(tensor(x), normalized(tensor(guide[..., None])))
    expected = reference.gram(x, reference.normalized(guide))
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


def test_guided_gram_matrix_does_not_depend_on_the_region_s_area():
    x = np.tile(RNG.normal(size=(2, 2, 3)), (4, 4, 1))  # the same texture everywhere
    small, large = np.zeros((8, 8, 1)), np.ones((8, 8, 1))
    small[:2, :2] = 1
    grams = [losses.guided_gram_matrix(tensor(x), normalized(tensor(guide))) for guide in (small, large)]
    np.testing.assert_allclose(*grams, rtol=1e-5)


def test_bfloat16_features_are_summed_in_float32():
    # 1 + 2^-7 is a bfloat16; the sum of many would stand still at 256 if it were rounded like them.
    x = tf.fill((1, 64, 64, 1), tf.constant(1.0078125, tf.bfloat16))
    np.testing.assert_allclose(losses.gram_matrix(x), [[1.0078125**2]], rtol=1e-3)


@pytest.mark.parametrize(
    ("loss", "expected", "shape"),
    [
        (
            lambda x, y: losses.style_loss(x, y, losses.style_unit(y)),
            reference.style_loss,
            (3, 3),
        ),
        (
            lambda x, y: losses.content_loss(x, y, losses.content_unit(y)),
            reference.content_loss,
            (4, 5, 2),
        ),
        (
            lambda x, y: losses.total_variation(x[None] - y[None]),
            lambda x, y: reference.total_variation(x - y),
            (6, 4, 3),
        ),
    ],
    ids=["style", "content", "tv"],
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


def test_losses_do_not_depend_on_the_size_of_what_is_compared():
    x, y = (tf.constant(RNG.normal(size=(3, 3)), tf.float32) for _ in range(2))
    large = losses.style_loss(1000 * x, 1000 * y, losses.style_unit(1000 * y))
    np.testing.assert_allclose(losses.style_loss(x, y, losses.style_unit(y)), large, rtol=1e-4)


def test_an_empty_style_does_not_divide_by_zero():
    nothing = tf.zeros((3, 3))
    assert np.isfinite(losses.style_loss(tf.ones((3, 3)), nothing, losses.style_unit(nothing)))
