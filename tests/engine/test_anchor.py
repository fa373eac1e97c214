"""Holding on to a picture: a loss that pulls back where the mask is white, and a run that feels it."""

import numpy as np
import pytest
import reference
import tensorflow as tf

from nst.engine import subject
from nst.engine.anchor import SCALE, Anchor, Hold
from nst.engine.objective import Objective
from nst.engine.optimizers import Evaluation
from nst.engine.painting import Painting
from nst.engine.stage import Course, Stage
from nst.engine.style import GramLoss
from nst.engine.styles import StyleMemory
from nst.engine.vgg19 import Vgg19
from nst.errors import Refusal
from nst.options import Options

RNG = np.random.default_rng(5)
CONTENT, PAINTING, HELD = (RNG.integers(0, 256, (41, 53, 3), np.uint8) for _ in range(3))
LEFT = np.zeros((41, 53), np.uint8)
LEFT[:, :26] = 255


@pytest.fixture(scope="module")
def objective():
    return Objective(Vgg19(reference.tiny_weights(), tf.float32), GramLoss())


def nothing(picture):
    return Evaluation(np.zeros(4, np.float32), tf.zeros_like(picture))


def test_the_loss_is_the_masked_square_of_the_distance():
    x = RNG.uniform(0, 255, (1, 41, 53, 3)).astype(np.float32)
    mask = RNG.uniform(0, 1, (41, 53)).astype(np.float32)
    x = tf.constant(x)
    found = Hold(Anchor(HELD, mask, 2.0), 53, 41).added_to(nothing(x), x)
    levels = np.rint(mask * 255)[None, :, :, None] / 255
    expected = 2.0 * SCALE * np.mean(levels * np.square((x.numpy() - HELD) / 255))
    assert found.losses[0] == found.losses[-1] == pytest.approx(expected, rel=1e-5)
    with tf.GradientTape() as tape:
        tape.watch(x)
        loss = 2.0 * SCALE * tf.reduce_mean(levels.astype(np.float32) * tf.square((x - HELD) / 255.0))
    assert np.allclose(found.gradient, tape.gradient(loss, x), rtol=1e-4, atol=1e-9)


def test_an_anchor_fits_every_scale():
    half = tf.constant(RNG.uniform(0, 255, (1, 20, 26, 3)), tf.float32)
    found = Hold(Anchor(HELD, LEFT), 26, 20).added_to(nothing(half), half)
    assert found.losses[-1] > 0
    assert np.abs(found.gradient[:, :, :12]).min() > 0
    assert np.abs(found.gradient[:, :, 15:]).max() == 0


def test_a_stage_adds_the_anchor_to_what_it_finds(objective):
    pictures = subject.subject(CONTENT, None, None)
    course = Course(Options(), subject.painted([PAINTING], ()), (1.0,), ())
    free = Stage(objective, StyleMemory(), pictures, 53, course)
    held = Stage(objective, StyleMemory(), pictures, 53, course, Anchor(HELD, LEFT))
    x = tf.constant(RNG.uniform(0, 255, (1, 41, 53, 3)), tf.float32)
    assert free.loss_names == ("total", "content", "style", "tv")
    assert held.loss_names == (*free.loss_names, "anchor")
    for look in ("evaluate", "glance"):
        alone, together = getattr(free, look)(x), getattr(held, look)(x)
        assert together.losses[1:4] == pytest.approx(alone.losses[1:])
        assert together.total == pytest.approx(alone.total + together.losses[-1])
        assert together.losses[-1] > 0
    assert np.array_equal(free.evaluate(x).gradient[:, :, 27:], held.evaluate(x).gradient[:, :, 27:])


def test_a_run_comes_to_the_picture_where_it_is_held(objective):
    pictures = subject.subject(CONTENT, None, CONTENT)
    course = Course(Options(size=53, steps=12), subject.painted([PAINTING], ()), (1.0,), ())
    run = Painting(objective, StyleMemory(), pictures, course, None, Anchor(HELD, LEFT, 1000.0))
    last = list(run)[-1]
    before, after = (np.abs(picture.astype(int) - HELD).mean((0, 2)) for picture in (CONTENT, last.image))
    assert after[:24].mean() < 0.2 * before[:24].mean()
    assert after[28:].mean() > 0.8 * before[28:].mean()
    assert "anchor" in last.losses


@pytest.mark.parametrize(
    ("anchor", "code"),
    [
        (Anchor(HELD.astype(np.float32), LEFT), "bad_picture"),
        (Anchor(HELD, LEFT[0]), "bad_mask"),
        (Anchor(HELD, LEFT - 1.0), "bad_mask"),
    ],
)
def test_what_is_no_picture_or_mask_is_refused(anchor, code):
    with pytest.raises(Refusal) as refused:
        Hold(anchor, 53, 41)
    assert refused.value.code == code
