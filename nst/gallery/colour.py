"""Colours as float sRGB in 0..1: parsing, ramps, and the painter's small deviations."""

import numpy as np

from nst.gallery.sheet import Array


def ink(code: str) -> Array:
    """One colour, (3,), from its six hexadecimal digits."""
    return np.array([int(code[i : i + 2], 16) for i in (0, 2, 4)], dtype=np.float32) / 255


def inks(codes: str) -> Array:
    """Several colours, (N, 3), from codes between spaces."""
    return np.stack([ink(code) for code in codes.split()])


def ramp(colours: Array, at: Array | float) -> Array:
    """Colours (N, 3) read as an even ramp at places 0..1; the result has one axis more than `at`."""
    stops = np.linspace(0, 1, len(colours))
    clipped = np.clip(at, 0, 1)
    channels = [np.interp(clipped, stops, colours[:, channel]) for channel in range(3)]
    return np.stack(channels, axis=-1).astype(np.float32)


def deviate(rng: np.random.Generator, colours: Array, light: float, hue: float, warmth: float = 0.0) -> Array:
    """Colours (..., 3) as a hand mixes them: each a little lighter or darker, and a little off in hue.

    `light`, `hue` and `warmth` are standard deviations; warmth moves between red and blue, where eyes
    read it as light and shade.
    """
    shape = colours.shape[:-1]
    lightness = rng.normal(0, light, (*shape, 1))
    tint = rng.normal(0, hue, (*shape, 3))
    tint -= tint.mean(axis=-1, keepdims=True)
    warm = rng.normal(0, warmth, (*shape, 1)) * np.array([1.0, 0.1, -1.0])
    return np.asarray(np.clip(colours + lightness + tint + warm, 0, 1), dtype=np.float32)


def complement(colours: Array) -> Array:
    """The opposite hue at the same lightness: what a divisionist sets beside a colour."""
    high = colours.max(axis=-1, keepdims=True)
    low = colours.min(axis=-1, keepdims=True)
    return np.asarray(high + low - colours, dtype=np.float32)


def luminance(picture: Array) -> Array:
    """Perceived lightness of sRGB values (Rec. 709 weights on the coded values), (...,)."""
    return np.asarray(picture @ np.array([0.2126, 0.7152, 0.0722], dtype=np.float32), dtype=np.float32)
