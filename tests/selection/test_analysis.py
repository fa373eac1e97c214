from itertools import pairwise

import cv2
import numpy as np
import pytest
from selection.scenes import disc, iou, two_discs

from bench.outlines import CAT, COFFEE
from bench.selection import measured
from nst.errors import Refusal
from nst.selection import Click, analyse
from nst.selection.analysis import MASK_SIDE

LEFT, RIGHT = Click(0.25, 0.5), Click(0.75, 0.5)


@pytest.fixture(scope="module")
def scene() -> tuple[object, np.ndarray, np.ndarray]:
    pixels, left, right = two_discs()
    return analyse(pixels), left, right


def test_a_click_selects_the_thing_under_it(scene: tuple) -> None:
    analysis, left, right = scene
    assert iou(analysis.select([LEFT]).mask, left) > 0.95
    assert iou(analysis.select([RIGHT]).mask, right) > 0.95
    assert iou(analysis.select([Click(0.5, 0.1)]).mask, ~(left | right)) > 0.9


def test_further_clicks_add_and_remove(scene: tuple) -> None:
    analysis, left, right = scene
    both = analysis.select([LEFT, RIGHT])
    assert iou(both.mask, left | right) > 0.95
    assert both.area == pytest.approx((left | right).mean(), rel=0.05)


def test_a_removing_click_takes_the_thing_under_it_away(scene: tuple) -> None:
    analysis, left, right = scene
    most = Click(LEFT.x, LEFT.y, level=1.0)
    assert (analysis.select([most]).mask[right] >= 128).all()
    without = analysis.select([most, Click(RIGHT.x, RIGHT.y, add=False)]).mask >= 128
    assert without[right].mean() < 0.05
    assert without[left].mean() > 0.95


def test_what_was_clicked_to_be_added_stays(scene: tuple) -> None:
    mask = scene[0].select([LEFT, Click(LEFT.x, LEFT.y, add=False)]).mask
    assert mask[75, 60] >= 128


def test_the_slider_grows_and_shrinks_in_nested_steps(scene: tuple) -> None:
    analysis, _, _ = scene
    chosen = analysis.select([LEFT])
    assert len(chosen.levels) >= 4
    assert all(a < b for a, b in pairwise(chosen.levels))
    assert 0 < chosen.level < 1
    steps = [analysis.select([LEFT], k / (len(chosen.levels) - 1)) for k in range(len(chosen.levels))]
    for smaller, larger in pairwise(steps):
        lost = (smaller.mask >= 128) & (larger.mask < 128)
        assert lost.mean() < 0.01
    assert steps[0].area < chosen.area < steps[-1].area
    assert np.array_equal(analysis.select([LEFT], chosen.level).mask, chosen.mask)


def test_an_earlier_click_keeps_the_level_it_was_given(scene: tuple) -> None:
    analysis, left, right = scene
    small = Click(LEFT.x, LEFT.y, level=0.0)
    assert analysis.select([small]).area < left.mean() / 2
    assert analysis.select([small, RIGHT]).area < (left | right).mean() * 0.8


def test_the_same_clicks_select_the_same() -> None:
    pixels, _, _ = two_discs()
    first, second = (analyse(pixels).select([LEFT, RIGHT]).mask for _ in range(2))
    assert np.array_equal(first, second)


@pytest.mark.parametrize(
    ("clicks", "code"),
    [([], "no_click"), ([Click(0.5, 0.5, add=False)], "no_click"), ([LEFT] * 65, "too_many_clicks")],
)
def test_what_cannot_be_meant_is_refused(scene: tuple, clicks: list[Click], code: str) -> None:
    with pytest.raises(Refusal) as refused:
        scene[0].select(clicks)
    assert (refused.value.code, refused.value.field) == (code, "clicks")


def noise(width: int, height: int) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize(
    "pixels",
    [
        np.full((64, 64, 3), 120, np.uint8),
        np.zeros((32, 32, 3), np.uint8),
        noise(32, 32),
        noise(300, 200),
        cv2.resize(noise(60, 3), (1280, 64)),
        np.full((640, 32, 3), 255, np.uint8),
    ],
    ids=["flat", "tiny black", "tiny noise", "noise", "20:1", "1:20 white"],
)
def test_odd_pictures_give_masks_too_and_never_an_empty_one(pixels: np.ndarray) -> None:
    analysis = analyse(pixels)
    for clicks in ([Click(0.5, 0.5)], [Click(0, 0), Click(1, 1)], [Click(1, 1), Click(1, 1, add=False)]):
        for level in (None, 0.0, 1.0):
            selection = analysis.select(clicks, level)
            assert selection.mask.shape == pixels.shape[:2]
            assert selection.mask.max() >= 128
            assert 0 < selection.area <= 1


def test_a_large_picture_is_worked_on_small_and_masked_as_large_as_a_mask_becomes() -> None:
    pixels, inside = disc(3000, 2000, 500)
    analysis = analyse(pixels)
    assert analysis.nbytes < pixels.nbytes
    mask = analysis.select([Click(0.5, 0.5)]).mask
    assert mask.shape == (round(2000 / 3000 * MASK_SIDE), MASK_SIDE)
    assert iou(cv2.resize(mask, (3000, 2000), interpolation=cv2.INTER_LINEAR), inside) > 0.97


@pytest.mark.parametrize("outline", [CAT, COFFEE], ids=["cat", "coffee"])
def test_things_in_photographs_are_found_in_two_clicks(outline: object) -> None:
    score = measured(outline)
    assert score.click > 0.75
    assert score.best > 0.8
