"""Steering a run, going on with a finished one, and where its scales end."""

import numpy as np
import pytest
from skimage import data

from nst import Options, images
from nst.engine import styles
from nst.errors import Refusal

OPTIONS = Options(size=128, steps=24)
RED, BLUE = (np.full((48, 64, 3), colour, np.uint8) for colour in ((200, 20, 20), (20, 20, 200)))


def steered(painting, at, **change):
    """All steps of a run that is steered after step `at`."""
    steps = []
    for step in painting:
        steps.append(step)
        if step.index == at:
            painting.steer(**change)
    return steps


def warmth(step):
    return (step.image[..., 0].astype(float) - step.image[..., 2]).mean()


def test_a_weight_acts_from_the_next_step_on(engine, cat):
    calm = list(engine.run(cat, [RED], OPTIONS))
    turned = steered(engine.run(cat, [RED], OPTIONS), 10, style_weight=0.0)
    assert all(np.array_equal(a.image, b.image) for a, b in zip(calm[:10], turned[:10], strict=True))
    assert not np.array_equal(calm[10].image, turned[10].image)
    assert turned[9].losses["style"] > 0
    assert all(step.losses["style"] == 0 for step in turned[10:])
    assert (
        np.abs(turned[-1].image - cat.astype(float)).mean()
        < np.abs(calm[-1].image - cat.astype(float)).mean()
    )


def test_a_change_that_makes_the_loss_jump_does_not_blow_the_picture_up(engine, cat):
    steps = steered(engine.run(cat, [data.coffee()], OPTIONS), 20, style_weight=1000.0, tv_weight=0.0)
    leap = np.abs(steps[20].image.astype(float) - steps[19].image)
    assert 0 < leap.mean() < 8
    assert np.isfinite([step.losses["total"] for step in steps]).all()
    assert steps[-1].losses["total"] < steps[20].losses["total"]


def test_the_same_steering_paints_the_same_picture(engine, cat):
    one, other = (steered(engine.run(cat, [RED], OPTIONS), 9, tv_weight=9.0)[-1] for _ in range(2))
    np.testing.assert_array_equal(one.image, other.image)


def test_the_blend_shifts_on_the_way(engine, cat):
    red, blue = (
        steered(engine.run(cat, [RED, BLUE], OPTIONS), 8, blend=blend)[-1] for blend in ([1, 0], [0, 1])
    )
    assert warmth(red) > warmth(blue) + 20


def test_a_mask_is_put_on_and_taken_off_on_the_way(engine, cat):
    right = np.zeros((85, 128), np.uint8)
    right[:, 64:] = 255
    masked = steered(engine.run(cat, [RED], OPTIONS), 12, masks=[right])
    final = images.resize(cat, (masked[-1].width, masked[-1].height)).astype(int)
    assert np.abs(masked[-1].image[:, :60] - final[:, :60]).max() <= 1
    assert np.abs(masked[-1].image[:, 68:] - final[:, 68:]).mean() > 5
    bare = steered(engine.run(cat, [RED], OPTIONS, masks=[right]), 12, masks=())
    assert np.abs(bare[-1].image[:, :60] - final[:, :60]).mean() > 5


def test_a_guide_is_put_on_and_taken_off_on_the_way(engine, cat):
    both = np.concatenate([RED, BLUE], 1)
    left, right = (np.repeat(np.uint8([half]), 64, 1).repeat(48, 0) for half in ((255, 0), (0, 255)))
    plain = list(engine.run(cat, [both], OPTIONS))[-1]
    red, blue = (steered(engine.run(cat, [both], OPTIONS), 8, guides=[part])[-1] for part in (left, right))
    assert warmth(red) > warmth(plain) + 10 > warmth(blue) + 20
    kept = list(engine.run(cat, [both], OPTIONS, guides=[left]))[-1]
    bare = steered(engine.run(cat, [both], OPTIONS, guides=[left]), 8, guides=())[-1]
    assert warmth(bare) < warmth(kept) - 10


