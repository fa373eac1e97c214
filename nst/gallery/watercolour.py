"""An autumn lake in transparent washes, wet into wet, with the paper's white kept for light."""

import numpy as np
from scipy import ndimage

from nst.gallery import curves
from nst.gallery.colour import ink, inks, ramp
from nst.gallery.noise import Noise
from nst.gallery.relief import lit
from nst.gallery.sheet import Array, Pixels, Sheet, pixels
from nst.gallery.washes import Water, glaze, rough_paper

_SHORE = 0.475


def paint(size: int = 768, seed: int = 0) -> Pixels:
    """The picture, uint8 (H, W, 3), long side `size`."""
    rng = np.random.default_rng(seed + 14)
    sheet = Sheet.of(size, 1.32)
    paper = rough_paper(sheet, rng)
    water = Water(sheet, Noise(rng), (-0.075 * paper).astype(np.float32))
    picture = sheet.blank(ink("fbf8ef"))
    picture = _sky(water, picture)
    picture = _mountains(water, picture)
    picture = _lake(water, picture)
    picture = _trees(water, rng, picture)
    picture = _foreground(water, rng, picture)
    picture = _splashes(water, rng, picture)
    picture = _taped(water, picture)
    return pixels(lit(picture, paper, depth=0.045))


def _sky(water: Water, picture: Array) -> Array:
    """Colours dropped side by side into water, with clouds lifted out."""
    sheet, noise = water.sheet, water.noise
    x, y = sheet.x, sheet.y
    drift = noise.clouds(x, y * 1.6, 3.5, 5, 0.55)
    clouds = np.clip(
        1.15 - 2.2 * np.clip(noise.clouds(x * 0.8 + 0.3, y * 1.9, 4.2, 5, 0.55) - 0.0, 0, 1), 0, 1
    )
    high = np.clip(1.25 - y / 0.33 + 0.5 * drift, 0, 1.3) * clouds
    glow = np.clip(1 - np.abs(y - 0.34 + 0.06 * drift) / 0.22, 0, 1) * (
        0.55 + 0.6 * np.exp(-(((x - 0.62) / 0.3) ** 2))
    )
    rose = np.clip(1 - np.abs(y - 0.24 + 0.10 * drift) / 0.14, 0, 1) * np.clip(0.5 + drift, 0, 1)
    # Blue keeps off the warm band: the two would make green.
    high = high * np.clip(1 - 1.4 * glow, 0, 1)
    for density, pigment in [(0.80 * high, "4a90d0"), (0.75 * glow, "f9bf62"), (0.25 * rose, "ee8fa0")]:
        picture = glaze(picture, water.wash(density.astype(np.float32), rim=0.25, reach=0.004), ink(pigment))
    return picture


def _mountains(water: Water, picture: Array) -> Array:
    sheet, noise = water.sheet, water.noise
    x, y = sheet.x, sheet.y
    for base, tall, frequency, shift, pigment, strength in [
        (0.37, 0.135, 3.2, 0.0, "9aa8dc", 0.60),
        (0.41, 0.105, 4.4, 5.0, "7488c4", 0.62),
        (0.45, 0.070, 6.0, 9.0, "5f8f98", 0.62),
    ]:
        ridge = base - tall * (0.35 + noise.clouds(x + shift, np.zeros_like(y) + shift, frequency, 5, 0.48))
        below = y - ridge
        cover = water.frayed(sheet.soft(below), 0.0025, 26) * (y < _SHORE + 0.01)
        # Mist at the foot: clean water pushed into the wash while it was wet.
        mist = np.clip(1.15 - (y - ridge) / (_SHORE - base + 0.10), 0.15, 1)
        # One slope in light: the ridge's own direction, carried down.
        facet = np.clip(0.75 + 1.3 * noise.clouds(x + 0.55 * below + shift, below * 0.4, 15, 3), 0.35, 1.5)
        density = water.wash(cover, rim=0.85, pool=0.25, reach=0.005)
        picture = glaze(picture, strength * density * mist * facet, ink(pigment))
    return picture


