"""L-BFGS and Adam on problems with known answers, and on ones that misbehave."""

from itertools import pairwise

import numpy as np
import pytest
import tensorflow as tf

from nst.engine.optimizers import Adam, Evaluation, Lbfgs
from nst.errors import Refusal

SHAPE = (1, 4, 5, 3)
RNG = np.random.default_rng(11)


def objective(value_and_gradient):
    """An `Evaluate` from a float64 NumPy function; counts its calls."""

    def evaluate(picture):
        evaluate.calls += 1
        value, gradient = value_and_gradient(picture.numpy().astype(np.float64))
        return Evaluation(np.array([value], np.float32), tf.constant(gradient, tf.float32))

    evaluate.calls = 0
    return evaluate


def quadratic(target, curvature):
    return lambda x: (0.5 * np.sum(curvature * (x - target) ** 2), curvature * (x - target))


def run(optimizer, steps):
    return [float(optimizer.step()[0]) for _ in range(steps)]


def start(value=128.0):
    return tf.constant(np.full(SHAPE, value), tf.float32)


def test_lbfgs_solves_an_ill_conditioned_quadratic():
    target = RNG.uniform(20, 235, SHAPE)
    curvature = np.logspace(-2, 2, target.size).reshape(SHAPE)
    optimizer = Lbfgs(start(), objective(quadratic(target, curvature)))
    values = run(optimizer, 150)
    assert values[-1] < 1e-4 * values[0]
    np.testing.assert_allclose(optimizer.picture.numpy()[curvature > 0.5], target[curvature > 0.5], atol=1)


def test_pairs_remembered_in_half_the_memory_still_lead_downhill():
    target = RNG.uniform(20, 235, SHAPE)
    curvature = np.logspace(-1, 1, target.size).reshape(SHAPE)

    def steps_needed(remembered):
        optimizer = Lbfgs(start(), objective(quadratic(target, curvature)), 4, remembered)
        first = optimizer.step()[0]
        assert {one.dtype for one in (*optimizer._moves, *optimizer._turns)} == {remembered}
        return next(step for step in range(200) if optimizer.step()[0] < 1e-4 * first)

    assert steps_needed(tf.bfloat16) <= 1.2 * steps_needed(tf.float32)


def test_lbfgs_needs_far_fewer_steps_than_plain_descent_would():
    target, curvature = RNG.uniform(20, 235, SHAPE), np.logspace(0, 3, 60).reshape(SHAPE)
    evaluate = objective(quadratic(target, curvature))
    values = run(Lbfgs(start(), evaluate), 60)
    x = np.full(SHAPE, 128.0)
    for _ in range(60):  # the best fixed step there is: 2 / (smallest + largest curvature)
        x -= 2 / (curvature.min() + curvature.max()) * quadratic(target, curvature)(x)[1]
    assert values[-1] < 0.01 * quadratic(target, curvature)(x)[0]


@pytest.mark.parametrize("kind", [Lbfgs, Adam])
def test_the_minimum_outside_the_range_is_found_at_its_edge(kind):
    target = np.where(RNG.uniform(size=SHAPE) < 0.5, -80.0, 330.0)
    optimizer = kind(start(), objective(quadratic(target, np.ones(SHAPE))))
    run(optimizer, 120)
    np.testing.assert_allclose(optimizer.picture, np.clip(target, 0, 255), atol=0.5)


def test_adam_comes_close_to_a_minimum():
    target = RNG.uniform(60, 200, SHAPE)
    optimizer = Adam(start(), objective(quadratic(target, np.logspace(-1, 1, 60).reshape(SHAPE))))
    run(optimizer, 300)
    np.testing.assert_allclose(optimizer.picture, target, atol=3)


def test_a_rise_is_never_kept_by_lbfgs():
    def rippled(x):
        value = np.sum((x - 90) ** 2) + 4000 * np.sum(1 - np.cos(x / 3))
        return value, 2 * (x - 90) + 4000 / 3 * np.sin(x / 3)

    optimizer = Lbfgs(tf.constant(RNG.uniform(0, 255, SHAPE), tf.float32), objective(rippled))
    values = run(optimizer, 80)
    assert all(after <= before * (1 + Lbfgs.SLACK) for before, after in pairwise(values))
    assert values[-1] < values[0]


