"""The engine with its real network: small pictures, real paint."""

from itertools import pairwise

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from skimage import data

from nst import Checkpoint, Options, StyleTransfer, images
from nst.engine import finish, memory
from nst.engine.objective import LOSS_NAMES
from nst.engine.tiling import Strips
from nst.errors import Refusal

QUICK = Options(size=96, steps=12)


@pytest.fixture(scope="module")
def engine(vgg19_file):
    return StyleTransfer()


def small(picture, long_side=128):
    image = Image.fromarray(picture)
    image.thumbnail((long_side, long_side))
    return np.asarray(image)


@pytest.fixture(scope="module")
def cat():
    return small(data.chelsea())


@pytest.fixture(scope="module")
def coffee():
    return small(data.coffee())


def last(steps):
    step = None
    for step in steps:  # noqa: B007
        pass
    return step


def losses(engine, picture, content, styles, options):
    """Of any picture, by name: the photograph itself is a good yardstick."""
    size = images.fitted(content.shape[1], content.shape[0], options.size)
    judged = engine.judge(content, styles, options)(tf.cast(images.resize(picture, size), tf.float32)[None])
    return {name: float(loss) for name, loss in zip(LOSS_NAMES, judged.losses, strict=True)}


def test_a_run_paints(engine, cat, coffee):
    options = Options(size=128, steps=60)
    before = losses(engine, cat, cat, [coffee], options)
    steps = list(engine.run(cat, [coffee], options))
    assert [step.index for step in steps] == list(range(1, 61))
    assert {step.steps for step in steps} == {60}
    end = steps[-1]
    assert before["content"] == 0
    assert end.losses["total"] < 0.2 * before["total"]
    assert end.losses["total"] == pytest.approx(
        end.losses["content"] + end.losses["style"] + end.losses["tv"], rel=1e-5
    )
    assert end.image.dtype == np.uint8
    assert end.image.shape == (end.height, end.width, 3)
    assert (end.width, end.height) == (128, 85)
    assert sorted({(step.scale, step.width) for step in steps}) == [(0, 64), (1, 128)]
    assert all(a.seconds <= b.seconds for a, b in pairwise(steps))


def test_the_losses_of_a_step_are_those_of_its_picture(engine, cat, coffee):
    options = QUICK.model_copy(update={"precision": "float32"})
    end = last(engine.run(cat, [coffee], options))
    assert losses(engine, end.image, cat, [coffee], options)["total"] == pytest.approx(
        end.losses["total"], rel=0.02
    )


def test_same_seed_same_picture_and_another_seed_another(engine, cat, coffee):
    def paint(seed):
        return last(engine.run(cat, [coffee], Options(size=64, steps=6, init="noise", seed=seed))).image

    np.testing.assert_array_equal(paint(1), paint(1))
    assert not np.array_equal(paint(1), paint(2))


def test_outside_the_mask_every_pixel_is_the_photograph_s(engine, cat, coffee):
    mask = np.zeros((60, 80), np.uint8)
    mask[:, 40:] = 255
    mask[:, 35:40] = 128
    for options in (QUICK, QUICK.model_copy(update={"preserve_color": "luminance"})):
        end = last(engine.run(cat, [coffee], options, masks=[mask]))
        plain = np.asarray(Image.fromarray(cat).resize((end.width, end.height), Image.Resampling.LANCZOS))
        scaled = images.resize_mask(mask, (end.width, end.height))
        difference = np.abs(end.image.astype(int) - plain).max(2)
        assert (scaled == 0).mean() > 0.3
        assert difference[scaled == 0].max() <= 1
        assert difference[scaled == 255].mean() > 5


