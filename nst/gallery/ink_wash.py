"""Bamboo before misty mountains: ink, water, and one red seal."""

import numpy as np
from scipy import ndimage

from nst.gallery import curves
from nst.gallery.colour import ink
from nst.gallery.noise import Noise, grain
from nst.gallery.sheet import Array, Path2D, Pixels, Sheet, lay, pixels
from nst.gallery.washes import Water, fibres, glaze, rough_paper

_INK = "16181d"


def paint(size: int = 768, seed: int = 0) -> Pixels:
    """The picture, uint8 (H, W, 3), long side `size`."""
    rng = np.random.default_rng(seed + 7)
    sheet = Sheet.of(size, 0.72)
    noise = Noise(rng)
    tooth = 0.10 * rough_paper(sheet, rng, 1.2)
    threads = fibres(sheet, rng, 900)
    paper = ink("efe6d2") + (0.010 * grain(rng, sheet, 0.8) + 0.02 * noise.at(sheet.x, sheet.y, 3))[..., None]
    picture = lay(paper.astype(np.float32), threads, ink("fbf6e8"), 0.6)
    # Fibres take less ink: they show pale through every wash.
    tooth = tooth - 0.25 * threads
    water = Water(sheet, noise, tooth.astype(np.float32))
    sun = water.frayed(sheet.disc(0.205, 0.175, 0.078), 0.003)
    picture = glaze(picture, 0.95 * water.wash(sun, rim=0.25, pool=0.25), ink("c8402f"))
    density = _mountains(water) + _shore(sheet, noise)
    density = np.maximum(density, 0) * (1 + tooth)
    picture = glaze(picture, density, ink("30343c"))
    streaks = _streaks(sheet, noise)
    for leaves, strength in _bamboo(sheet, rng):
        wet = water.frayed(leaves, 0.0011, 40)
        stroke = water.wash(wet, rim=0.4, pool=0.30, reach=0.003) * streaks
        picture = glaze(picture, strength * stroke, ink(_INK))
    picture = _boat_and_birds(water, picture)
    return pixels(_seal(sheet, rng, picture))


def _mountains(water: Water) -> Array:
    """Ranges from far to near: dark at the ridge, dissolved in mist at the foot."""
    sheet, noise = water.sheet, water.noise
    x, y = sheet.x, sheet.y
    density = np.zeros_like(x)
    for base, peaks, strength, fade in [
        (0.40, [(0.42, 0.10, 0.10), (0.62, 0.05, 0.08), (0.12, 0.04, 0.10)], 0.28, 0.16),
        (
            0.50,
            [(0.18, 0.215, 0.062), (0.30, 0.13, 0.05), (0.07, 0.12, 0.05), (0.50, 0.045, 0.09)],
            0.70,
            0.20,
        ),
        (
            0.585,
            [(0.40, 0.12, 0.055), (0.49, 0.17, 0.042), (0.58, 0.10, 0.045), (0.02, 0.09, 0.08)],
            1.20,
            0.17,
        ),
        (0.70, [(0.03, 0.14, 0.055), (0.13, 0.075, 0.045)], 1.75, 0.11),
    ]:
        skyline = np.full_like(x, base)
        for at, tall, wide in peaks:
            skyline = skyline - tall * np.exp(-(((x - at) / wide) ** 2))
        crag = noise.clouds(x, np.zeros_like(y) + base, 20, 5, 0.55)
        skyline = skyline - 0.022 * crag
        below = y - skyline
        body = sheet.soft(water.frayed(below, 0.004, 22))
        fall = np.exp(-np.clip(below, 0, 1) / fade * 2.1)
        # Texture strokes run down the slopes, thick where the rock turns from the light.
        folds = noise.clouds(x * 1.0 + 0.55 * y + base, y * 0.42 - 0.2 * x, 24, 4, 0.6)
        rock = np.clip(0.60 + 1.15 * folds, 0.06, 1.9)
        ridge = np.exp(-np.clip(below, 0, 1) / 0.012) * 0.75 * np.clip(0.5 + 1.2 * noise.at(x, y, 15), 0, 1.4)
        mist = np.clip(0.75 + 0.5 * noise.clouds(x * 0.5, y * 2, 5, 3), 0.15, 1.2)
        density = density * (1 - 0.55 * body * fall) + body * strength * (fall * rock * mist + ridge)
    return np.asarray(ndimage.gaussian_filter(density, 0.5), dtype=np.float32)