@pytest.mark.parametrize("mode", ["luminance", "statistics"])
def test_colours_are_kept_from_then_on(engine, cat, mode):
    free = list(engine.run(cat, [BLUE], OPTIONS))[-1]
    kept = steered(engine.run(cat, [BLUE], OPTIONS), 2, preserve_color=mode)[-1]
    photograph = (cat[..., 0].astype(float) - cat[..., 2]).mean()
    assert abs(warmth(kept) - photograph) < 0.75 * abs(warmth(free) - photograph)


def test_more_steps_are_painted_and_change_nothing_else(engine, cat):
    plain = list(engine.run(cat, [RED], OPTIONS))
    longer = steered(engine.run(cat, [RED], OPTIONS), 24 - 1, steps=30)
    assert [step.index for step in longer] == list(range(1, 31))
    assert longer[-1].steps == 30
    np.testing.assert_array_equal(longer[22].image, plain[22].image)
    assert longer[-1].losses["total"] < plain[-1].losses["total"]


def test_fewer_steps_than_are_done_still_reach_the_finest_scale(engine, cat):
    steps = steered(engine.run(cat, [RED], OPTIONS), 10, steps=5)
    assert [step.index for step in steps] == list(range(1, 12))
    assert (steps[9].width, steps[10].width) == (64, 128)
    at_the_end = steered(engine.run(cat, [RED], OPTIONS), 22, steps=5)
    assert at_the_end[-1].index == 22


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"size": 256}, "not_live"),
        ({"hue": 1}, "not_live"),
        ({"style_weight": -1}, "invalid_option"),
        ({"blend": [1, 1]}, "bad_blend"),
        ({"masks": [np.zeros((9, 9), np.uint8)]}, "empty_mask"),
        ({"guides": [np.zeros((9, 9), np.uint8)]}, "empty_guide"),
        ({"guides": [None, None]}, "bad_guide"),
    ],
)
def test_a_change_that_does_not_fit_is_refused_and_changes_nothing(engine, cat, change, code):
    painting = engine.run(cat, [RED], OPTIONS)
    next(painting)
    with pytest.raises(Refusal) as refusal:
        painting.steer(**change)
    assert refusal.value.code == code
    plain = list(engine.run(cat, [RED], OPTIONS))
    np.testing.assert_array_equal(list(painting)[-1].image, plain[-1].image)


def test_steering_costs_no_trace(engine, cat):
    painting = engine.run(cat, [RED], OPTIONS)
    for _ in range(12):
        next(painting)
    traced = engine.objective(OPTIONS)._evaluations[1, False]
    before = traced.experimental_get_tracing_count()
    painting.steer(style_weight=2.0, content_weight=0.5, preserve_color="statistics", style_scale=2.0)
    next(painting)
    assert traced.experimental_get_tracing_count() == before


def test_a_finished_painting_goes_on(engine, cat):
    first = list(engine.run(cat, [data.coffee()], OPTIONS))[-1]
    more = list(engine.run(cat, [data.coffee()], Options(size=128, steps=10), onward=first.image))
    assert (more[0].index, more[0].steps, more[0].scales, more[0].width) == (1, 10, 1, 128)
    assert more[-1].losses["total"] < first.losses["total"]
    assert np.abs(more[0].image.astype(float) - first.image).mean() < 6


def test_a_finished_painting_goes_on_at_double_size(engine, cat):
    first = list(engine.run(cat, [data.coffee()], Options(size=64, steps=24)))[-1]
    double = list(engine.run(cat, [data.coffee()], Options(size=128, steps=6), onward=first.image))
    assert {(step.width, step.scales) for step in double} == {(128, 1)}
    size = first.width, first.height
    small = images.resize(double[-1].image, size).astype(float)
    assert np.abs(small - first.image).mean() < 0.5 * np.abs(small - images.resize(cat, size)).mean()


