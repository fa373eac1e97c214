import numpy as np
import pytest
import tensorflow as tf

from nst import fast_weights, own_network
from nst.fast import Stylizer
from nst.fast.transformer import Transformer
from nst.training.trainee import Trainee


@pytest.fixture(scope="module")
def vector():
    painting = np.random.default_rng(1).integers(0, 256, (40, 50, 3), np.uint8)
    return Stylizer().vector(painting)


@pytest.fixture(scope="module")
def pictures():
    return tf.constant(np.random.default_rng(2).uniform(0, 1, (2, 32, 24, 3)), tf.float32)


def test_it_begins_as_the_network_that_paints_in_any_style(vector, pictures):
    constants = fast_weights.transformer()
    expected = Transformer(constants)(pictures, tf.constant(vector[None]))
    np.testing.assert_allclose(Trainee(constants, vector).paint(pictures), expected, atol=1e-5)


def test_every_number_of_it_can_be_learnt(vector, pictures):
    trainee = Trainee(fast_weights.transformer(), vector)
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(trainee.paint(pictures) - pictures))
    slopes = tape.gradient(loss, trainee.trainable_variables)
    # 16 kernels, 3 biases, and a scale and a shift for each of 13 normalised layers
    assert len(slopes) == 16 + 3 + 2 * 13
    assert all(slope is not None and np.abs(slope).max() > 0 for slope in slopes)


def test_what_was_learnt_is_what_its_file_must_have(vector, tmp_path):
    learnt = Trainee(fast_weights.transformer(), vector).constants()
    own_network.write(tmp_path / "net.npz", learnt)
    assert own_network.read(str(tmp_path / "net.npz"), field="--network").keys() == learnt.keys()


def test_what_was_learnt_paints_the_same_in_any_style(vector, pictures):
    trainee = Trainee(fast_weights.transformer(), vector)
    for variable in trainee.trainable_variables:
        variable.assign_add(0.01 * tf.ones_like(variable))
    again = Transformer(trainee.constants())
    another = tf.constant(np.random.default_rng(3).normal(0, 1, (1, 100)), tf.float32)
    np.testing.assert_allclose(again(pictures, another), trainee.paint(pictures), atol=1e-5)