def _shore(sheet: Sheet, noise: Noise) -> Array:
    """A low bank with grasses, and a few strokes of still water."""
    x, y = sheet.x, sheet.y
    bank = 0.955 - 0.05 * np.exp(-(((x - 0.62) / 0.16) ** 2)) - 0.012 * noise.clouds(x, y * 0, 20)
    below = y - bank
    density = (
        sheet.soft(below)
        * (0.55 + 0.9 * np.exp(-np.clip(below, 0, 1) / 0.02))
        * (0.9 + 0.5 * noise.clouds(x, y, 18))
    )
    still = np.clip(noise.clouds(x * 0.35, y * 7.0, 8, 3) - 0.30, 0, 1) * 1.1
    band = np.exp(-(((y - 0.815) / 0.07) ** 2))
    return np.asarray(density + still * band * (below < 0), dtype=np.float32)


def _streaks(sheet: Sheet, noise: Noise) -> Array:
    """Bristle streaks of a half-dry brush, mostly along the bamboo, (H, W) about 1."""
    lines = noise.clouds(sheet.x + 0.06 * sheet.y, sheet.y * 0.05, 150, 2)
    dry = np.clip(noise.at(sheet.x, sheet.y, 6) * 1.4 + 0.2, 0, 1)
    return np.asarray(np.clip(1 - 0.85 * dry * np.clip(lines + 0.25, 0, 1), 0.1, 1), dtype=np.float32)


def _bamboo(sheet: Sheet, rng: np.random.Generator) -> list[tuple[Array, float]]:
    """Coverage and strength of ink: pale stalk and leaves behind, dark in front."""
    layers = []
    for foot, head, girth, strength in [
        ((0.53, 1.02), (0.655, -0.05), 0.022, 0.40),
        ((0.680, 1.03), (0.600, -0.04), 0.037, 0.98),
    ]:
        joints = np.linspace(0, 1, 8) ** 1.08
        stalk, leaves, pale_leaves = [], [], []
        a, b = np.array(foot), np.array(head)
        for i in range(7):
            start, end = a + (b - a) * (joints[i] + 0.006), a + (b - a) * (joints[i + 1] - 0.006)
            bow = 0.5 * (start + end) + np.array([0.004 * (-1) ** i, 0])
            wide = girth * (1 - 0.35 * joints[i])
            stalk.append(
                curves.ribbon(
                    curves.smooth([start, bow, end], 40), [wide * 1.12, wide * 0.92, wide * 0.92, wide * 1.16]
                )
            )
        layers.append((sheet.cover(*stalk), strength * 0.72))
        knots = []
        for i in range(1, 7):
            at = a + (b - a) * joints[i]
            wide = girth * (1 - 0.35 * joints[i])
            hook = [
                at + np.array([-0.62 * wide, -0.004]),
                at + np.array([0, 0.003]),
                at + np.array([0.62 * wide, -0.005]),
            ]
            knots.append(curves.ribbon(curves.smooth(hook, 20), [0.003, 0.006, 0.002]))
        layers.append((sheet.cover(*knots), 1.6 * strength))
        for i, side in [(2, -1), (3, 1), (4, -1), (5, -1), (6, 1)]:
            root = a + (b - a) * joints[i]
            twig_end = root + np.array([side * rng.uniform(0.07, 0.12), -rng.uniform(0.03, 0.07)])
            twig = curves.smooth([root, 0.5 * (root + twig_end) + np.array([0, -0.012]), twig_end], 30)
            leaves.append(curves.ribbon(twig, [0.005, 0.003]))
            pale_leaves.extend(_leaf_cluster(rng, twig[17], side, girth))
            leaves.extend(_leaf_cluster(rng, twig[29], side, girth))
        layers.append((sheet.cover(*pale_leaves), strength * 0.42))
        layers.append((sheet.cover(*leaves), strength * 1.15))
    return layers


