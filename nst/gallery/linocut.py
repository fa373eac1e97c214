"""A stag at sunrise, cut in lino: two blocks and bare paper, every gouge following the form."""

import numpy as np
from scipy import ndimage

from nst.gallery import curves
from nst.gallery.colour import ink, inks, ramp
from nst.gallery.noise import Noise, grain
from nst.gallery.sheet import Array, Path2D, Pixels, Sheet, lay, multiply, pixels

_SUN = (0.40, 0.40)


def paint(size: int = 768, seed: int = 0) -> Pixels:
    """The picture, uint8 (H, W, 3), long side `size`."""
    rng = np.random.default_rng(seed + 5)
    sheet = Sheet.of(size, 0.78)
    noise = Noise(rng)
    key = _key_block(sheet, noise)
    red = _colour_block(sheet, noise)
    paper = ink("f1e6cf") + 0.012 * grain(rng, sheet, 0.7)[..., None]
    # The blocks never meet exactly: the colour sits a hair to the right.
    red = ndimage.shift(red, (0.0016 * sheet.scale, 0.0028 * sheet.scale), order=1, mode="nearest")
    warm = ramp(inks("f2b33d ec8a2c d9502a b8321f"), np.hypot(sheet.x - _SUN[0], sheet.y - _SUN[1]) * 1.7)
    picture = multiply(paper.astype(np.float32), red * _inking(sheet, rng, 0.10), warm, 0.94)
    picture = lay(picture, key * _inking(sheet, rng, 0.16), ink("15171f"), 0.97)
    return pixels(picture)


def _inking(sheet: Sheet, rng: np.random.Generator, hunger: float) -> Array:
    """How well ink took, (H, W) in 0..1: salty specks where paper was dry, mottle from the roller."""
    specks = 1.1 * grain(rng, sheet, 0.7) + 0.8 * grain(rng, sheet, 5 * sheet.scale / 768)
    missed = np.clip((specks - 3.3 + 6 * hunger) * 1.2, 0, 1)
    mottle = 1 - 0.06 * np.clip(grain(rng, sheet, 2.0), -1, 2)
    return np.asarray(np.clip(mottle - 0.75 * missed, 0, 1), dtype=np.float32)


def _gouge(sheet: Sheet, phase: Array, tone: Array, noise: Noise, lines: float) -> Array:
    """Ink left between cuts, (H, W) in 0..1.

    `phase` counts lines; `tone` is the share of ink. Each cut swells and tapers, starts and ends.
    """
    hand = phase + 0.16 * noise.at(sheet.x, sheet.y, lines * 0.16)
    number = np.floor(hand)
    strokes = noise.at(sheet.x * 1.0 + number * 3.7, sheet.y + number * 1.3, 9)
    ridge = np.abs(np.mod(hand, 1) - 0.5) * 2
    cut = ridge - (1 - tone - 0.20 * strokes)
    per_pixel = np.hypot(*np.gradient(hand)) + 1e-4
    return np.asarray(np.clip(cut / (2.6 * np.minimum(per_pixel, 0.25)) + 0.5, 0, 1), dtype=np.float32)


def _key_block(sheet: Sheet, noise: Noise) -> Array:
    """The black block."""
    x, y = sheet.x, sheet.y
    dx, dy = x - _SUN[0], y - _SUN[1]
    away, turn = np.hypot(dx, dy), np.arctan2(dy, dx)
    rays = _gouge(sheet, turn / (2 * np.pi) * 108, 0.06 + 1.15 * np.clip(away - 0.27, 0, 1), noise, 40)
    key = np.where(away > 0.265, rays, 0).astype(np.float32)
    clouds = noise.clouds(x * 0.55, y * 2.3, 6, 2)
    band = np.clip((clouds - 0.16) * 60, 0, 1) * (away > 0.262) * (y < 0.36)
    key = lay_block(key, band, _gouge(sheet, y * 95 + 3 * clouds, 0.50 - 0.3 * clouds, noise, 90))
    for base, swell, phase, tone in [
        (0.555, 0.05, 0.6, 0.36),
        (0.625, 0.055, 2.9, 0.55),
        (0.70, 0.04, 4.8, 0.70),
    ]:
        edge = base - swell * np.sin(8.5 * x + phase) - 0.35 * swell * np.sin(19 * x + 2.1 * phase)
        below = y - edge
        hatch = below * 62 + 1.7 * np.sin(8.5 * x + phase + 1.2) + 5 * x
        shade = tone - 0.28 * np.cos(8.5 * x + phase) + 1.3 * np.clip(below, 0, 0.2)
        cut = np.maximum(
            _gouge(sheet, hatch, np.clip(shade, 0.14, 0.88), noise, 60), sheet.soft(0.0055 - np.abs(below))
        )
        key = lay_block(key, sheet.soft(below), cut)
    for foot_x, foot_y, tall in [
        (0.065, 0.66, 0.27),
        (0.715, 0.64, 0.30),
        (0.66, 0.61, 0.17),
        (0.145, 0.63, 0.16),
    ]:
        key = _fir(sheet, noise, key, foot_x, foot_y, tall)
    ground = 0.845 - 0.03 * np.sin(5 * x + 0.7) - 0.008 * np.sin(23 * x)
    grass = _gouge(
        sheet, (x + 0.16 * np.sin(9 * y) * (y - 0.8)) * 74, 0.74 - 0.35 * noise.at(x, y, 10), noise, 70
    )
    key = lay_block(key, sheet.soft(y - ground - 0.012 * noise.at(x, y * 0, 90)), grass)
    return _frame(sheet, noise, _stag(sheet, noise, key))


