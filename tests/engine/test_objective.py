"""The total loss and its gradient through a tiny network, against float64 loops and finite differences."""

import numpy as np
import pytest
import reference
import tensorflow as tf

from nst.engine import objective, style
from nst.engine.objective import Objective, composite, weights_of
from nst.engine.style import GramLoss, WassersteinLoss
from nst.engine.vgg19 import Vgg19
from nst.options import Options

HEIGHT, WIDTH = 17, 22
RNG = np.random.default_rng(8)
WEIGHTS = reference.tiny_weights()
OPTIONS = Options(content_weight=0.7, style_weight=1.3, tv_weight=0.4)
LOSSES = {"gram": GramLoss(), "wasserstein": WassersteinLoss()}


@pytest.fixture(scope="module")
def tiny():
    return Objective(Vgg19(WEIGHTS, tf.float32), GramLoss())


def picture(seed, shape=(HEIGHT, WIDTH, 3)):
    return np.random.default_rng(seed).uniform(0, 255, shape)


def tensor(x):
    return tf.constant(np.asarray(x)[None], tf.float32)


def mask(kind):
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    soft = np.clip((x - 6) / 8, 0, 1)
    return soft if kind == "right" else 1 - np.clip((x - 4) / 8, 0, 1) * (y > 3)


def targets_of(tiny, content, styles, shares, masks, guide=None):
    guide = None if guide is None else tensor(guide[..., None])
    content = tensor(content)
    return tiny.targets(
        content,
        tiny.content(content),
        [tiny.style(tensor(style), guide) for style in styles],
        shares,
        [tensor(m[..., None]) for m in masks],
    )


def expected_losses(kind, x, content, styles, shares, masks, guide=None):
    """(total, content, style, tv) by the definitions, in float64. `guide` is on every style picture."""
    canvas = np.minimum(sum(masks), 1)[..., None] if masks else 1.0
    painted = content + canvas * (x - content)
    found, wanted = reference.features(painted, WEIGHTS), reference.features(content, WEIGHTS)
    style_features = [reference.features(style, WEIGHTS) for style in styles]
    inside = reference.normalized(reference.shrunk(canvas[..., 0], 3)) if masks else None
    content_term = reference.content_loss(found["relu4_2"], wanted["relu4_2"], inside)
    style_term = 0.0
    for number, layer in enumerate(reference.STYLE):

        def at(features, mask, layer=layer, number=number):
            inside = None if mask is None else reference.normalized(reference.shrunk(mask, number))
            return reference.gram(features[layer], inside), reference.mean(features[layer], inside)

        def loss(found, wanted):
            if kind == "gram":
                return reference.gram_loss(found[0], wanted[0])
            return reference.wasserstein_loss(found, wanted)

        targets = [at(features, guide) for features in style_features]
        if len(masks) > 1:
            areas = [share * mask.mean() for share, mask in zip(shares, masks, strict=True)]
            for area, mask, target in zip(areas, masks, targets, strict=True):
                pull = LOSSES[kind].shares[number] * area / sum(areas)
                style_term += pull * loss(at(found, mask), target)
        else:
            gram = sum(share * target[0] for share, target in zip(shares, targets, strict=True))
            mean = sum(share * target[1] for share, target in zip(shares, targets, strict=True))
            mask = masks[0] if masks else None
            style_term += LOSSES[kind].shares[number] * loss(at(found, mask), (gram, mean))
    tv_term = reference.total_variation(painted) / (np.mean(canvas**2) if masks else 1)
    weights = (OPTIONS.content_weight, OPTIONS.style_weight, OPTIONS.tv_weight)
    scales = (objective.CONTENT_SCALE, LOSSES[kind].scale, objective.TV_SCALE)
    terms = [w * s * t for w, s, t in zip(weights, scales, (content_term, style_term, tv_term), strict=True)]
    return np.array([sum(terms), *terms])


CASES = {
    "one style": ([1.0], [], None),
    "two styles mixed": ([0.7, 0.3], [], None),
    "one style under a soft mask": ([1.0], [mask("right")], None),
    "two styles, a region each": ([0.6, 0.4], [mask("right"), mask("left")], None),
    "a part of the painting": ([1.0], [], np.linspace(0, 1, 19 * 16).reshape(19, 16)),
}


