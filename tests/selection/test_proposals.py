import numpy as np
import pytest
from selection.scenes import disc, iou, seaside

from bench.outlines import OUTLINES, Outline
from nst.gallery import catalogue
from nst.selection import analyse, proposals

SAMPLES = {sample.path.name for sample in catalogue.photographs()}


def offered(pixels: np.ndarray) -> dict[str, np.ndarray]:
    return {proposal.name: proposal.mask for proposal in proposals(analyse(pixels))}


def test_subject_and_background_share_the_picture() -> None:
    pixels, inside = disc()
    masks = offered(pixels)
    assert masks.keys() == {"subject", "background"}
    assert iou(masks["subject"], inside) > 0.95
    assert np.array_equal(masks["background"], 255 - masks["subject"])


def test_the_sky_is_what_is_blue_and_hangs_from_the_top() -> None:
    sky = offered(seaside())["sky"]
    wanted = np.zeros(sky.shape, bool)
    wanted[:90] = True
    y, x = np.mgrid[:160, :240]
    assert iou(sky, wanted & (np.hypot(x - 120, y - 100) > 28)) > 0.93


@pytest.mark.parametrize("shade", [0, 128, 255])
def test_nothing_is_proposed_where_there_is_nothing(shade: int) -> None:
    assert offered(np.full((120, 160, 3), shade, np.uint8)) == {}


def test_areas_are_those_of_the_masks() -> None:
    for proposal in proposals(analyse(seaside())):
        assert proposal.area == pytest.approx(proposal.mask.mean() / 255)


@pytest.mark.parametrize(
    "outline", [one for one in OUTLINES if one.file in SAMPLES], ids=lambda one: one.file
)
def test_the_subjects_of_the_sample_photographs_are_right(outline: Outline) -> None:
    masks = offered(outline.photograph())
    assert iou(masks["subject"], outline.mask()) > 0.75
    assert ("sky" in masks) == (outline.file in {"rocket.jpg", "camera.png"})
    if outline.file == "camera.png":
        assert (masks["sky"][:100, 300:] >= 128).mean() > 0.98
        assert (masks["sky"][260:] >= 128).mean() < 0.01
    if outline.file == "rocket.jpg":
        assert (masks["sky"][:100, 110:540] >= 128).mean() > 0.98
        assert (masks["sky"][outline.mask()] >= 128).mean() < 0.1