def lay_block(below: Array, cover: Array, above: Array) -> Array:
    """One part of the drawing cut out in front of another."""
    return np.asarray(below + cover * (above - below), dtype=np.float32)


def _fir(sheet: Sheet, noise: Noise, key: Array, x: float, y: float, tall: float) -> Array:
    tiers = []
    for tier in range(7):
        top = y - tall * (1 - tier / 8.5)
        half = tall * 0.055 * (1.2 + tier)
        drop = tall * 0.24
        tiers.append(
            [
                (x, top),
                (x + half, top + drop),
                (x + 0.3 * half, top + 0.82 * drop),
                (x, top + 0.95 * drop),
                (x - 0.3 * half, top + 0.82 * drop),
                (x - half, top + drop),
            ]
        )
    tree = sheet.cover(
        *tiers, [(x - 0.008, y - 0.1), (x + 0.008, y - 0.1), (x + 0.01, y + 0.03), (x - 0.01, y + 0.03)]
    )
    slope = (sheet.y - y) * 46 / tall * 0.3 - np.abs(sheet.x - x) * 38
    tone = np.clip(0.92 - 3.2 * (x - sheet.x) / tall * np.sign(x - _SUN[0]), 0.5, 1.2)
    needles = _gouge(sheet, slope, tone.astype(np.float32), noise, 60)
    outline = sheet.cover(*[np.array(t) for t in tiers])
    rim = np.clip(ndimage.grey_dilation(outline, 5) - outline, 0, 1)
    return lay_block(lay_block(key, rim, np.zeros_like(key)), tree, needles)


