"""Small pictures in which there is no doubt about what the thing is."""

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

GREEN, RED, BLUE = (60, 120, 60), (190, 60, 50), (90, 140, 220)


def disc(width: int = 200, height: int = 150, radius: int = 40) -> tuple[Pixels, NDArray[np.bool_]]:
    """A red disc in the middle of speckled green, and where it is."""
    y, x = np.mgrid[:height, :width]
    inside = np.hypot(x + 0.5 - width / 2, y + 0.5 - height / 2) <= radius
    return speckled(np.where(inside[..., None], RED, GREEN)), inside


def two_discs() -> tuple[Pixels, NDArray[np.bool_], NDArray[np.bool_]]:
    """A red disc left, a blue one right, on speckled green, and where they are."""
    y, x = np.mgrid[:150, :240]
    left, right = (np.hypot(x - middle, y - 75) <= 30 for middle in (60, 180))
    return speckled(np.where(left[..., None], RED, np.where(right[..., None], BLUE, GREEN))), left, right


def seaside() -> Pixels:
    """A graded blue sky over speckled green land, with a red disc that stands on the land."""
    y, x = np.mgrid[:160, :240]
    sky = np.array(BLUE) + np.where(y < 90, y / 3, 0)[..., None] * [1, 1, 0.3]
    land = np.where((y >= 90)[..., None], GREEN, sky)
    return speckled(np.where((np.hypot(x - 120, y - 100) <= 28)[..., None], RED, land), 3)


def speckled(colours: NDArray[np.generic], amount: float = 6) -> Pixels:
    noise = np.random.default_rng(0).normal(0, amount, colours.shape)
    return np.clip(colours + noise, 0, 255).astype(np.uint8)


def iou(mask: Pixels, wanted: NDArray[np.bool_]) -> float:
    selected = mask >= 128
    return float((selected & wanted).sum() / (selected | wanted).sum())