def _leaf_cluster(rng: np.random.Generator, at: Path2D, side: int, girth: float) -> list[Path2D]:
    leaves = []
    for spread in (-0.65, -0.1, 0.5):
        turn = np.pi / 2 - side * (0.75 + spread * 0.8) + rng.normal(0, 0.12)
        long = rng.uniform(0.085, 0.15) * (0.7 + 9 * girth)
        way = np.array([np.cos(turn), np.sin(turn)])
        droop = np.array([0, 0.10 * long])
        spine = curves.smooth(np.array([at, at + 0.5 * long * way - droop, at + long * way + droop]), 50)
        leaves.append(curves.ribbon(spine, [0.002, 0.010, 0.0165, 0.015, 0.010, 0.005, 0.0004]))
    return leaves


def _boat_and_birds(water: Water, picture: Array) -> Array:
    sheet = water.sheet
    hull = curves.ribbon(
        curves.smooth([(0.15, 0.800), (0.205, 0.817), (0.275, 0.812), (0.315, 0.795)]),
        [0.002, 0.011, 0.012, 0.002],
    )
    shelter = curves.smooth([(0.205, 0.812), (0.215, 0.790), (0.240, 0.786), (0.258, 0.810)])
    fisher = [
        curves.ribbon([(0.283, 0.808), (0.286, 0.776)], [0.010, 0.006]),
        curves.ellipse(0.286, 0.772, 0.0125, 0.004),
    ]
    rod = curves.ribbon(curves.smooth([(0.286, 0.788), (0.325, 0.762), (0.352, 0.768)]), 0.0016)
    ripples = [
        curves.ribbon(
            curves.smooth(
                [
                    (0.16 + i * 0.02, 0.832 + 0.011 * i),
                    (0.25, 0.836 + 0.011 * i),
                    (0.33 - i * 0.03, 0.830 + 0.011 * i),
                ]
            ),
            [0.0, 0.003, 0.0],
        )
        for i in range(3)
    ]
    picture = glaze(
        picture, 1.15 * water.frayed(sheet.cover(hull, shelter, *fisher, rod), 0.0008, 60), ink(_INK)
    )
    picture = glaze(picture, 0.5 * sheet.cover(*ripples), ink(_INK))
    birds = []
    for bx, by, span in [
        (0.335, 0.125, 0.036),
        (0.385, 0.155, 0.028),
        (0.300, 0.170, 0.026),
        (0.425, 0.115, 0.021),
        (0.365, 0.205, 0.018),
    ]:
        wing = curves.smooth(
            [
                (bx - span, by - 0.3 * span),
                (bx - 0.4 * span, by - 0.42 * span),
                (bx, by),
                (bx + 0.5 * span, by - 0.48 * span),
                (bx + span, by - 0.2 * span),
            ]
        )
        birds.append(curves.ribbon(wing, [0.0005, 0.0045, 0.004, 0.0045, 0.0005]))
    return glaze(picture, 1.3 * sheet.cover(*birds), ink(_INK))


def _seal(sheet: Sheet, rng: np.random.Generator, picture: Array) -> Array:
    """The painter's seal: white strokes in worn red."""
    left, top, side = 0.055, 0.885, 0.062
    block = sheet.cover(
        [
            (left, top),
            (left + side, top + 0.001),
            (left + side - 0.001, top + side),
            (left + 0.001, top + side),
        ]
    )
    bars = [
        [(0.16, 0.16), (0.84, 0.16)],
        [(0.16, 0.16), (0.16, 0.46)],
        [(0.50, 0.16), (0.50, 0.84)],
        [(0.16, 0.46), (0.84, 0.46)],
        [(0.84, 0.28), (0.84, 0.46)],
        [(0.18, 0.62), (0.34, 0.84)],
        [(0.82, 0.62), (0.66, 0.84)],
        [(0.18, 0.84), (0.36, 0.62)],
    ]
    carved = sheet.cover(
        *[curves.ribbon([(left + side * px, top + side * py) for px, py in bar], 0.0052) for bar in bars]
    )
    worn = np.clip(1.15 - 0.35 * np.abs(grain(rng, sheet, 1.1)), 0, 1)
    return glaze(picture, block * (1 - carved) * worn, ink("c1271f"))
