"""A river afternoon in divided colour: pure dabs that mix only in the eye."""

import numpy as np

from nst.gallery import curves
from nst.gallery.brushwork import scatter
from nst.gallery.colour import complement, deviate, ink, inks, luminance, ramp
from nst.gallery.noise import Noise
from nst.gallery.relief import lit
from nst.gallery.sheet import Array, Pixels, Sheet, lay, pixels

_SHORE = 0.36


def paint(size: int = 768, seed: int = 0) -> Pixels:
    """The picture, uint8 (H, W, 3), long side `size`."""
    rng = np.random.default_rng(seed + 2)
    sheet = Sheet.of(size, 1.30)
    guide = _scene(sheet, Noise(rng))
    picture = np.array(lay(sheet.blank(ink("e8dcc0")), np.ones_like(sheet.x), guide, 0.35))
    height = np.zeros_like(sheet.x)
    for spacing, radius, accent in [(0.0105, 0.0085, 0.05), (0.0078, 0.0058, 0.16), (0.0066, 0.0043, 0.26)]:
        _dabs(sheet, rng, guide, picture, height, spacing, radius, accent)
    return pixels(lit(picture, height, depth=0.5 * size / 768))


def _dabs(
    sheet: Sheet,
    rng: np.random.Generator,
    guide: Array,
    picture: Array,
    height: Array,
    spacing: float,
    radius: float,
    accent: float,
) -> None:
    """One layer of dabs, in place; `accent` of them take the complement or a neighbour of the local hue."""
    x, y = scatter(rng, sheet, spacing)
    column = np.clip((x * sheet.scale).astype(int), 0, sheet.width - 1)
    row = np.clip((y * sheet.scale).astype(int), 0, sheet.height - 1)
    local = guide[row, column]
    # Saturated on purpose: the eye greys the mixture again.
    grey = luminance(local)[:, None]
    pure = np.clip(grey + 1.32 * (local - grey), 0, 1)
    lot = rng.random(len(x))[:, None]
    opposite = 0.55 * complement(pure) + 0.45 * pure
    sunny = np.where(grey > 0.5, ink("ffc94f"), ink("4a3fa0")) * 0.6 + 0.4 * pure
    paint = np.where(lot < 0.45 * accent, opposite, np.where(lot < accent, sunny, pure))
    paint = deviate(rng, paint.astype(np.float32), 0.045, 0.045, 0.02)
    size = radius * sheet.scale * rng.uniform(0.75, 1.2, len(x))
    turn, squeeze = rng.uniform(0, np.pi, len(x)), rng.uniform(0.68, 1.0, len(x))
    for i in range(len(x)):
        px, py, r = float(x[i] * sheet.scale), float(y[i] * sheet.scale), max(float(size[i]), 0.8)
        left, right = max(int(px - r - 1), 0), min(int(px + r + 2), sheet.width)
        top, bottom = max(int(py - r - 1), 0), min(int(py + r + 2), sheet.height)
        if left >= right or top >= bottom:
            continue
        dx = np.arange(left, right, dtype=np.float32) + (0.5 - px)
        dy = np.arange(top, bottom, dtype=np.float32)[:, None] + (0.5 - py)
        along = dx * np.cos(turn[i]) + dy * np.sin(turn[i])
        across = (dy * np.cos(turn[i]) - dx * np.sin(turn[i])) / squeeze[i]
        away = np.sqrt(along * along + across * across)
        cover = np.clip(r - away + 0.5, 0, 1).astype(np.float32)
        box = (slice(top, bottom), slice(left, right))
        picture[box] += 0.93 * cover[..., None] * (paint[i] - picture[box])
        dome = np.sqrt(np.clip(1 - (away / (r + 0.5)) ** 2, 0, 1)) * min(r, 3.0) * 0.45
        height[box] += cover * (dome + 0.3 * height[box] - height[box])


def _scene(sheet: Sheet, noise: Noise) -> Array:
    """The colours to divide: sky, far bank, river with sails, lawn with shade, trees and strollers."""
    x, y = sheet.x, sheet.y
    billow = noise.clouds(x, y * 2, 5)
    picture = ramp(inks("7fb2e0 a5cdea cfe3ea f6e6c8 fbd9a6"), y / _SHORE + 0.12 * billow)
    picture = lay(picture, np.clip(1.8 * billow - 0.35, 0, 1), ink("fff3e0"), 0.8)
    far = sheet.soft(y - (0.30 - 0.022 * np.sin(x * 9 + 1) - 0.012 * noise.at(x, y * 0 + 1, 26)))
    picture = lay(picture, far, ramp(inks("5a7fa8 5f9a86 8cb06a"), 0.5 + 0.6 * noise.at(x, y, 22)))
    river = sheet.soft(y - _SHORE)
    ripple = noise.clouds(x * 0.35, y * 3, 20)
    water = ramp(inks("3c78b8 5a98cc 86bedb c5dcd2 f0dfb0"), 0.55 - 0.8 * (y - _SHORE) + 0.42 * ripple)
    picture = lay(picture, river, water)
    for left, mast, tall in [(0.47, 0.36, 0.15), (0.60, 0.345, 0.09), (0.70, 0.35, 0.06)]:
        picture = _sailboat(sheet, picture, left, mast + 0.03, tall)
    shore_line = curves.smooth([(-0.1, 0.56), (0.2, 0.545), (0.5, 0.485), (0.78, 0.43), (1.1, 0.40)])
    lawn = sheet.cover(np.vstack([shore_line, [(1.2, 1.0), (-0.2, 1.0)]]))
    grass = ramp(inks("f3e27a d6d957 a3c64a 6fae48"), 0.45 + 0.5 * noise.clouds(x * 0.6, y * 2, 8))
    picture = lay(picture, lawn, grass)
    shade = np.clip(2.2 * noise.clouds(x * 0.45, y * 1.5, 5, 3) + 9 * (y - 0.645 + 0.10 * x), 0, 1)
    picture = lay(
        picture, lawn * shade, ramp(inks("1f5a5c 2f6f4f 3f5f8c"), 0.5 + 0.6 * noise.at(x, y, 15)), 0.85
    )
    for foot, base, crown in [(0.13, 0.66, 0.17), (0.90, 0.56, 0.135), (0.335, 0.53, 0.06)]:
        picture = _tree(sheet, noise, picture, foot, base, crown)
    for px, py, tall, dress, parasol in [
        (0.43, 0.655, 0.155, "b3324a", "f08a3c"),
        (0.505, 0.665, 0.165, "27306e", "27306e"),
        (0.70, 0.575, 0.10, "f3efe0", "d94f6a"),
        (0.635, 0.70, 0.085, "e0a030", "3f8f7a"),
        (0.27, 0.60, 0.085, "6a3f8c", "f2d24a"),
    ]:
        picture = _stroller(sheet, picture, px, py, tall, dress, parasol)
    return picture