@pytest.mark.parametrize("kind", [Lbfgs, Adam])
def test_a_cliff_of_nan_is_never_stepped_over(kind):
    def cliff(x):
        value = np.sum(255 - x) if x.max() < 160 else np.nan
        return value, -np.ones(SHAPE) if x.max() < 160 else np.full(SHAPE, np.nan)

    optimizer = kind(start(), objective(cliff))
    for _ in range(60):
        losses = optimizer.step()
        assert np.isfinite(losses).all()
        assert np.isfinite(optimizer.picture.numpy()).all()
        assert optimizer.picture.numpy().max() < 160


@pytest.mark.parametrize("kind", [Lbfgs, Adam])
def test_a_start_without_a_loss_is_refused(kind):
    with pytest.raises(Refusal, match="cannot be computed"):
        kind(start(), objective(lambda x: (np.nan, x))).step()


@pytest.mark.parametrize("kind", [Lbfgs, Adam])
def test_another_objective_is_taken_up_on_the_way(kind):
    one, other = np.full(SHAPE, 60.0), np.full(SHAPE, 180.0)
    optimizer = kind(start(), objective(quadratic(one, np.ones(SHAPE))))
    run(optimizer, 60)
    optimizer.turn(objective(quadratic(other, np.full(SHAPE, 1000.0))))
    before = optimizer.picture.numpy()
    optimizer.step()
    moved = np.abs(optimizer.picture.numpy() - before).max()
    assert 0 < moved < 6  # at once, and without a leap however much steeper it is
    run(optimizer, 150)
    np.testing.assert_allclose(optimizer.picture, other, atol=3)


def test_a_glance_shows_the_first_step_after_a_turn_and_no_other():
    near, far = np.full(SHAPE, 180.0), np.full(SHAPE, 60.0)
    optimizer = Lbfgs(start(), objective(quadratic(near, np.ones(SHAPE))))
    run(optimizer, 20)
    evaluate, glance = (objective(quadratic(target, np.ones(SHAPE))) for target in (near, far))
    before = optimizer.picture.numpy()
    optimizer.turn(evaluate, glance)
    optimizer.step()
    assert (evaluate.calls, glance.calls) == (0, 1)
    assert (optimizer.picture.numpy() < before).all()  # where the glance pulled
    assert np.abs(optimizer.picture.numpy() - before).max() < 6
    run(optimizer, 30)
    assert glance.calls == 1
    np.testing.assert_allclose(optimizer.picture, near, atol=0.5)


def test_a_first_move_that_led_uphill_is_taken_back():
    def needle(x):  # the first move, 4 levels, jumps over the valley
        return np.sum(50 * (x - 128.5) ** 2), 100 * (x - 128.5)

    optimizer = Lbfgs(start(128.0), objective(needle))
    values = run(optimizer, 8)
    assert values[1] <= values[0] * (1 + Lbfgs.SLACK)
    np.testing.assert_allclose(optimizer.picture, 128.5, atol=0.1)


def test_at_the_minimum_lbfgs_stays_and_does_not_divide_by_zero():
    optimizer = Lbfgs(start(), objective(quadratic(np.full(SHAPE, 128.0), np.ones(SHAPE))))
    run(optimizer, 3)
    np.testing.assert_allclose(optimizer.picture, 128.0, atol=1e-3)


def test_negative_curvature_does_not_send_lbfgs_uphill():
    def saddle(x):
        return float(-np.sum((x - 128) ** 2)) + 1e6, -2 * (x - 128)

    optimizer = Lbfgs(start(130.0), objective(saddle))
    values = run(optimizer, 100)
    assert values[-1] < values[0]
    assert set(np.unique(optimizer.picture.numpy())) <= {0.0, 255.0}
