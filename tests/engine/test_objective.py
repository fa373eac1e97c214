"""The total loss and its gradient through a tiny network, against float64 loops and finite differences."""

import numpy as np
import pytest
import reference
import tensorflow as tf

from nst.engine import objective
from nst.engine.objective import Objective, composite, weights_of
from nst.engine.vgg19 import Vgg19
from nst.options import Options

HEIGHT, WIDTH = 17, 22
RNG = np.random.default_rng(8)
WEIGHTS = reference.tiny_weights()
OPTIONS = Options(content_weight=0.7, style_weight=1.3, tv_weight=0.4)
SCALES = (objective.CONTENT_SCALE, objective.STYLE_SCALE, objective.TV_SCALE)


@pytest.fixture(scope="module")
def tiny():
    return Objective(Vgg19(WEIGHTS, tf.float32))


def picture(seed, shape=(HEIGHT, WIDTH, 3)):
    return np.random.default_rng(seed).uniform(0, 255, shape)


def tensor(x):
    return tf.constant(np.asarray(x)[None], tf.float32)


def mask(kind):
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    soft = np.clip((x - 6) / 8, 0, 1)
    return soft if kind == "right" else 1 - np.clip((x - 4) / 8, 0, 1) * (y > 3)


def expected_losses(x, content, styles, shares, masks):
    """(total, content, style, tv) by the definitions, in float64."""
    canvas = np.minimum(sum(masks), 1)[..., None] if masks else 1.0
    painted = content + canvas * (x - content)
    found, wanted = reference.features(painted, WEIGHTS), reference.features(content, WEIGHTS)
    style_features = [reference.features(style, WEIGHTS) for style in styles]
    guide = reference.normalized(reference.shrunk(canvas[..., 0], 3)) if masks else None
    content_term = reference.content_loss(found["relu4_2"], wanted["relu4_2"], guide)
    style_term = 0.0
    for number, layer in enumerate(reference.STYLE):
        grams = [reference.gram(features[layer]) for features in style_features]
        if len(masks) > 1:
            for share, region, target in zip(shares, masks, grams, strict=True):
                inside = reference.normalized(reference.shrunk(region, number))
                loss = reference.style_loss(reference.gram(found[layer], inside), target)
                style_term += objective.LAYER_SHARES[number] * share * loss
        else:
            mixed = sum(share * gram for share, gram in zip(shares, grams, strict=True))
            inside = reference.normalized(reference.shrunk(masks[0], number)) if masks else None
            loss = reference.style_loss(reference.gram(found[layer], inside), mixed)
            style_term += objective.LAYER_SHARES[number] * loss
    tv_term = reference.total_variation(painted) / (np.mean(canvas**2) if masks else 1)
    weights = (OPTIONS.content_weight, OPTIONS.style_weight, OPTIONS.tv_weight)
    terms = [w * s * t for w, s, t in zip(weights, SCALES, (content_term, style_term, tv_term), strict=True)]
    return np.array([sum(terms), *terms])


CASES = {
    "one style": ([1.0], []),
    "two styles mixed": ([0.7, 0.3], []),
    "one style under a soft mask": ([1.0], [mask("right")]),
    "two styles, a region each": ([0.6, 0.4], [mask("right"), mask("left")]),
}


@pytest.mark.parametrize("case", CASES)
def test_losses_and_gradient(tiny, case):
    shares, masks = CASES[case]
    x, content = picture(1), picture(2)
    styles = [picture(3 + n, (19 + n, 16, 3)) for n in range(len(shares))]
    targets = tiny.targets(
        tensor(content),
        [tiny.style_grams(tensor(style)) for style in styles],
        shares,
        [tensor(m[..., None]) for m in masks],
    )
    found = tiny.evaluate(tensor(x), targets, weights_of(OPTIONS))
    np.testing.assert_allclose(found.losses, expected_losses(x, content, styles, shares, masks), rtol=1e-3)
    gradient = found.gradient[0].numpy()
    places = [(0, 0, 0), (16, 21, 2), (8, 11, 1), (3, 17, 0), (12, 5, 2), (5, 9, 1)]
    for place in places:
        slope = reference.central_difference(
            lambda z: expected_losses(z, content, styles, shares, masks)[0], x, place, step=1e-2
        )
        np.testing.assert_allclose(gradient[place], slope, rtol=0.02, atol=2e-3 * np.abs(gradient).max())


def test_outside_the_mask_the_picture_is_the_photograph_and_has_no_gradient(tiny):
    content, hole = picture(2), np.ones((HEIGHT, WIDTH, 1))
    hole[4:9, 5:15] = 0
    targets = tiny.targets(tensor(content), [tiny.style_grams(tensor(picture(3)))], [1.0], [tensor(hole)])
    found = tiny.evaluate(tensor(picture(1)), targets, weights_of(OPTIONS))
    assert not found.gradient[0, 4:9, 5:15].numpy().any()
    assert found.gradient[0, :4].numpy().all()
    outside = composite(tensor(picture(1)), targets)[0, 4:9, 5:15]
    np.testing.assert_array_equal(outside, content[4:9, 5:15].astype(np.float32))


def test_the_photograph_itself_has_no_content_loss(tiny):
    content = picture(2)
    targets = tiny.targets(tensor(content), [tiny.style_grams(tensor(picture(3)))], [1.0], [])
    total, content_term, style, tv = tiny.evaluate(tensor(content), targets, weights_of(OPTIONS)).losses
    assert content_term == 0
    assert style > 0
    assert total == pytest.approx(style + tv)


def test_one_graph_serves_every_size(tiny):
    for size in (16, 24, 33):
        content = picture(2, (size, size + 3, 3))
        targets = tiny.targets(tensor(content), [tiny.style_grams(tensor(picture(3)))], [1.0], [])
        tiny.evaluate(tensor(content), targets, weights_of(OPTIONS))
    traced = tiny._evaluations[1, False]
    assert traced.experimental_get_tracing_count() == 1


def test_the_graph_that_a_gpu_runs_compiles_and_agrees(tiny, monkeypatch):
    content = picture(2)
    targets = tiny.targets(
        tensor(content), [tiny.style_grams(tensor(picture(3)))], [1.0], [tensor(mask("left")[..., None])]
    )
    plain = tiny.evaluate(tensor(picture(1)), targets, weights_of(OPTIONS))
    monkeypatch.setattr(objective, "has_gpu", lambda: True)  # XLA, which compiles for this processor too
    compiled = Objective(Vgg19(WEIGHTS, tf.float32)).evaluate(
        tensor(picture(1)), targets, weights_of(OPTIONS)
    )
    np.testing.assert_allclose(compiled.losses, plain.losses, rtol=1e-4)
    scale = np.abs(plain.gradient).max()
    np.testing.assert_allclose(compiled.gradient, plain.gradient, rtol=1e-3, atol=1e-4 * scale)