def _sailboat(sheet: Sheet, picture: Array, x: float, y: float, tall: float) -> Array:
    sail = curves.smooth(
        [(x, y), (x + 0.02 * tall, y - tall), (x + 0.30 * tall, y - 0.4 * tall), (x + 0.42 * tall, y)]
    )
    jib = [(x - 0.03 * tall, y), (x - 0.01 * tall, y - 0.85 * tall), (x - 0.26 * tall, y)]
    mirror = [
        (x - 0.22 * tall, y + 0.1 * tall),
        (x + 0.36 * tall, y + 0.1 * tall),
        (x + 0.03 * tall, y + 0.8 * tall),
    ]
    picture = lay(picture, sheet.cover(mirror), ink("f6e9cc"), 0.55)
    picture = lay(picture, sheet.cover(sail), ink("fff8e6"))
    picture = lay(picture, sheet.cover(jib), ink("f4b46a"))
    hull = [
        (x - 0.3 * tall, y),
        (x + 0.46 * tall, y),
        (x + 0.36 * tall, y + 0.1 * tall),
        (x - 0.22 * tall, y + 0.1 * tall),
    ]
    return lay(picture, sheet.cover(hull), ink("8c2f39"))


def _tree(sheet: Sheet, noise: Noise, picture: Array, x: float, y: float, crown: float) -> Array:
    trunk = curves.ribbon(
        curves.smooth([(x, y), (x + 0.1 * crown, y - 1.2 * crown), (x - 0.02 * crown, y - 2.4 * crown)]),
        [0.30 * crown, 0.16 * crown, 0.08 * crown],
    )
    picture = lay(picture, sheet.cover(trunk), ink("4a2f5a"))
    ragged = noise.clouds(sheet.x, sheet.y, 5 / crown**0.5)
    top = y - 2.35 * crown
    away = np.hypot((sheet.x - x) / 1.15, sheet.y - top) - crown * (1 + 0.28 * ragged)
    away = np.minimum(
        away,
        np.hypot(sheet.x - x - 0.8 * crown, sheet.y - top - 0.55 * crown) - 0.55 * crown * (1 + 0.4 * ragged),
    )
    away = np.minimum(
        away,
        np.hypot(sheet.x - x + 0.85 * crown, sheet.y - top - 0.6 * crown) - 0.5 * crown * (1 + 0.4 * ragged),
    )
    light = (
        0.5
        + 0.42 * ((sheet.x - x) / crown * 0.6 - (sheet.y - top) / crown)
        - 0.06
        + 0.33 * noise.at(sheet.x, sheet.y, 2.2 / crown)
    )
    leaves = ramp(inks("1c3f6a 1f5f54 3f8a3f 86b43a e6d445"), light)
    return lay(picture, sheet.soft(-away), leaves)


def _stroller(
    sheet: Sheet, picture: Array, x: float, y: float, tall: float, dress: str, parasol: str
) -> Array:
    shadow = curves.ellipse(x - 0.5 * tall, y + 0.01 * tall, 0.6 * tall, 0.05 * tall)
    picture = lay(picture, sheet.cover(shadow), ink("2a3f6a"), 0.8)
    skirt = curves.smooth(
        [
            (x - 0.06 * tall, y - 0.55 * tall),
            (x - 0.18 * tall, y),
            (x + 0.20 * tall, y),
            (x + 0.06 * tall, y - 0.55 * tall),
        ]
    )
    body = [
        (x - 0.08 * tall, y - 0.82 * tall),
        (x + 0.08 * tall, y - 0.82 * tall),
        (x + 0.07 * tall, y - 0.5 * tall),
        (x - 0.07 * tall, y - 0.5 * tall),
    ]
    picture = lay(picture, sheet.cover(skirt, body), ink(dress))
    picture = lay(
        picture, sheet.cover(curves.ellipse(x, y - 0.9 * tall, 0.055 * tall, 0.065 * tall)), ink("e8b48c")
    )
    t = np.linspace(np.pi, 2 * np.pi, 40)
    roof = np.stack([x + 0.06 * tall + 0.28 * tall * np.cos(t), y - 0.98 * tall + 0.2 * tall * np.sin(t)], 1)
    return lay(picture, sheet.cover(roof), ink(parasol))
