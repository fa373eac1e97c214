"""The gradient in strips against the gradient of the whole picture."""

import numpy as np
import pytest
import reference
import tensorflow as tf

from nst.engine import memory, tiling
from nst.engine.objective import Objective, weights_of
from nst.engine.style import GramLoss, WassersteinLoss
from nst.engine.vgg19 import Vgg19
from nst.options import Options

RNG = np.random.default_rng(12)


def tensor(*shape):
    return tf.constant(RNG.uniform(0, 255, (1, *shape)), tf.float32)


def masks(kind, height, width):
    x = np.linspace(0, 1, width)[None, :, None] * np.ones((height, 1, 1))
    return {"none": [], "one": [x], "two": [x, 1 - x]}[kind]


@pytest.mark.parametrize("loss", [GramLoss(), WassersteinLoss()], ids=["gram", "wasserstein"])
@pytest.mark.parametrize("kind", ["none", "one", "two"])
@pytest.mark.parametrize(("height", "width"), [(96, 80), (131, 77), (64, 200)])
def test_strips_give_the_losses_and_gradient_of_the_whole(monkeypatch, kind, loss, height, width):
    tiny = Objective(Vgg19(reference.tiny_weights(), tf.float32), loss)
    content, picture = tensor(height, width, 3), tensor(height, width, 3)
    chosen = [tf.constant(mask[None], tf.float32) for mask in masks(kind, height, width)]
    styles = [tiny.style(tensor(60, 50, 3)) for _ in range(max(1, len(chosen)))]
    shares = [1 / len(styles)] * len(styles)

    def evaluate():
        targets = tiny.targets(content, tiny.content(content), styles, shares, chosen)
        return tiny.evaluate(picture, targets, weights_of(Options()))

    whole = evaluate()
    monkeypatch.setattr(memory, "WHOLE_PIXELS", 0)
    monkeypatch.setattr(tiling, "STRIP_VALUES", 1)  # as low as overlaps allow
    assert all(len(list(tiny._strips.strips(n, height >> n, width >> n))) >= 2 for n in range(3))
    strips = evaluate()
    np.testing.assert_allclose(strips.losses, whole.losses, rtol=1e-5)
    error = np.linalg.norm(strips.gradient - whole.gradient) / np.linalg.norm(whole.gradient)
    assert error < 1e-4


@pytest.mark.parametrize("guided", [False, True])
def test_styles_in_strips_are_those_of_the_whole(monkeypatch, guided):
    tiny = Objective(Vgg19(reference.tiny_weights(), tf.float32), WassersteinLoss())
    painting = tensor(97, 64, 3)
    guide = tf.constant(masks("one", 97, 64)[0][None], tf.float32) if guided else None
    whole = tiny.style(painting, guide)
    monkeypatch.setattr(memory, "WHOLE_PIXELS", 0)
    monkeypatch.setattr(tiling, "STRIP_VALUES", 3 * 30 * 64)
    for found, expected in zip(tiny.style(painting, guide), whole, strict=True):
        np.testing.assert_allclose(found.gram, expected.gram, rtol=1e-4, atol=1e-2)
        np.testing.assert_allclose(found.mean[0], expected.mean[0], rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("rows", [1, 2, 7, 40, 41, 100])
@pytest.mark.parametrize("block", range(5))
def test_strips_cover_every_row_once_and_keep_pooling_windows_whole(monkeypatch, rows, block):
    monkeypatch.setattr(tiling, "STRIP_VALUES", 2 * 10 * 6)
    tiny = Objective(Vgg19(reference.tiny_weights(), tf.float32), GramLoss())
    planned = list(tiny._strips.strips(block, rows, 10))
    assert [strip.first for strip in planned[1:]] == [strip.last for strip in planned[:-1]]
    assert (planned[0].first, planned[-1].last) == (0, rows)
    assert all(strip.first % 2 == 0 for strip in planned)
    if block < 4:  # what the last block pools nobody reads
        assert all(strip.above % 2 == 0 for strip in planned)
