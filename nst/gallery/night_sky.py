"""A lake under a whirling night: thick oil strokes that follow the wind."""

import numpy as np
from scipy import ndimage

from nst.gallery import curves, flow
from nst.gallery.brushwork import Brush, Canvas
from nst.gallery.colour import ink, inks, ramp
from nst.gallery.noise import Noise, grain
from nst.gallery.relief import lit
from nst.gallery.sheet import Array, Pixels, Sheet, lay, pixels

_SHORE = 0.585
_MOON = (0.185, 0.15)
_STARS = [
    (0.055, 0.335, 0.017),
    (0.365, 0.060, 0.013),
    (0.415, 0.375, 0.012),
    (0.50, 0.155, 0.025),
    (0.635, 0.050, 0.011),
    (0.715, 0.345, 0.016),
    (0.79, 0.135, 0.029),
    (0.965, 0.30, 0.014),
    (0.255, 0.435, 0.008),
]
_WHIRLS = [
    flow.Vortex(0.34, 0.225, 0.125, 4.4),
    flow.Vortex(0.575, 0.285, 0.10, -3.6),
    flow.Vortex(0.06, 0.10, 0.12, -2.2),
    flow.Vortex(0.93, 0.16, 0.16, 2.2),
]


def paint(size: int = 768, seed: int = 0) -> Pixels:
    """The picture, uint8 (H, W, 3), long side `size`."""
    rng = np.random.default_rng(seed)
    sheet = Sheet.of(size, 1.27)
    sky_angle, sky = _sky(sheet, rng)
    guide, angle, land = sky, sky_angle, np.zeros_like(sheet.x)
    for cover, colour, direction in _land(sheet, rng):
        guide = lay(guide, cover, colour)
        angle = np.where(cover > 0.5, direction, angle).astype(np.float32)
        land = np.maximum(land, cover)
    canvas = Canvas(sheet, sheet.blank(ink("1a2a4a")), rng)
    canvas.layer(guide, angle, Brush(0.085, 0.022, 0.017, light=0.04, hue=0.025, thickness=1.2))
    canvas.layer(guide, angle, Brush(0.055, 0.0115, 0.0088, light=0.045, hue=0.03, thickness=1.7))
    fine = np.clip(0.35 + 2.5 * _detail(guide, size), 0, 1)
    canvas.layer(
        guide, angle, Brush(0.034, 0.0062, 0.0062, light=0.05, hue=0.025, thickness=1.9, wander=0.08), fine
    )
    _lamps(canvas, rng)
    _cypresses(canvas, rng)
    return pixels(lit(canvas.picture, canvas.height, depth=0.42 * size / 768, gloss=0.25))