@pytest.mark.parametrize("kind", LOSSES)
@pytest.mark.parametrize("case", CASES)
def test_losses_and_gradient(case, kind, monkeypatch):
    monkeypatch.setattr(style, "ITERATIONS", 25)  # a random network has channels that are nearly dead
    tiny = Objective(Vgg19(WEIGHTS, tf.float32), LOSSES[kind])
    shares, masks, guide = CASES[case]
    x, content = picture(1), picture(2)
    styles = [picture(3 + n, (19 if guide is not None else 19 + n, 16, 3)) for n in range(len(shares))]
    known = (content, styles, shares, masks, guide)
    found = tiny.evaluate(tensor(x), targets_of(tiny, *known), weights_of(OPTIONS))
    np.testing.assert_allclose(found.losses, expected_losses(kind, x, *known), rtol=3e-3)
    gradient = found.gradient[0].numpy()
    places = [(0, 0, 0), (16, 21, 2), (8, 11, 1), (3, 17, 0), (12, 5, 2), (5, 9, 1)]
    for place in places:
        slope = reference.central_difference(lambda z: expected_losses(kind, z, *known)[0], x, place, 1e-2)
        np.testing.assert_allclose(gradient[place], slope, rtol=0.03, atol=4e-3 * np.abs(gradient).max())


def test_a_small_region_is_painted_as_strongly_as_a_large_one(tiny, monkeypatch):
    """The style's pull on a pixel does not depend on how large its region is."""
    monkeypatch.setattr(GramLoss, "shares", (1.0, 0.0, 0.0, 0.0, 0.0))
    content = np.tile(picture(2, (8, 8, 3)), (4, 8, 1))  # the same everywhere
    narrow, wide = np.zeros((32, 64)), np.ones((32, 64))
    narrow[:, :16] = 1
    wide[:, :16] = 0
    targets = targets_of(tiny, content, [picture(3), picture(3)], [0.5, 0.5], [narrow, wide])
    pull = tiny.evaluate(tensor(content), targets, tf.constant([0.0, 1.0, 0.0])).gradient[0].numpy()
    left, right = (np.sqrt((part**2).mean()) for part in (pull[:, 4:12], pull[:, 36:60]))
    assert left == pytest.approx(right, rel=0.3)


def test_outside_the_mask_the_picture_is_the_photograph_and_has_no_gradient(tiny):
    content, hole = picture(2), np.ones((HEIGHT, WIDTH, 1))
    hole[4:9, 5:15] = 0
    targets = targets_of(tiny, content, [picture(3)], [1.0], [hole[..., 0]])
    found = tiny.evaluate(tensor(picture(1)), targets, weights_of(OPTIONS))
    assert not found.gradient[0, 4:9, 5:15].numpy().any()
    assert found.gradient[0, :4].numpy().all()
    outside = composite(tensor(picture(1)), targets)[0, 4:9, 5:15]
    np.testing.assert_array_equal(outside, content[4:9, 5:15].astype(np.float32))


def test_the_photograph_itself_has_no_content_loss(tiny):
    content = picture(2)
    targets = targets_of(tiny, content, [picture(3)], [1.0], [])
    total, content_term, style, tv = tiny.evaluate(tensor(content), targets, weights_of(OPTIONS)).losses
    assert content_term == 0
    assert style > 0
    assert total == pytest.approx(style + tv)


def test_one_graph_serves_every_size(tiny):
    for size in (16, 24, 33):
        content = picture(2, (size, size + 3, 3))
        targets = targets_of(tiny, content, [picture(3)], [1.0], [])
        tiny.evaluate(tensor(content), targets, weights_of(OPTIONS))
    traced = tiny._evaluations[1, False]
    assert traced.experimental_get_tracing_count() == 1


@pytest.mark.parametrize("kind", LOSSES)
def test_the_graph_that_a_gpu_runs_compiles_and_agrees(kind, monkeypatch):
    tiny = Objective(Vgg19(WEIGHTS, tf.float32), LOSSES[kind])
    targets = targets_of(tiny, picture(2), [picture(3)], [1.0], [mask("left")])
    plain = tiny.evaluate(tensor(picture(1)), targets, weights_of(OPTIONS))
    monkeypatch.setattr(objective, "has_gpu", lambda: True)  # XLA, which compiles for this processor too
    compiled = Objective(Vgg19(WEIGHTS, tf.float32), LOSSES[kind]).evaluate(
        tensor(picture(1)), targets, weights_of(OPTIONS)
    )
    np.testing.assert_allclose(compiled.losses, plain.losses, rtol=1e-4)
    scale = np.abs(plain.gradient).max()
    np.testing.assert_allclose(compiled.gradient, plain.gradient, rtol=1e-3, atol=1e-4 * scale)