def _lake(water: Water, picture: Array) -> Array:
    """Still water: the sky and hills upside down, drawn out, then broken by dry horizontal strokes."""
    sheet, noise = water.sheet, water.noise
    x, y = sheet.x, sheet.y
    above = np.clip(2 * _SHORE - y - 0.02, 0, None)
    sway = 0.006 * noise.clouds(x * 0.4, y * 3, 22, 2)
    rows = np.clip(above * sheet.scale, 0, sheet.height - 1)
    columns = np.clip((x + sway) * sheet.scale, 0, sheet.width - 1)
    mirror = np.stack(
        [
            ndimage.map_coordinates(picture[..., c], [rows, columns], order=1, mode="nearest")
            for c in range(3)
        ],
        -1,
    )
    mirror = np.stack(
        [
            ndimage.gaussian_filter(mirror[..., c], (0.006 * sheet.scale, 0.002 * sheet.scale))
            for c in range(3)
        ],
        -1,
    )
    lake = water.frayed(sheet.soft(y - _SHORE), 0.0015, 20)
    sparkle = np.clip((noise.clouds(x * 0.35, y * 5, 26, 3) - 0.30) * 6, 0, 1) * np.clip(
        (y - _SHORE) / 0.05, 0, 1
    )
    surface = np.where((lake > 0)[..., None], mirror, picture)
    picture = np.asarray(picture + lake[..., None] * (surface - picture), dtype=np.float32)
    deep = np.clip((y - _SHORE) / 0.3, 0, 1) * lake * (1 - sparkle)
    picture = glaze(
        picture, water.wash((0.42 * deep).astype(np.float32), rim=0.5, reach=0.003), ink("2a6f9c")
    )
    ripples = np.clip((noise.clouds(x * 0.3, y * 6, 20, 3) - 0.18) * 5, 0, 1) * np.clip(
        (y - _SHORE) / 0.12, 0, 1
    )
    return glaze(
        picture, water.wash((0.42 * ripples * lake).astype(np.float32), rim=0.5, reach=0.003), ink("1f4f80")
    )


def _trees(water: Water, rng: np.random.Generator, picture: Array) -> Array:
    """Crowns of autumn colour along the far shore, charged with a second pigment while wet, and mirrored."""
    sheet, noise = water.sheet, water.noise
    pigments = ["f5a82a", "ee7a2f", "dc4a2f", "f9cf45", "a8b045", "d0602f", "6fa06a"]
    x, y = sheet.x, sheet.y
    places = np.concatenate([rng.uniform(0.0, 0.36, 9), rng.uniform(0.74, 1.0, 7), rng.uniform(0.4, 0.70, 3)])
    shiver = 0.010 * noise.clouds(x * 0.3, y * 3.5, 24, 2) * np.clip((y - _SHORE) / 0.06, 0, 1)
    for at in rng.permutation(places):
        near = 0.55 + 1.15 * abs(at - 0.56) / 0.5
        tall, wide = rng.uniform(0.085, 0.135) * near, rng.uniform(0.028, 0.044) * near
        top = _SHORE - tall
        crown = np.zeros_like(x)
        for _ in range(6):
            cx, cy = at + rng.normal(0, 0.45) * wide, top + rng.uniform(0.15, 0.72) * tall
            crown = np.maximum(crown, sheet.disc(cx, cy, wide * rng.uniform(0.45, 0.8)))
        crown = water.frayed(crown, 0.011 * near, 26)
        first, second = rng.choice(len(pigments), 2, replace=False)
        density = water.wash(crown, rim=0.75, pool=0.5, reach=0.004)
        side = np.clip(0.5 + 1.4 * ((at - x) / wide * 0.4 + (y - top) / tall - 0.45), 0, 1)
        reflected = _mirrored(sheet, shiver, crown)
        for pigment, share in [(pigments[first], 0.72), (pigments[second], 0.45 * side)]:
            picture = glaze(picture, density * share, ink(pigment))
            picture = glaze(picture, reflected * share * 0.45, ink(pigment))
        trunk = curves.ribbon(
            curves.smooth(
                [(at, _SHORE + 0.004), (at + 0.002, top + 0.6 * tall), (at - 0.003, top + 0.2 * tall)]
            ),
            [0.0045 * near, 0.001],
        )
        picture = glaze(picture, 0.8 * sheet.cover(trunk), ink("5a3a2a"))
    bank = sheet.soft(0.0065 + 0.006 * noise.clouds(x, y * 0, 18) - np.abs(y - _SHORE))
    return glaze(picture, water.wash(water.frayed(bank, 0.002), rim=0.6), ink("7a6a45"))


