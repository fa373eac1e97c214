"""Marbled paper: drops of ink on size, drawn with stylus and combs.

Every tool is an exact area-preserving map of the plane (Lu, Jaffer, Jin, Zhao and Mao, "Mathematical
Marbling", 2012). Each pixel is carried back through the tools to the drops it came from.
"""

from collections.abc import Callable

import numpy as np

from nst.gallery.colour import inks
from nst.gallery.noise import Noise, grain
from nst.gallery.sheet import Array, Pixels, Sheet, halved, pixels

_Undo = Callable[[Array, Array], tuple[Array, Array]]

_PALETTE = "12204a f3e7cc b3202c 1f6f8c e8a52f f7f0de 0f3a5f c9452a 7fb5b0 2a1838"


def paint(size: int = 768, seed: int = 0) -> Pixels:
    """The picture, uint8 (H, W, 3), long side `size`."""
    rng = np.random.default_rng(seed + 9)
    # Averaged down from double size: combed ink is finer than a pixel in places.
    sheet = Sheet.of(2 * size, 1.28)
    x, y = sheet.x.copy(), sheet.y.copy()
    noise = Noise(rng)
    for undo in reversed(_tools()):
        x, y = undo(x, y)
    colour = _drops(rng, x, y)
    colour = colour * (1 + 0.035 * noise.clouds(x, y, 18, 3))[..., None]
    colour += 0.010 * grain(rng, sheet, 1.6)[..., None]
    return pixels(halved(colour))


def _tools() -> list[_Undo]:
    """What was done to the bath, in order: stylus to and fro, a wide comb, the fine comb, four curls."""
    steps: list[_Undo] = []
    for i in range(9):
        steps.append(_tine(0.05 + 0.115 * i, vertical=True, shift=0.20 * (-1) ** i, sharpness=0.030))
    for i in range(12):
        steps.append(_tine(0.02 + 0.068 * i, vertical=False, shift=0.13 * (-1) ** i, sharpness=0.018))
    steps.append(_comb(pitch=0.043, shift=0.075, vertical=True))
    steps.append(_wave(amplitude=0.018, length=0.36))
    for cx, cy, reach, turn in [
        (0.22, 0.24, 0.105, 2.9),
        (0.70, 0.19, 0.095, -2.9),
        (0.47, 0.47, 0.135, 3.3),
        (0.16, 0.61, 0.090, -2.7),
        (0.82, 0.58, 0.115, -3.0),
    ]:
        steps.append(_curl(cx, cy, reach, turn))
    return steps


def _tine(at: float, *, vertical: bool, shift: float, sharpness: float) -> _Undo:
    """One tine drawn straight across: ink near it is dragged along by `shift` units."""

    def undo(x: Array, y: Array) -> tuple[Array, Array]:
        away = np.abs((x if vertical else y) - at)
        drag = shift * np.exp(-away / sharpness)
        return (x, y - drag) if vertical else (x - drag, y)

    return undo


def _comb(*, pitch: float, shift: float, vertical: bool) -> _Undo:
    """A comb of many tines drawn once: nonpareil arches."""

    def undo(x: Array, y: Array) -> tuple[Array, Array]:
        across = x if vertical else y
        away = np.abs(np.mod(across / pitch, 1) - 0.5) * pitch
        drag = shift * np.exp(-away / (0.22 * pitch))
        return (x, y - drag) if vertical else (x - drag, y)

    return undo


def _wave(*, amplitude: float, length: float) -> _Undo:
    """The comb's bar swayed as it was drawn."""

    def undo(x: Array, y: Array) -> tuple[Array, Array]:
        return x - amplitude * np.sin(2 * np.pi * y / length), y

    return undo


def _curl(cx: float, cy: float, reach: float, turn: float) -> _Undo:
    """A stylus turned in place: rotation that dies away from its centre."""

    def undo(x: Array, y: Array) -> tuple[Array, Array]:
        dx, dy = x - cx, y - cy
        angle = -turn * np.exp(-((dx * dx + dy * dy) / reach**2))
        cos, sin = np.cos(angle), np.sin(angle)
        return cx + dx * cos - dy * sin, cy + dx * sin + dy * cos

    return undo


def _drops(rng: np.random.Generator, x: Array, y: Array) -> Array:
    """Colours of the bath before any tool, (H, W, 3): the latest drop on top has pushed the earlier apart."""
    palette = inks(_PALETTE)
    count = 130
    centres = rng.uniform((-0.15, -0.15), (1.15, 0.93), (count, 2))
    radii = rng.lognormal(-2.65, 0.42, count)
    colour = np.broadcast_to(palette[0], (*x.shape, 3)).copy()
    undecided = np.ones(x.size, dtype=bool)
    flat = colour.reshape(-1, 3)
    px, py = x.ravel().astype(np.float32).copy(), y.ravel().astype(np.float32).copy()
    left = np.flatnonzero(undecided)
    for drop in range(count - 1, -1, -1):
        dx, dy = px - centres[drop, 0], py - centres[drop, 1]
        squared, own = dx * dx + dy * dy, radii[drop] ** 2
        inside = squared < own
        flat[left[inside]] = palette[drop % len(palette)]
        stay = ~inside
        left, dx, dy, squared = left[stay], dx[stay], dy[stay], squared[stay]
        # Undo the push: the area between old and new radius is the drop's own.
        back = np.sqrt(1 - own / squared)
        px = (centres[drop, 0] + dx * back).astype(np.float32)
        py = (centres[drop, 1] + dy * back).astype(np.float32)
    return colour.astype(np.float32)
