import cv2
import numpy as np
from selection.scenes import disc, iou

from nst.selection.border import Point, cut, soften


def grown(inside: np.ndarray, by: int) -> np.ndarray:
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * by + 1, 2 * by + 1))
    return cv2.dilate(inside.astype(np.uint8), kernel) > 0


def test_the_border_moves_to_the_edge() -> None:
    pixels, inside = disc()
    rough = grown(inside, 3)
    found = cut(pixels, rough, ())
    assert iou(found * np.uint8(255), inside) > 0.97 > iou(rough * np.uint8(255), inside)


def test_what_a_point_says_of_its_place_holds() -> None:
    pixels, inside = disc()
    at = (115 / 200, 0.5)
    assert cut(pixels, inside, ())[75, 115]
    assert not cut(pixels, inside, (Point(*at, inside=False),))[75, 115]


def test_all_and_nothing_have_no_border() -> None:
    pixels, inside = disc()
    assert cut(pixels, np.ones_like(inside), ()).all()
    assert not cut(pixels, np.zeros_like(inside), ()).any()


def test_a_flat_picture_keeps_the_rough_border() -> None:
    _, inside = disc()
    found = cut(np.full((*inside.shape, 3), 128, np.uint8), inside, ())
    assert iou(found * np.uint8(255), inside) > 0.8


def test_the_mask_is_soft_at_the_edge_and_certain_elsewhere() -> None:
    pixels, inside = disc()
    mask = soften(pixels, inside)
    assert mask.dtype == np.uint8
    near = grown(inside, 6) & grown(~inside, 6)
    assert (mask[inside & ~near] > 240).all()
    assert (mask[~inside & ~near] < 15).all()
    assert ((mask[near] > 15) & (mask[near] < 240)).any()


def test_a_mask_found_on_a_small_copy_follows_the_edges_of_the_large_picture() -> None:
    pixels, inside = disc(800, 600, 160)
    small = cv2.resize(inside.astype(np.uint8), (200, 150), interpolation=cv2.INTER_AREA) > 0
    guided = soften(pixels, small)
    enlarged = cv2.resize(small.astype(np.uint8) * 255, (800, 600), interpolation=cv2.INTER_LINEAR)
    assert guided.shape == (600, 800)
    assert iou(guided, inside) > max(0.98, iou(enlarged, inside))
