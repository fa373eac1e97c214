"""From a set of superpixels to a mask whose soft border follows the picture."""

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Plane = NDArray[np.floating]  # float32 in fact

_CUT_SIDE = 288  # pixels: the border is decided on a copy no longer than this
_BAND = 0.02  # of the long side: how far the border may move, either way
_RADIUS = 0.008  # of the long side: the window of the guided filter
_SMOOTH = 1e-2  # variance, on a scale of 0..1, below which the guided filter sees no edge
_ANTIALIAS = 0.7  # pixels
_STEEPER = 1.5  # the filter blurs; a thing's border is a few pixels wide


@dataclass(frozen=True, eq=False)
class Point:
    """A place that is certain: `x`, `y` as shares of width and height."""

    x: float
    y: float
    inside: bool


def cut(pixels: Pixels, rough: NDArray[np.bool_], points: tuple[Point, ...]) -> NDArray[np.bool_]:
    """`rough` (H, W) with its border moved to where colours change: GrabCut (Rother et al. 2004) in a band.

    `pixels` is (H, W, 3) uint8. What a point says of its own place holds. Never empty where `rough` is not.
    """
    height, width = rough.shape
    scale = min(1.0, _CUT_SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    inside = cv2.resize(rough.astype(np.uint8) * 255, size, interpolation=cv2.INTER_AREA) > 127
    band = max(1, round(_BAND * max(size)))
    labels = np.where(inside, cv2.GC_FGD, cv2.GC_BGD).astype(np.uint8)
    near_out = cv2.distanceTransform(inside.astype(np.uint8), cv2.DIST_L2, 3)
    near_in = cv2.distanceTransform((~inside).astype(np.uint8), cv2.DIST_L2, 3)
    # A thin part lies wholly within the band: its spine holds, or it would be lost.
    spine = near_out >= cv2.dilate(near_out, np.ones((3, 3), np.uint8))
    labels[inside & (near_out <= band) & ~spine] = cv2.GC_PR_FGD
    labels[~inside & (near_in <= band)] = cv2.GC_PR_BGD
    for point in points:
        at = (min(int(point.x * size[0]), size[0] - 1), min(int(point.y * size[1]), size[1] - 1))
        cv2.circle(labels, at, 1, cv2.GC_FGD if point.inside else cv2.GC_BGD, -1)
    kinds = set(np.unique(labels).tolist())
    if not ({cv2.GC_FGD, cv2.GC_PR_FGD} & kinds and {cv2.GC_BGD, cv2.GC_PR_BGD} & kinds):
        return rough  # all or nothing: there is no border
    cv2.setRNGSeed(1)
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(small, labels, (0, 0, 1, 1), *models, 1, cv2.GC_INIT_WITH_MASK)
    found = ((labels == cv2.GC_FGD) | (labels == cv2.GC_PR_FGD)).astype(np.uint8)
    back = cv2.resize(found * 255, (width, height), interpolation=cv2.INTER_LINEAR) > 127
    return back if back.any() else rough


def soften(pixels: Pixels, inside: NDArray[np.bool_]) -> Pixels:
    """(H, W) uint8 mask of `pixels` (H, W, 3), 255 inside, its edge soft where the picture's is.

    Fast guided filter (He and Sun 2015): a linear model of `inside` (h, w) in the colours around each pixel,
    found on a copy of that size and applied to the picture.
    """
    height, width = inside.shape
    small = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    window = 2 * max(1, round(_RADIUS * max(height, width))) + 1

    def mean(plane: Plane) -> Plane:
        return np.asarray(cv2.blur(plane, (window, window), borderType=cv2.BORDER_REFLECT), np.float32)

    mask = inside.astype(np.float32)
    colour, level = mean(small), mean(mask)
    crossed = mean(small * mask[..., None]) - colour * level[..., None]
    spread = {
        (r, c): mean(small[..., r] * small[..., c]) - colour[..., r] * colour[..., c]
        for r, c in ((0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2))
    }
    slope = _solved(spread, crossed)
    offset = level - (slope * colour).sum(-1)
    slope, offset = mean(slope), mean(offset)
    size = pixels.shape[1::-1]
    grown = [cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR) for plane in (slope, offset)]
    alpha = np.einsum("hwc,hwc->hw", grown[0], pixels.astype(np.float32) / 255) + grown[1]
    steep = np.clip((alpha - 0.5) * _STEEPER + 0.5, 0, 1)
    # Pixels are noisy, and the sharpest edge in a picture is still a staircase: a trace of blur for both.
    smooth = cv2.GaussianBlur(steep, (0, 0), _ANTIALIAS)
    return np.asarray(np.round(smooth * 255), np.uint8)


def _solved(spread: Mapping[tuple[int, int], Plane], crossed: Plane) -> Plane:
    """(H, W, 3): the inverse of each pixel's colour covariance times `crossed`, by cofactors."""
    a, b, c = spread[0, 0] + _SMOOTH, spread[0, 1], spread[0, 2]
    d, e, f = spread[1, 1] + _SMOOTH, spread[1, 2], spread[2, 2] + _SMOOTH
    aa, ab, ac = d * f - e * e, c * e - b * f, b * e - c * d
    bb, bc, cc = a * f - c * c, b * c - a * e, a * d - b * b
    determinant = a * aa + b * ab + c * ac
    x, y, z = crossed[..., 0], crossed[..., 1], crossed[..., 2]
    solved = [aa * x + ab * y + ac * z, ab * x + bb * y + bc * z, ac * x + bc * y + cc * z]
    return np.asarray(np.stack(solved, -1) / determinant[..., None], np.float32)