def _sky(sheet: Sheet, rng: np.random.Generator) -> tuple[Array, Array]:
    """Direction and colour of the air: wind, whirls, and rings of light round the moon and stars."""
    u, v = flow.whirl(sheet, _WHIRLS, (0.9, 0.0))
    v = v + 0.35 * np.sin(sheet.x * 9 + 0.6).astype(np.float32)
    lights = [(*_MOON, 0.052), *_STARS]
    nearest = np.full_like(sheet.x, 9.0)
    for x, y, radius in lights:
        dx, dy = sheet.x - x, sheet.y - y
        away = np.hypot(dx, dy) + 1e-6
        pull = np.exp(-((away / (2.6 * radius)) ** 2)) * 4
        u, v = u * (1 - pull / 4) - pull * dy / away, v * (1 - pull / 4) + pull * dx / away
        nearest = np.minimum(nearest, away / radius)
    angle = flow.angles(u, v)
    streaks = flow.smear(
        grain(rng, sheet, 3.0 * sheet.scale / 768), angle, reach=max(6, sheet.scale // 22), step=1.6
    )
    tone = 0.62 * flow.equalized(streaks) + 0.38 * flow.equalized(
        np.hypot(u, v).astype(np.float32) + 0.6 * sheet.y
    )
    night = inks("0b1640 12256b 1b3f92 2a63b4 4a8cc6 86b9cf cfdcc0 f0e4a8")
    air = ramp(night, 0.02 + 0.86 * tone**1.25)
    dusk = np.clip((sheet.y - 0.33) / 0.22, 0, 1)
    air = lay(air, dusk.astype(np.float32), ramp(inks("2d6a8f 5fa39b b9c98a e8c468"), tone), 0.75)
    halo = np.exp(-((np.maximum(nearest - 0.8, 0) / 1.5) ** 2))
    rings = 0.5 + 0.5 * np.cos(nearest * 5.2)
    glow = ramp(inks("3f7fb5 a9c7a4 f2dd7c f7b733"), 0.35 + 0.65 * rings)
    air = lay(air, halo.astype(np.float32), glow, 0.92)
    air = lay(air, (nearest < 0.85).astype(np.float32), ink("fff3b8"))
    x, y = _MOON
    crescent = sheet.disc(x, y, 0.056) * (1 - sheet.disc(x + 0.027, y - 0.015, 0.040))
    air = lay(air, sheet.disc(x, y, 0.056), ink("c2601a"))
    return angle, lay(air, crescent, ink("fff4b0"))


def _land(sheet: Sheet, rng: np.random.Generator) -> list[tuple[Array, Array, Array]]:
    """Hills, village and lake from back to front: (coverage, colour, direction of strokes)."""
    noise = Noise(rng)
    x, y = sheet.x, sheet.y
    texture = noise.clouds(x * 0.4, y * 2.5, 14)
    parts = []
    for base, swell, colours, phase in [
        (0.475, 0.050, "16305f 28528a 4d7fa6 7fa9ae", 0.3),
        (0.525, 0.038, "0f2d4a 1e5560 3f7f6a 86a765", 2.4),
        (0.560, 0.016, "0c2238 173f45 2f6348 628a4a", 4.6),
    ]:
        edge = base - swell * (np.sin(x * 7.5 + phase) + 0.45 * np.sin(x * 17 + 2 * phase))
        slope = np.arctan(-swell * (7.5 * np.cos(x * 7.5 + phase) + 7.6 * np.cos(x * 17 + 2 * phase)))
        depth = (y - edge) / 0.12
        colour = ramp(inks(colours), np.clip(0.75 - depth + 0.35 * texture, 0, 1))
        parts.append((sheet.soft(y - edge), colour, (slope + 0.5 * depth).astype(np.float32)))
    parts.extend(_village(sheet, rng))
    ripples = noise.clouds(x * 0.5, y * 4.0, 16)
    water = ramp(inks("0a1c3f 123a72 1f5d94 3c86a6 7db0a3"), 0.42 + 0.5 * ripples - 0.55 * (y - _SHORE))
    for light_x, strength in [(_MOON[0], 1.0), *((star_x, 0.5) for star_x, _, _ in _STARS[3:8])]:
        spread = 0.012 + 0.10 * (y - _SHORE) * strength
        band = np.exp(-(((x - light_x) / np.maximum(spread, 0.004)) ** 2))
        broken = np.clip(0.35 + 1.6 * ripples, 0, 1)
        water = lay(water, (band * broken).astype(np.float32), ink("f7cf5a"), 0.95 * strength**0.5)
    wave = 0.16 * np.sin(x * 20 + 6 * noise.at(x, y, 8))
    parts.append((sheet.soft(y - _SHORE - 0.004 * np.sin(x * 12)), water, wave.astype(np.float32)))
    return parts


def _village(sheet: Sheet, rng: np.random.Generator) -> list[tuple[Array, Array, Array]]:
    """Houses on the far shore, dark against the hills, with one steeple."""
    parts = []
    upright = np.full_like(sheet.x, np.pi / 2)
    lying = np.zeros_like(sheet.x)
    for left in np.sort(rng.uniform(0.40, 0.74, 13)):
        wide, tall = rng.uniform(0.024, 0.042), rng.uniform(0.018, 0.034)
        top = _SHORE - tall
        wall = sheet.cover(
            [(left, top), (left + wide, top), (left + wide, _SHORE + 0.01), (left, _SHORE + 0.01)]
        )
        roof = sheet.cover(
            [(left - 0.005, top + 0.002), (left + wide / 2, top - 0.02), (left + wide + 0.005, top + 0.002)]
        )
        parts.append((wall, sheet.blank(ink(str(rng.choice(["23365c", "2f4a6e", "3a4a66"])))), upright))
        parts.append((roof, sheet.blank(ink(str(rng.choice(["6e3b3a", "4a2f4a", "7d4a33"])))), lying))
    steeple = sheet.cover([(0.555, 0.50), (0.563, 0.43), (0.571, 0.50), (0.573, _SHORE), (0.553, _SHORE)])
    parts.append((steeple, sheet.blank(ink("1c2b4c")), upright))
    return parts


def _lamps(canvas: Canvas, rng: np.random.Generator) -> None:
    """Lit windows, and their broken reflections in the water."""
    for x in rng.uniform(0.405, 0.765, 20):
        y = _SHORE - rng.uniform(0.006, 0.02)
        canvas.stroke(x, y, 1.57, 0.010, 0.0065, ink("ffd24a"), thickness=2.6, dryness=0)
        at = _SHORE + rng.uniform(0.012, 0.022)
        for drop in range(int(rng.integers(3, 9))):
            sway = rng.normal(0, 0.002 + 0.0012 * drop)
            gold = ramp(inks("ffdf6a f4b942 c9852f"), drop / 8)
            canvas.stroke(
                x + sway, at, rng.normal(0, 0.2), rng.uniform(0.010, 0.024), 0.0048, gold, thickness=2.2
            )
            at += rng.uniform(0.009, 0.019)


def _cypresses(canvas: Canvas, rng: np.random.Generator) -> None:
    """Two flame-like trees at the right, painted last and upward, as the fattest paint."""
    palette = inks("07130f 0d2418 15331f 24512b 3a6b35 5b7a35")
    for foot, top, girth in [(0.90, 0.075, 0.060), (0.83, 0.29, 0.036)]:
        bottom = canvas.sheet.bottom + 0.02
        spine = curves.smooth(
            [(foot, bottom), (foot + 0.012, 0.55), (foot - 0.008, 0.32), (foot + 0.004, top)]
        )
        for _ in range(int(9000 * girth)):
            t = float(rng.beta(1.0, 1.25))
            x, y = spine[int(t * (len(spine) - 1))]
            # t runs from the foot to the tip: fullest a third of the way up, then a flame's taper.
            wide = girth * (0.55 + 1.3 * t) * (1 - t) ** 0.85 * (0.85 + 0.15 * np.sin(t * 26))
            side = float(np.clip(rng.normal(0, 0.42), -1, 1))
            lick = -np.pi / 2 + 0.55 * side * np.cos(t * 21 + 2 * side)
            light = np.clip(0.25 + 0.5 * abs(side) + rng.normal(0, 0.2) - 0.2 * side, 0, 1)
            canvas.stroke(
                float(x + side * wide),
                float(y),
                float(lick),
                float(rng.uniform(0.03, 0.06)),
                0.0085,
                ramp(palette, light),
                bend=float(rng.normal(0, 14)),
                thickness=2.2,
            )


def _detail(guide: Array, size: int) -> Array:
    """Where the guide changes quickly, about 0..1: there the small brush is needed."""
    grey = guide.mean(axis=-1)
    return np.asarray(ndimage.gaussian_gradient_magnitude(grey, 1.5 * size / 768) * size / 768 * 4)
