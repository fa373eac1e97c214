"""Style losses against plain loops and eigenvalues in float64; their gradients against finite differences."""

import numpy as np
import pytest
import reference
import tensorflow as tf

from nst.engine.regions import normalized
from nst.engine.style import GramLoss, Moments, WassersteinLoss, mixture, moments

RNG = np.random.default_rng(5)


def tensor(x):
    return tf.constant(np.asarray(x)[None], tf.float32)


def cloud(seed, channels=4, positions=(6, 7)):
    """Features with correlated channels and a mean."""
    rng = np.random.default_rng(seed)
    mixing = rng.normal(size=(channels, channels))
    return rng.normal(size=(*positions, channels)) @ mixing * 5 + rng.normal(size=channels) * 10


def of(x):
    """Float64 moments of features as TensorFlow takes them."""
    mean = tf.constant(reference.mean(x), tf.float32)
    return Moments(tf.constant(reference.gram(x), tf.float32), (mean,))


def test_moments_agree_with_plain_loops():
    x = RNG.normal(size=(4, 7, 3))
    found = moments(tensor(x), None, True)
    np.testing.assert_allclose(found.gram, reference.gram(x), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(found.mean[0], x.mean((0, 1)), rtol=1e-5, atol=1e-6)
    assert moments(tensor(x), None, False).mean == ()


def test_moments_under_a_guide_agree_with_plain_loops():
    x, guide = RNG.normal(size=(5, 6, 4)), RNG.uniform(size=(5, 6))
    found = moments(tensor(x), normalized(tensor(guide[..., None])), True)
    inside = reference.normalized(guide)
    np.testing.assert_allclose(found.gram, reference.gram(x, inside), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(found.mean[0], reference.mean(x, inside), rtol=1e-5, atol=1e-6)


def test_moments_under_a_guide_do_not_depend_on_its_area():
    x = np.tile(RNG.normal(size=(2, 2, 3)), (4, 4, 1))  # the same texture everywhere
    small, large = np.zeros((8, 8, 1)), np.ones((8, 8, 1))
    small[:2, :2] = 1
    one, other = (moments(tensor(x), normalized(tensor(guide)), True) for guide in (small, large))
    np.testing.assert_allclose(one.gram, other.gram, rtol=1e-5)
    np.testing.assert_allclose(one.mean[0], other.mean[0], rtol=1e-5)


def test_bfloat16_features_are_summed_in_float32():
    # 1 + 2^-7 is a bfloat16; the sum of many would stand still at 256 if it were rounded like them.
    x = tf.fill((1, 64, 64, 1), tf.constant(1.0078125, tf.bfloat16))
    np.testing.assert_allclose(moments(x, None, False).gram, [[1.0078125**2]], rtol=1e-3)


def test_the_mixture_of_two_clouds_has_the_moments_of_both_thrown_together():
    one, other = cloud(1), cloud(2)
    both = np.concatenate([one, one, one, other])  # three parts to one
    mixed = mixture([of(one), of(other)], [0.75, 0.25])
    np.testing.assert_allclose(mixed.gram, reference.gram(both), rtol=1e-5)
    np.testing.assert_allclose(mixed.mean[0], reference.mean(both), rtol=1e-5)


def loss_and_reference(kind):
    """A loss of (gram, mean), in TensorFlow and in float64."""
    if kind == "gram":
        return GramLoss(), lambda found, wanted: reference.gram_loss(found[0], wanted[0])
    return WassersteinLoss(), reference.wasserstein_loss


@pytest.mark.parametrize("kind", ["gram", "wasserstein"])
def test_losses_and_their_gradients(kind):
    loss, expected = loss_and_reference(kind)
    x, y = cloud(3), cloud(4)
    target = loss.target(of(y))
    wanted = reference.gram(y), reference.mean(y)
    features = tensor(x)
    with tf.GradientTape() as tape:
        tape.watch(features)
        value = loss(moments(features, None, loss.with_mean), target)

    def slow(z):
        return expected((reference.gram(z), reference.mean(z)), wanted)

    np.testing.assert_allclose(value, slow(x), rtol=2e-3)
    gradient = tape.gradient(value, features)[0].numpy()
    for index in [(0, 0, 0), (5, 6, 3), (2, 3, 1), (4, 1, 2), (1, 5, 0)]:
        slope = reference.central_difference(slow, x, index)
        np.testing.assert_allclose(gradient[index], slope, rtol=0.02, atol=2e-3 * np.abs(gradient).max())


@pytest.mark.parametrize("loss", [GramLoss(), WassersteinLoss()], ids=["gram", "wasserstein"])
def test_a_target_fits_its_signature(loss):
    for part, spec in zip(loss.target(of(cloud(5))), loss.signature(4), strict=True):
        assert spec.is_compatible_with(part)


@pytest.mark.parametrize("loss", [GramLoss(), WassersteinLoss()], ids=["gram", "wasserstein"])
def test_the_painting_itself_is_at_distance_zero(loss):
    assert float(loss(of(cloud(6)), loss.target(of(cloud(6))))) < 1e-3


@pytest.mark.parametrize("loss", [GramLoss(), WassersteinLoss()], ids=["gram", "wasserstein"])
def test_losses_do_not_depend_on_the_size_of_what_is_compared(loss):
    x, y = cloud(7), cloud(8)
    small, large = (loss(of(factor * x), loss.target(of(factor * y))) for factor in (1, 100))
    np.testing.assert_allclose(small, large, rtol=1e-3)


@pytest.mark.parametrize("loss", [GramLoss(), WassersteinLoss()], ids=["gram", "wasserstein"])
def test_flat_pictures_do_not_divide_by_zero(loss):
    nothing = Moments(tf.zeros((3, 3)), (tf.zeros(3),))
    some = Moments(tf.ones((3, 3)), (tf.ones(3),))
    for found, wanted in ((nothing, nothing), (some, nothing), (nothing, some)):
        gram = tf.constant(found.gram)
        with tf.GradientTape() as tape:
            tape.watch(gram)
            value = loss(Moments(gram, found.mean), loss.target(wanted))
        assert np.isfinite(value)
        assert np.isfinite(tape.gradient(value, gram)).all()


def test_wasserstein_tells_apart_what_gram_matrices_cannot():
    """A constant layer and one that flickers about zero may have one Gram matrix, but not one mean."""
    flicker = np.where(np.indices((4, 4)).sum(0)[..., None] % 2, 3.0, -3.0)
    still = np.full((4, 4, 1), 3.0)
    gram, wasserstein = GramLoss(), WassersteinLoss()
    assert float(gram(of(flicker), gram.target(of(still)))) < 1e-6
    assert float(wasserstein(of(flicker), wasserstein.target(of(still)))) > 0.5