def test_a_checkpoint_goes_on_at_its_scale_whatever_the_steps(engine, cat):
    saved = list(engine.run(cat, [RED], OPTIONS))[15].checkpoint()  # at the finest scale
    longer = list(engine.run(cat, [RED], Options(size=128, steps=100), resume=saved))
    assert longer[0].width == 128
    assert (longer[0].index, longer[-1].index) == (17, 100)


def test_a_part_of_the_painting_is_copied_alone(engine, cat):
    halves = np.concatenate([RED, BLUE], 1)
    left = np.zeros(halves.shape[:2], np.uint8)
    left[:, :64] = 255
    red, blue = (list(engine.run(cat, [halves], OPTIONS, guides=[guide]))[-1] for guide in (left, 255 - left))
    assert warmth(red) > warmth(blue) + 40


def test_larger_strokes_are_larger(engine, cat):
    """A checkerboard seen twice as large leaves a picture with lower frequencies."""
    y, x = np.mgrid[:128, :128]
    board = np.repeat((((x // 4) + (y // 4)) % 2 * 255).astype(np.uint8)[..., None], 3, 2)

    def fineness(scale):
        end = list(engine.run(cat, [board], Options(size=128, steps=40, style_scale=scale)))[-1]
        grey = end.image.astype(float).mean(2)
        return np.abs(np.diff(grey, axis=1)).mean() / grey.std()

    assert fineness(2.0) < 0.85 * fineness(1.0)


def test_a_style_is_worked_out_once(engine, cat, monkeypatch):
    list(engine.run(cat, [RED], OPTIONS))
    monkeypatch.setattr(styles.Styles, "_worked_out", lambda *_: pytest.fail("it was known"))
    list(engine.run(cat, [RED.copy()], OPTIONS))


def test_the_style_memory_forgets_the_oldest():
    looked_up = []
    memory = styles.StyleMemory(looked_up.append)
    asked = []
    for key in [*range(memory.ENTRIES + 1), 1, 0]:
        memory.recall(key, lambda key=key: asked.append(key) or (key,))
    assert asked == [*range(memory.ENTRIES + 1), 0]
    assert looked_up == [False] * (memory.ENTRIES + 1) + [True, False]


def test_an_unfinished_painting_is_shown_at_the_size_it_will_have(engine, cat):
    right = np.zeros((85, 128), np.uint8)
    right[:, 64:] = 255
    painting = engine.run(cat, [RED], OPTIONS, masks=[right])
    step = [next(painting) for _ in range(8)][-1]
    assert step.image.shape == (43, 64, 3)
    large = step.enlarged(128)
    assert large.shape == (85, 128, 3)
    assert np.abs(large[:, :60].astype(int) - cat[:, :60]).max() <= 1  # outside the mask: the photograph
    small = images.resize(large, (64, 43)).astype(float)
    assert np.abs(small - step.image).mean() < 6  # inside it: what was painted
    edges = np.abs(np.diff(large[:, 68:].astype(float), axis=1)).mean()
    blurred = images.resize(step.image, (128, 85))[:, 68:].astype(float)
    assert edges > 1.3 * np.abs(np.diff(blurred, axis=1)).mean()
    assert step.enlarged().shape == (85, 128, 3)
    assert step.enlarged(4000).shape == (85, 128, 3)
    assert step.enlarged(32) is step.image


def test_where_two_soft_regions_meet_no_photograph_shines_through(engine, cat):
    """Half red and half red is red: the border between two regions of one style must not be seen."""
    fade = np.linspace(0, 1, 128, dtype=np.float32)[None].repeat(85, 0)
    white = np.full_like(cat, 255)
    black = np.zeros_like(cat)
    weights = {"content_weight": 0.0, "style_weight": 0.0, "tv_weight": 0.001}
    options = Options(size=128, steps=1, **weights)
    end = list(engine.run(white, [RED, RED], options, init=black, masks=[fade, 1 - fade]))[-1]
    assert end.image.max() < 30