def _mirrored(sheet: Sheet, shiver: Array, crown: Array) -> Array:
    """A crown in the water: upside down, shivering, paler."""
    rows, columns = (2 * _SHORE - sheet.y) * sheet.scale, (sheet.x + shiver) * sheet.scale
    flipped = ndimage.map_coordinates(crown, [rows, columns], order=1, mode="constant")
    drawn = ndimage.gaussian_filter(flipped, (0.008 * sheet.scale, 0.0015 * sheet.scale))
    return np.asarray(drawn * sheet.soft(sheet.y - _SHORE), dtype=np.float32)


def _foreground(water: Water, rng: np.random.Generator, picture: Array) -> Array:
    """The near bank with reeds, and a birch leaning in from the left."""
    sheet, noise = water.sheet, water.noise
    x, y = sheet.x, sheet.y
    edge = sheet.bottom - 0.085 - 0.05 * np.cos(3.4 * x + 0.3) + 0.018 * noise.clouds(x, y * 0, 12)
    bank = water.frayed(sheet.soft(y - edge), 0.006, 22)
    tone = ramp(inks("ecc860 d8a048 b8a050 8f9a58"), 0.5 + 0.7 * noise.clouds(x, y, 7))
    density = water.wash(bank, rim=0.9, pool=0.5)
    picture = np.asarray(picture * np.exp(-density[..., None] * -np.log(tone)), dtype=np.float32)
    for count, pigment, strength in [(95, "8f6a24", 0.8), (70, "4a4a28", 1.0), (40, "b8481f", 0.9)]:
        blades = []
        for _ in range(count):
            foot = rng.choice([rng.uniform(0.0, 0.30), rng.uniform(0.70, 1.0)])
            base, tall = sheet.bottom - rng.uniform(0.0, 0.05), rng.uniform(0.06, 0.17)
            lean = rng.normal(0.02, 0.035)
            spine = curves.smooth(
                [(foot, base), (foot + 0.3 * lean, base - 0.6 * tall), (foot + lean, base - tall)], 24
            )
            blades.append(curves.ribbon(spine, [0.003, 0.0042, 0.0008]))
        reeds = water.frayed(sheet.cover(*blades), 0.0008, 60)
        picture = glaze(picture, strength * water.wash(reeds, rim=0.4), ink(pigment))
    return picture


def _splashes(water: Water, rng: np.random.Generator, picture: Array) -> Array:
    """Spatter from a loaded brush, thickest near the trees."""
    sheet = water.sheet
    for pigment, count in [("d8541f", 60), ("f0a52a", 60), ("2a5f8c", 40), ("6a3a24", 40)]:
        drops = []
        for _ in range(count):
            cx, cy = rng.choice([0.17, 0.87]) + rng.normal(0, 0.13), rng.normal(0.40, 0.14)
            radius = float(rng.lognormal(-6.3, 0.5))
            drops.append(
                curves.ellipse(cx, cy, radius, radius * rng.uniform(0.7, 1.0), rng.uniform(0, 3), 20)
            )
        picture = glaze(picture, 0.8 * water.wash(sheet.cover(*drops), rim=0.8, reach=0.002), ink(pigment))
    return picture


def _taped(water: Water, picture: Array) -> Array:
    """The clean margin left by masking tape, with a few bleeds beneath it."""
    sheet, noise = water.sheet, water.noise
    x, y = sheet.x, sheet.y
    margin = np.minimum(np.minimum(x, sheet.right - x), np.minimum(y, sheet.bottom - y))
    ragged = margin + 0.0016 * noise.clouds(x, y, 30) + 0.004 * np.clip(noise.at(x, y, 26) - 0.55, 0, 1)
    inside = sheet.soft(ragged - 0.030)
    pigment = water.wash(inside, rim=0.5, pool=0, reach=0.004)
    dark = picture ** np.clip(pigment, 1, 1.5)[..., None]
    white = sheet.blank(ink("fbf8ef"))
    return np.asarray(white + inside[..., None] * (dark - white), dtype=np.float32)
