"""A scale's losses and gradient: the weighted mean of what the picture is from near and from afar."""

import numpy as np
import pytest
import reference
import tensorflow as tf

from nst import schedule
from nst.engine import subject
from nst.engine.objective import Objective
from nst.engine.stage import Course, Stage
from nst.engine.style import GramLoss
from nst.engine.styles import StyleMemory
from nst.engine.vgg19 import Vgg19
from nst.options import Options

RNG = np.random.default_rng(3)
CONTENT = RNG.integers(0, 256, (41, 53, 3), np.uint8)
PAINTING = RNG.integers(0, 256, (37, 44, 3), np.uint8)


@pytest.fixture
def near_and_far(monkeypatch):
    """A stage with three views of a picture with odd sides."""
    monkeypatch.setattr(schedule, "SMALLEST_VIEW", 12)
    tiny = Objective(Vgg19(reference.tiny_weights(), tf.float32), GramLoss())
    pictures = subject.subject(CONTENT, None, None)
    course = Course(Options(), subject.painted([PAINTING], ()), (1.0,), ())
    return Stage(tiny, StyleMemory(), pictures, 53, course)


def test_views_are_halved_until_they_are_small(near_and_far):
    assert [tuple(view.shape[1:3]) for view in near_and_far._photographs()] == [
        (41, 53),
        (21, 27),
        (11, 14),
    ]


def test_the_gradient_is_the_slope_of_the_losses(near_and_far):
    x = RNG.uniform(20, 230, (1, 41, 53, 3))

    def total(z):
        return near_and_far.evaluate(tf.constant(z, tf.float32)).total

    gradient = near_and_far.evaluate(tf.constant(x, tf.float32)).gradient.numpy()
    for _ in range(3):  # along the gradient itself, blurred: float32 losses are too coarse for one pixel
        way = gradient * RNG.uniform(0.5, 1.5, gradient.shape)
        way /= np.abs(way).max()
        slope = (total(x + 0.02 * way) - total(x - 0.02 * way)) / 0.04
        assert slope == pytest.approx((gradient * way).sum(), rel=0.02)
        x = x + RNG.normal(0, 10, x.shape).clip(-20, 20)
        gradient = near_and_far.evaluate(tf.constant(x, tf.float32)).gradient.numpy()


def test_a_glance_looks_from_afar_alone(near_and_far):
    x = RNG.uniform(0, 255, (1, 41, 53, 3))
    small = reference.shrunk_picture(x[0])
    smaller = reference.shrunk_picture(small)
    _, middle, far = near_and_far._views
    found = [
        view.evaluate(tf.constant(picture[None], tf.float32))
        for view, picture in ((middle, small), (far, smaller))
    ]
    glance = near_and_far.glance(tf.constant(x, tf.float32))
    np.testing.assert_allclose(glance.losses, (found[0].losses + 0.5 * found[1].losses) / 1.5, rtol=1e-4)
    step = 0.02 * glance.gradient.numpy() / np.abs(glance.gradient).max()
    ahead, behind = (near_and_far.glance(tf.constant(x + way, tf.float32)).total for way in (step, -step))
    slope = (glance.gradient.numpy() * step).sum()
    assert (ahead - behind) / 2 == pytest.approx(slope, rel=0.05)


def test_the_losses_are_the_weighted_mean_of_the_views(near_and_far):
    x = tf.constant(RNG.uniform(0, 255, (1, 41, 53, 3)), tf.float32)
    views = [x]
    for _ in range(2):
        small = reference.shrunk_picture(views[-1][0].numpy())
        views.append(tf.constant(small[None], tf.float32))
    found = [view.evaluate(one).losses for view, one in zip(near_and_far._views, views, strict=True)]
    expected = (found[0] + 0.5 * found[1] + 0.25 * found[2]) / 1.75
    np.testing.assert_allclose(near_and_far.evaluate(x).losses, expected, rtol=1e-4)