@pytest.mark.parametrize("size", [(32, 24), (320, 240), (96, 64), (1000, 3)])
def test_a_rescaled_mask_does_not_reach_into_its_black_part(engine, cat, coffee, size):
    width, height = size
    mask = np.zeros((height, width), np.uint8)
    mask[:, width // 2 :] = 255
    end = last(engine.run(cat, [coffee], QUICK, masks=[mask]))
    plain = images.resize(cat, (end.width, end.height)).astype(int)
    beyond = int(np.floor(width // 2 * end.width / width))  # columns wholly in the black part
    assert np.abs(end.image[:, :beyond] - plain[:, :beyond]).max() <= 1
    assert np.abs(end.image[:, beyond + 2 :] - plain[:, beyond + 2 :]).mean() > 5


def test_a_flat_photograph_is_painted_too(engine, coffee):
    options = Options(size=96, steps=60)
    grey = np.full((64, 96, 3), 128, np.uint8)
    end = last(engine.run(grey, [coffee], options))
    assert end.losses["total"] < 0.45 * losses(engine, grey, grey, [coffee], options)["total"]
    assert end.image.astype(float).std() > 15


def test_each_style_rules_its_own_region(engine, cat):
    red, blue = (np.full((64, 64, 3), colour, np.uint8) for colour in ((200, 20, 20), (20, 20, 200)))
    left = np.zeros((64, 96), np.float32)
    left[:, :48] = 1
    end = last(engine.run(cat, [red, blue], Options(size=96, steps=30), masks=[left, 1 - left]))
    warm = end.image[..., 0].astype(float) - end.image[..., 2]
    assert warm[:, :40].mean() > warm[:, 56:].mean() + 30


def test_blend_shifts_the_picture_from_one_style_to_the_other(engine, cat):
    red, blue = (np.full((64, 64, 3), colour, np.uint8) for colour in ((200, 20, 20), (20, 20, 200)))

    def warmth(blend):
        image = last(engine.run(cat, [red, blue], QUICK, blend=blend)).image.astype(float)
        return (image[..., 0] - image[..., 2]).mean()

    assert warmth([1, 0]) > warmth([0.5, 0.5]) > warmth([0, 1])


def test_adam_paints_too(engine, cat, coffee):
    options = Options(size=64, steps=40, optimizer="adam")
    assert (
        last(engine.run(cat, [coffee], options)).losses["total"]
        < 0.5 * (losses(engine, cat, cat, [coffee], options)["total"])
    )


@pytest.mark.parametrize("mode", ["luminance", "statistics"])
def test_colours_are_kept(engine, cat, mode):
    blue = (small(data.coffee()) * (0.2, 0.3, 1)).astype(np.uint8)
    plain, kept = (
        last(engine.run(cat, [blue], QUICK.model_copy(update={"preserve_color": choice}))).image
        for choice in ("none", mode)
    )

    def warmth(picture):
        return (picture[..., 0].astype(float) - picture[..., 2]).mean()

    assert abs(warmth(kept) - warmth(cat)) < 0.3 * abs(warmth(plain) - warmth(cat))


def test_a_picture_to_start_from_is_started_from(engine, cat, coffee):
    options = Options(size=64, steps=1, content_weight=0, style_weight=0, tv_weight=1e-3)
    white = np.full((9, 9, 3), 255, np.uint8)
    assert last(engine.run(cat, [coffee], options, init=white)).image.min() > 240


def test_a_scale_takes_up_the_forms_of_the_one_before_and_the_photograph_s_detail(cat):
    fine = tf.constant(cat[None], tf.float32)
    coarse = finish.resized(fine, (fine.shape[1] // 2, fine.shape[2] // 2))
    kept = finish.enlarged(tf.clip_by_value(coarse, 0.0, 255.0), cat)
    assert np.abs(kept - fine).mean() < 0.1  # a scale that painted nothing hands the photograph on

    darker = finish.enlarged(coarse * 0.5 + 40.0, cat)
    forms = finish.resized(darker, coarse.shape[1:3])
    assert np.abs(forms - (coarse * 0.5 + 40.0)).mean() < 4  # what was painted stays
    detail = darker - finish.resized(forms, fine.shape[1:3])
    wanted = fine - finish.resized(coarse, fine.shape[1:3])
    assert np.corrcoef(np.ravel(detail), np.ravel(wanted))[0, 1] > 0.95


def test_a_painting_from_noise_carries_no_noise_to_the_next_scale(engine, cat, coffee):
    """At the first step after a doubling the picture is closer to the photograph's edges than to noise."""
    steps = list(engine.run(cat, [coffee], Options(size=128, steps=8, init="noise")))
    first = next(step for step in steps if step.scale == 1)
    content = images.resize(cat, (first.width, first.height)).astype(float)
    edges, painted = (np.diff(x.astype(float), axis=1).ravel() for x in (content, first.image))
    assert np.corrcoef(edges, painted)[0, 1] > 0.1  # 0 were it noise


def test_resume_goes_on_where_the_run_stood(engine, cat, coffee):
    steps = list(engine.run(cat, [coffee], QUICK))
    saved = Checkpoint.from_bytes(steps[6].checkpoint().to_bytes())
    resumed = list(engine.run(cat, [coffee], QUICK, resume=saved))
    assert [step.index for step in resumed] == [8, 9, 10, 11, 12]
    assert resumed[-1].image.shape == steps[-1].image.shape
    assert resumed[-1].losses["total"] < steps[6].losses["total"] * 1.5
    assert np.abs(resumed[0].image.astype(int) - steps[7].image).mean() < 20


def test_a_finished_run_has_nothing_to_resume(engine, cat, coffee):
    end = last(engine.run(cat, [coffee], QUICK))
    assert list(engine.run(cat, [coffee], QUICK, resume=end.checkpoint())) == []


@pytest.mark.parametrize("data", [b"", b"not an archive", b"PK\x03\x04 cut short"])
def test_a_damaged_checkpoint_is_refused(data):
    with pytest.raises(Refusal, match="damaged"):
        Checkpoint.from_bytes(data)


FLAT = np.full((40, 40, 3), 128, np.uint8)


@pytest.mark.parametrize(
    ("content", "style"),
    [
        (FLAT, FLAT),
        (FLAT, np.zeros((32, 32, 3), np.uint8)),
        (np.full((32, 640, 3), 90, np.uint8), FLAT),
        (np.zeros((1, 1, 3), np.uint8), np.full((200, 9, 3), 255, np.uint8)),
    ],
    ids=["flat", "black style", "panorama", "one pixel"],
)
@pytest.mark.parametrize("optimizer", ["lbfgs", "adam"])
def test_extreme_pictures_give_a_finite_painting(engine, content, style, optimizer):
    for step in engine.run(content, [style], Options(size=64, steps=4, optimizer=optimizer)):
        assert np.isfinite(list(step.losses.values())).all()
        assert step.image.shape == (step.height, step.width, 3)


@pytest.mark.parametrize("weight", ["style_weight", "content_weight", "tv_weight"])
@pytest.mark.parametrize("value", [0, 1000])
def test_extreme_weights_give_a_finite_painting(engine, cat, coffee, weight, value):
    options = Options(size=64, steps=5).model_copy(update={weight: value})
    end = last(engine.run(cat, [coffee], options))
    assert np.isfinite(list(end.losses.values())).all()


def test_where_memory_is_short_a_painting_is_made_in_strips(engine, cat, coffee, monkeypatch):
    options = Options(size=96, steps=4, optimizer="adam", precision="float32")
    whole = last(engine.run(cat, [coffee], options)).image
    monkeypatch.setattr(memory, "SPARING_PIXELS", 0)
    monkeypatch.setattr(memory, "available", lambda: 10**7)
    with pytest.raises(Refusal):
        engine.run(cat, [coffee], options)
    monkeypatch.setitem(memory._STRIPS, tf.float32, memory._Demand(0, 1))
    passes, forward = [], Strips.forward
    monkeypatch.setattr(Strips, "forward", lambda *how: passes.append(1) or forward(*how))
    strips = last(engine.run(cat, [coffee], options)).image
    assert len(passes) >= options.steps
    assert np.abs(strips.astype(int) - whole).max() <= 2


def test_pil_images_are_welcome(engine, cat, coffee):
    end = last(engine.run(Image.fromarray(cat).convert("P"), [Image.fromarray(coffee)], QUICK))
    assert end.width == 96


@pytest.mark.parametrize(
    ("keywords", "code"),
    [
        ({"styles": []}, "no_style"),
        ({"blend": [0.5, 0.5]}, "bad_blend"),
        ({"blend": [0]}, "bad_blend"),
        ({"blend": [float("nan")]}, "bad_blend"),
        ({"masks": [np.zeros((9, 9), np.uint8)]}, "empty_mask"),
        ({"masks": [np.ones((9, 9)), np.ones((9, 9))]}, "bad_mask"),
        ({"masks": [np.ones((9, 9, 3))]}, "bad_mask"),
        ({"masks": [np.full((9, 9), np.nan)]}, "bad_mask"),
        ({"masks": [np.full((9, 9), 200.0)]}, "bad_mask"),
        ({"blend": [1e308, 1e308], "styles": [FLAT, FLAT]}, "bad_blend"),
        ({"content": "photo.jpg"}, "bad_picture"),
        ({"content": np.zeros((9, 9), np.uint8)}, "bad_picture"),
        ({"content": np.zeros((9, 9, 3), np.float32)}, "bad_picture"),
    ],
)
def test_arguments_that_do_not_fit_are_refused_at_once(engine, cat, coffee, keywords, code):
    with pytest.raises(Refusal) as refusal:
        engine.run(**({"content": cat, "styles": [coffee], "options": QUICK} | keywords))
    assert refusal.value.code == code