def _stag(sheet: Sheet, noise: Noise, key: Array) -> Array:
    """The stag in black before the sun, its light side opened by fine cuts."""
    body = curves.smooth(
        [
            (0.300, 0.392),
            (0.285, 0.402),
            (0.262, 0.424),
            (0.268, 0.440),
            (0.296, 0.438),
            (0.318, 0.448),
            (0.325, 0.490),
            (0.322, 0.545),
            (0.334, 0.600),
            (0.354, 0.640),
            (0.356, 0.700),
            (0.353, 0.735),
            (0.354, 0.790),
            (0.352, 0.838),
            (0.346, 0.850),
            (0.358, 0.852),
            (0.370, 0.849),
            (0.369, 0.838),
            (0.371, 0.790),
            (0.375, 0.740),
            (0.384, 0.700),
            (0.398, 0.652),
            (0.450, 0.655),
            (0.520, 0.640),
            (0.538, 0.672),
            (0.545, 0.712),
            (0.540, 0.740),
            (0.541, 0.790),
            (0.540, 0.834),
            (0.535, 0.846),
            (0.547, 0.848),
            (0.559, 0.845),
            (0.558, 0.834),
            (0.560, 0.790),
            (0.564, 0.742),
            (0.578, 0.712),
            (0.586, 0.650),
            (0.598, 0.590),
            (0.592, 0.545),
            (0.612, 0.560),
            (0.606, 0.528),
            (0.575, 0.508),
            (0.500, 0.508),
            (0.430, 0.500),
            (0.400, 0.470),
            (0.378, 0.425),
            (0.362, 0.396),
            (0.392, 0.376),
            (0.386, 0.368),
            (0.352, 0.378),
            (0.326, 0.380),
        ],
        420,
        closed=True,
    )
    behind = [
        curves.ribbon(
            curves.smooth([(0.405, 0.62), (0.418, 0.70), (0.412, 0.77), (0.420, 0.845)]),
            [0.05, 0.03, 0.018, 0.022],
        ),
        curves.ribbon(
            curves.smooth([(0.52, 0.62), (0.508, 0.70), (0.496, 0.765), (0.500, 0.842)]),
            [0.06, 0.034, 0.018, 0.022],
        ),
    ]
    antlers = _antlers()
    whole = sheet.cover(body, *behind, *antlers)
    # A cleared line all round sets the animal off from the land.
    halo = sheet.soft((0.0065 - ndimage.distance_transform_edt(whole < 0.5) / sheet.scale).astype(np.float32))
    key = lay_block(key, halo, np.zeros_like(key))
    inner = sheet.cover(body)
    depth = ndimage.distance_transform_edt(inner > 0.5) / sheet.scale
    bulk = ndimage.gaussian_filter(depth, 0.008 * sheet.scale)
    hair = bulk * 150 + sheet.x * 26 + sheet.y * 8
    slope_y, slope_x = np.gradient(bulk * sheet.scale)
    lit_side = np.clip(-(slope_x * 0.5 + slope_y) * -1, -1, 1)
    tone = np.clip(0.80 + 0.42 * lit_side + 0.9 * (0.020 - depth) / 0.02, 0.36, 1.3)
    coat = np.maximum(
        _gouge(sheet, hair, tone.astype(np.float32), noise, 120), sheet.soft(0.0045 - depth) * inner
    )
    solid = np.maximum(np.ones_like(key) * (1 - inner), coat)
    key = lay_block(key, whole, solid)
    return lay_block(key, sheet.disc(0.309, 0.412, 0.0042), np.zeros_like(key))


def _antlers() -> list[Path2D]:
    outlines = []
    for side, root in [(-1, (0.322, 0.386)), (1, (0.350, 0.384))]:
        beam = curves.smooth(
            [
                root,
                (root[0] + 0.075 * side, 0.335),
                (root[0] + 0.118 * side, 0.245),
                (root[0] + 0.082 * side, 0.150),
            ],
            100,
        )
        outlines.append(curves.ribbon(beam, [0.017, 0.015, 0.011, 0.003]))
        for at, reach, lean in [(16, 0.075, -0.35), (42, 0.085, 0.15), (64, 0.08, 0.35), (82, 0.055, 0.9)]:
            start = beam[at]
            tip = start + reach * np.array([side * (0.55 - lean), -1.0]) * np.array([1.0, 0.9])
            bow = 0.5 * (start + tip) + np.array([side * 0.014, 0.006])
            outlines.append(curves.ribbon(curves.smooth([start, bow, tip], 40), [0.012, 0.009, 0.002]))
    return outlines


def _frame(sheet: Sheet, noise: Noise, key: Array) -> Array:
    """A printed border with a wavering inner edge, and clean paper round it."""
    x, y = sheet.x, sheet.y
    margin = np.minimum(np.minimum(x, sheet.right - x), np.minimum(y, sheet.bottom - y))
    margin = margin + 0.0012 * noise.at(x, y, 30)
    key = np.maximum(key, sheet.soft(0.046 - margin))
    return np.asarray(key * sheet.soft(margin - 0.026), dtype=np.float32)


def _colour_block(sheet: Sheet, noise: Noise) -> Array:
    """The warm block: sky and land solid, the sun's disc cut in rings, the far hill's light left bare."""
    x, y = sheet.x, sheet.y
    away = np.hypot(x - _SUN[0], y - _SUN[1])
    rings = _gouge(sheet, away * 46, np.clip(0.15 + 2.4 * away, 0, 0.95), noise, 40)
    block = np.where(away < 0.262, rings, 1.0)
    block = np.where((away > 0.225) & (away < 0.245), 0.0, block)
    clouds = noise.clouds(x * 0.55, y * 2.3, 6, 2)
    block = block * (1 - np.clip((clouds - 0.16) * 60, 0, 1) * (y < 0.36) * (away > 0.262))
    margin = np.minimum(np.minimum(x, sheet.right - x), np.minimum(y, sheet.bottom - y))
    return np.asarray(block * sheet.soft(margin - 0.036), dtype=np.float32)
