import numpy as np
import pytest

from nst.jobs.layers import style_masks


def mask(*values: float) -> np.ndarray:
    """One row of pixels; 1 is white."""
    return np.rint(np.array([values]) * 255).astype(np.uint8)


def rows(masks: list[np.ndarray]) -> list[list[float]]:
    assert all(mask.dtype == np.uint8 for mask in masks)
    return [[round(float(value) / 255, 2) for value in mask[0]] for mask in masks]


def test_a_region_has_its_style_and_the_others_share_the_rest() -> None:
    found = style_masks([(mask(1, 0, 0), 1)], styles=3)
    assert rows(found) == [[0, 1, 1], [1, 0, 0], [0, 1, 1]]


def test_what_nobody_covers_stays_the_photograph_when_every_style_has_a_region() -> None:
    found = style_masks([(mask(1, 0, 0), 0), (mask(0, 1, 0), 1)], styles=2)
    assert rows(found) == [[1, 0, 0], [0, 1, 0]]


def test_a_region_without_a_style_keeps_the_photograph() -> None:
    assert rows(style_masks([(mask(1, 0), None)], styles=2)) == [[0, 1], [0, 1]]


def test_the_later_region_lies_over_the_earlier() -> None:
    below, above = mask(1, 1, 0), mask(0, 1, 1)
    assert rows(style_masks([(below, 0), (above, 1)], styles=2)) == [[1, 0, 0], [0, 1, 1]]
    assert rows(style_masks([(above, 1), (below, 0)], styles=2)) == [[1, 1, 0], [0, 0, 1]]
    assert rows(style_masks([(below, 0), (above, None)], styles=1)) == [[1, 0, 0]]


def test_soft_edges_multiply() -> None:
    found = style_masks([(mask(1, 0.8, 0.6), 0), (mask(0.2, 0.2, 0.4), 1), (mask(0, 0.4, 0), 2)], styles=4)
    expected = [[0.8, 0.384, 0.36], [0.2, 0.12, 0.4], [0, 0.4, 0], [0, 0.096, 0.24]]
    assert np.abs(np.array(found)[:, 0] / 255 - expected).max() <= 0.5 / 255 + 1e-6


def test_layers_and_what_is_under_them_add_up_to_all_of_the_picture() -> None:
    soft = np.random.default_rng(0).integers(0, 256, (3, 6, 7), np.uint8)
    found = style_masks([(one, style) for style, one in enumerate(soft)], styles=4)
    total = np.sum(found, axis=0, dtype=np.int64)
    assert np.abs(total - 255).max() <= 2  # each of the four is rounded to 8 bits


def test_a_style_of_several_regions_has_their_union() -> None:
    found = style_masks([(mask(1, 0, 0.5), 0), (mask(0, 1, 0.5), 0)], styles=1)
    assert rows(found) == [[1, 1, 0.75]]


def test_the_mask_bounds_everything() -> None:
    found = style_masks([(mask(1, 1, 0), 0)], styles=2, bound=mask(1, 0.2, 0.4))
    assert rows(found) == [[1, 0.2, 0], [0, 0, 0.4]]


@pytest.mark.parametrize("above", [None, 1])
def test_a_region_that_is_covered_wholly_paints_nothing(above: int | None) -> None:
    assert not style_masks([(mask(1, 0.5), 0), (mask(1, 1), above)], styles=2)[0].any()
