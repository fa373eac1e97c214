"""How strongly a finished painting shows: any mixture of photograph and painting, without a new run.

A plain cross-fade draws every edge twice where the painter moved it, and washes both drawings out. Here the
two pictures are mixed band by band in a Laplacian pyramid (Burt and Adelson 1983): colours and large forms
come first, and in each finer band the picture with the stronger detail at a place comes to the fore there, as
in multi-exposure fusion, so that one line is seen and not two.
"""

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nst.images import Pixels

_COARSEST = 16  # pixels on the long side of the coarsest level
_OCTAVES = 5  # from there to the scale of the strokes: 512 pixels on the long side
_LEAD = 0.12  # strength at which the finest band begins to change
_STEEP = 1.5  # 1 would average two drawings of equal strength; more decides between them
_SWAY = 1.8  # how far the stronger detail may run ahead, in log odds
_NOISE = 4.0  # variance below which detail is none, in 8-bit steps squared
_LEAST = 1e-6  # of a share, whose odds are never none
_REACH = 4  # pixels of a band over which detail is judged together

Plane = NDArray[np.float32]


def mix(photo: Pixels, painting: Pixels, strength: float) -> Pixels:
    """(H, W, 3) uint8: the photograph at strength 0, the painting at 1, both to the byte; smooth between.

    Args:
        photo, painting: (H, W, 3) uint8 sRGB of one size.
        strength: 0..1. With it every band moves towards the painting at every place, never back.

    Raises:
        ValueError: for two sizes, or a strength outside 0..1.
    """
    if photo.shape != painting.shape:
        raise ValueError(f"pictures of one size are mixed, not {photo.shape} and {painting.shape}")
    if not 0 <= strength <= 1:
        raise ValueError(f"a strength is from 0 to 1, not {strength}")
    if strength in (0, 1):
        return (painting if strength else photo).copy()
    levels = max(0, math.ceil(math.log2(max(photo.shape[:2]) / _COARSEST)))
    weights = _weights(_brightness(photo), _brightness(painting), levels, strength)
    mixed = np.empty_like(photo)
    for channel in range(3):  # one at a time: of a large picture each takes its room
        base = photo[..., channel].astype(np.float32)
        change = _pyramid(painting[..., channel] - base, levels)
        moved = change[levels] * _share(strength, 0)
        for level in reversed(range(levels)):
            moved = _resized(moved, change[level].shape) + weights[level] * change[level]
        mixed[..., channel] = np.clip(base + moved + 0.5, 0, 255)
    return mixed


def _share(strength: float, fineness: float) -> float:
    """How much of a band is the painting's, before detail sways it. Fine bands begin later."""
    late = _LEAD * fineness
    return max(0.0, (strength - late) / (1 - late))


def _weights(photo: Plane, painting: Plane, levels: int, strength: float) -> list[Plane]:
    """0..1 at each place of each band: grows with strength, and where the painting's detail is the stronger.

    Args:
        photo, painting: (H, W) brightness.
    """
    long_side = max(photo.shape)
    drawn, painted = _pyramid(photo, levels), _pyramid(painting, levels)
    weights = []
    for level in range(levels):
        fineness = min(1.0, math.log2(long_side / 2**level / _COARSEST) / _OCTAVES)
        share = min(max(_share(strength, fineness), _LEAST), 1 - _LEAST)
        ratio = np.log((_energy(painted[level]) + _NOISE) / (_energy(drawn[level]) + _NOISE)) / 2
        logit = _STEEP * math.log(share / (1 - share)) + _SWAY * np.tanh(ratio / _SWAY)
        weights.append(_resized((1 / (1 + np.exp(-logit))).astype(np.float32), drawn[level].shape))
    return weights


def _brightness(pixels: Pixels) -> Plane:
    return np.asarray(Image.fromarray(pixels).convert("L"), np.float32)


def _energy(band: Plane) -> Plane:
    """Mean square of a band about each place, at a fraction of its resolution."""
    height, width = band.shape
    return _resized(np.square(band), (-(-height // _REACH), -(-width // _REACH)))


def _pyramid(plane: Plane, levels: int) -> list[Plane]:
    """`levels` bands, finest first, and what is left; adding them up, each enlarged, gives the plane."""
    bands = []
    for _ in range(levels):
        height, width = plane.shape
        smaller = _resized(plane, ((height + 1) // 2, (width + 1) // 2))
        bands.append(plane - _resized(smaller, plane.shape))
        plane = smaller
    return [*bands, plane]


def _resized(plane: Plane, shape: tuple[int, ...]) -> Plane:
    """(H, W) resampled with a triangle filter: smooth, never below or above what was there."""
    height, width = shape
    image = Image.fromarray(np.ascontiguousarray(plane, np.float32))
    return np.asarray(image.resize((width, height), Image.Resampling.BILINEAR))
