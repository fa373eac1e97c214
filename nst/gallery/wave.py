"""A breaking wave off a snowy peak: a colour woodblock print with graded blues and claws of foam."""

import numpy as np
from scipy import ndimage

from nst.gallery import curves
from nst.gallery.colour import ink, inks, ramp
from nst.gallery.noise import Noise, grain
from nst.gallery.sheet import Array, Path2D, Pixels, Sheet, lay, multiply, pixels

_LINE = "14284a"

# The great wave: its back from the left edge up to the tip, and its hollow from the tip down to the trough.
_BACK = [
    (-0.06, 0.50),
    (0.03, 0.34),
    (0.12, 0.205),
    (0.235, 0.115),
    (0.36, 0.085),
    (0.475, 0.115),
    (0.555, 0.185),
    (0.588, 0.268),
]
_HOLLOW = [
    (0.588, 0.268),
    (0.520, 0.232),
    (0.440, 0.232),
    (0.372, 0.285),
    (0.345, 0.375),
    (0.372, 0.480),
    (0.455, 0.575),
    (0.580, 0.632),
]


def paint(size: int = 768, seed: int = 0) -> Pixels:
    """The picture, uint8 (H, W, 3), long side `size`."""
    rng = np.random.default_rng(seed + 11)
    sheet = Sheet.of(size, 1.40)
    noise = Noise(rng)
    picture = _sky(sheet, noise)
    picture = _peak(sheet, noise, picture)
    picture = _far_swell(sheet, rng, picture)
    picture = _great_wave(sheet, rng, picture)
    picture = _near_swell(sheet, rng, picture)
    picture = _spray(sheet, rng, picture)
    return pixels(_printed(sheet, rng, noise, picture))


def _sky(sheet: Sheet, noise: Noise) -> Array:
    """Graded by wiping the block: dusk at the top, straw, and a low red sun behind haze."""
    wiped = sheet.y / 0.55 + 0.03 * noise.clouds(sheet.x * 0.4, sheet.y * 3, 6)
    picture = ramp(inks("7d8f96 b5b49c e3d2a4 f0dcae f3dfb6 efcf9e"), wiped)
    picture = lay(picture, sheet.disc(0.815, 0.165, 0.072), ink("cf4a2c"))
    bands = []
    for y, left, right in [
        (0.135, 0.70, 0.90),
        (0.198, 0.76, 1.02),
        (0.075, 0.60, 0.74),
        (0.232, 0.66, 0.80),
    ]:
        bands.append(
            curves.ribbon(
                curves.smooth([(left, y), (0.5 * (left + right), y - 0.004), (right, y)]),
                [0.002, 0.013, 0.013, 0.002],
            )
        )
    return lay(picture, sheet.cover(*bands), ink("f1e2bf"), 0.92)


def _peak(sheet: Sheet, noise: Noise, picture: Array) -> Array:
    slope = curves.smooth(
        [
            (0.52, 0.52),
            (0.62, 0.468),
            (0.695, 0.392),
            (0.715, 0.383),
            (0.735, 0.393),
            (0.81, 0.468),
            (0.92, 0.52),
        ]
    )
    cover = sheet.cover(slope)
    picture = lay(picture, cover, ramp(inks("47618c 5f7da3 8fa3b0"), (sheet.y - 0.38) / 0.13))
    ragged = 0.425 + 0.022 * np.abs(np.sin(sheet.x * 75)) + 0.010 * noise.at(sheet.x, sheet.y, 40)
    picture = lay(picture, cover * sheet.soft(ragged - sheet.y), ink("fbf6e6"))
    return lay(picture, sheet.strokes([slope], 0.0032), ink(_LINE))


def _far_swell(sheet: Sheet, rng: np.random.Generator, picture: Array) -> Array:
    """Two low swells at the horizon, with stripes that follow their crests."""
    for base, rise, phase, codes in [
        (0.500, 0.020, 1.9, "6f97ad a9c1bd"),
        (0.548, 0.032, 0.2, "3f6f98 86aab5"),
    ]:
        x = np.linspace(-0.05, 1.05, 260)
        crest = base - rise * np.sin(8.2 * x + phase) - 0.35 * rise * np.sin(19 * x + 2 * phase)
        line = np.stack([x, crest], 1)
        picture = lay(
            picture,
            sheet.cover(np.vstack([line, [(1.1, 1.0), (-0.1, 1.0)]])),
            ramp(inks(codes), 1 - (sheet.y - base) * 9),
        )
        for step in range(1, 4):
            stripe = line + np.array([0.012 * step, 0.016 * step])
            picture = lay(
                picture,
                sheet.cover(curves.ribbon(stripe, 0.5 * rise * (0.25 + 0.2 * np.sin(14 * x + phase + step)))),
                ink("1f4a80"),
                0.9,
            )
        picture = lay(picture, sheet.strokes([line], 0.0034), ink(_LINE))
        picture = _foam(sheet, rng, picture, line[20:-20], 0.011, 60, lift=0.2)
    return picture


def _great_wave(sheet: Sheet, rng: np.random.Generator, picture: Array) -> Array:
    """The body in graded blue with stripes drawn from back to hollow, then its foam."""
    back, hollow = curves.smooth(_BACK, 240), curves.smooth(_HOLLOW, 240)
    foot = np.array([(0.72, 0.66), (0.72, 1.0), (-0.1, 1.0)])
    body = sheet.cover(np.vstack([back, hollow, foot]))
    picture = lay(
        picture, body, ramp(inks("dfe6d6 a9c6c8 5f92b3 2a5f9a 1c4684 173868"), (sheet.y - 0.08) / 0.55)
    )
    # Stripes run from the foot of the wave up its face, and fan where the lip turns over.
    left, right = _face(-0.06, 0.86, _BACK, -1), _face(0.585, 0.640, _HOLLOW, 1)
    count = 11
    for i in range(count):
        t = (i + 0.5) / count
        path = left + (right - left) * t**0.92
        swell = 0.030 * (1 - 0.45 * t)
        widths = swell * np.interp(np.linspace(0, 1, 60), [0, 0.35, 0.75, 1], [0.55, 1.0, 0.62, 0.05])
        code = ("173a70", "f2efe0", "2f6aa6")[i % 3]
        picture = lay(picture, sheet.cover(curves.ribbon(path, widths)) * body, ink(code), 0.95)
        picture = lay(
            picture,
            (sheet.strokes([path + np.array([0.5, 0.2]) * widths.mean()], 0.0022) * body).astype(np.float32),
            ink(_LINE),
            0.8,
        )
    picture = lay(picture, sheet.strokes([np.vstack([back, hollow])], 0.0042), ink(_LINE))
    lip = np.vstack([back[70:], hollow[:96]])
    picture = _foam(sheet, rng, picture, lip, 0.026, 92, lift=0.55)
    return _foam(sheet, rng, picture, back[14:120], 0.017, 42, lift=0.25)


def _face(x: float, y: float, edge: list[tuple[float, float]], side: int) -> Path2D:
    """A line from the foot (x, y) of the wave that follows its back or its hollow to the tip."""
    ordered = edge if side < 0 else edge[::-1]
    return curves.smooth([(x, y), *ordered[1:]], 200)


def _foam(
    sheet: Sheet,
    rng: np.random.Generator,
    picture: Array,
    line: Path2D,
    reach: float,
    count: int,
    lift: float,
) -> Array:
    """Claws of foam along a crest: curled fingers, knuckles below, outlined and shadowed."""
    outward = -curves.normals(line)
    fingers: list[Path2D] = []
    knuckles: list[Path2D] = []
    for at in np.linspace(0, len(line) - 1, count).astype(int):
        root, out = line[at], outward[at]
        along = np.array([-out[1], out[0]])
        size = reach * rng.uniform(0.65, 1.25)
        kx, ky = root - 0.30 * size * out + rng.normal(0, 0.15, 2) * size
        knuckles.append(curves.ellipse(float(kx), float(ky), 0.62 * size, 0.55 * size, count=20))
        for lean in (-0.45, 0.35):
            grow = size * rng.uniform(0.8, 1.3)
            way = out * (0.75 + lift * 0.3) + along * (0.85 + lean)
            tip = root + grow * (0.9 * out + 1.15 * along * (0.6 + lean))
            hook = tip + grow * (0.42 * along - 0.50 * out)
            spine = curves.smooth([root - 0.2 * size * out, root + 0.55 * grow * way, tip, hook], 18)
            fingers.append(curves.ribbon(spine, [0.46 * size, 0.40 * size, 0.26 * size, 0.03 * size]))
    white = sheet.cover(*knuckles, *fingers)
    rim = np.clip(ndimage.gaussian_filter(white, 0.0022 * sheet.scale) * 4.5, 0, 1)
    picture = lay(picture, rim, ink(_LINE), 0.92)
    picture = lay(picture, white, ink("fbf7ea"))
    hollow = [o * 0.55 + o.mean(axis=0) * 0.45 + np.array([0.10, 0.22]) * reach for o in knuckles]
    picture = lay(picture, sheet.cover(*hollow), ink("a9cbd2"), 0.85)
    bright = [o * 0.42 + o.mean(axis=0) * 0.58 for o in knuckles]
    return lay(picture, sheet.cover(*bright), ink("fbf7ea"))


def _near_swell(sheet: Sheet, rng: np.random.Generator, picture: Array) -> Array:
    """The foreground: a swell that rises to the right and a dark trough with long stripes."""
    for points, codes, shift in [
        (
            [
                (-0.1, 0.60),
                (0.10, 0.575),
                (0.26, 0.615),
                (0.44, 0.655),
                (0.62, 0.63),
                (0.78, 0.545),
                (0.89, 0.50),
                (1.1, 0.56),
            ],
            "1c4684 2a5f9a 6f9fb8",
            0.0,
        ),
        (
            [(-0.1, 0.655), (0.12, 0.63), (0.32, 0.675), (0.58, 0.705), (0.80, 0.655), (1.1, 0.62)],
            "122f5f 1c4684 3f77a6",
            0.5,
        ),
    ]:
        line = curves.smooth(points, 260)
        picture = lay(
            picture,
            sheet.cover(np.vstack([line, [(1.2, 1.0), (-0.2, 1.0)]])),
            ramp(inks(codes), 1 - (sheet.y - 0.54) * 5),
        )
        for step in range(1, 6):
            x = line[:, 0]
            stripe = line + np.stack(
                [0.02 * step * np.ones_like(x), 0.019 * step + 0.006 * np.sin(9 * x + step + shift)], 1
            )
            widths = 0.0085 * (0.55 + 0.45 * np.sin(10 * x + 1.7 * step + shift))
            picture = lay(
                picture,
                sheet.cover(curves.ribbon(stripe, widths)),
                ink("f2efe0" if step % 2 else "0f2850"),
                0.95,
            )
        picture = lay(picture, sheet.strokes([line], 0.0042), ink(_LINE))
        picture = _foam(sheet, rng, picture, line[10:-10], 0.0165, 74, lift=0.25)
    return picture


def _spray(sheet: Sheet, rng: np.random.Generator, picture: Array) -> Array:
    """Drops thrown from the lip, like snow over the peak."""
    drops = []
    for _ in range(150):
        turn, away = rng.uniform(-1.5, 1.0), 0.04 + rng.gamma(2.0, 0.05)
        cx, cy = 0.53 + away * np.cos(turn), 0.20 + 0.75 * away * np.sin(turn)
        radius = float(rng.uniform(0.0018, 0.0046))
        drops.append(curves.ellipse(cx, cy, radius, radius, count=14))
    rim = [o * 1.45 - o.mean(axis=0) * 0.45 for o in drops]
    picture = lay(picture, sheet.cover(*rim), ink("5f7f96"), 0.8)
    return lay(picture, sheet.cover(*drops), ink("fbf7ea"))


def _printed(sheet: Sheet, rng: np.random.Generator, noise: Noise, picture: Array) -> Array:
    """Wood grain and the baren's mottle in the colour, fibre in the paper, and a bare margin."""
    rings = np.hypot(sheet.x - 1.4, (sheet.y - 0.3) * 3.2) * 78 + 3.5 * noise.clouds(
        sheet.x * 0.6, sheet.y * 2, 3
    )
    wood = 1 - 0.030 * np.sin(rings) * (picture.mean(axis=-1) < 0.85) - 0.018 * grain(rng, sheet, 1.0)
    picture = picture * wood[..., None]
    paper = ink("f4e8cd") + 0.014 * grain(rng, sheet, 0.8)[..., None]
    picture = multiply(
        paper.astype(np.float32),
        np.ones_like(sheet.x),
        np.clip(picture * 1.03, 0, 1).astype(np.float32),
        0.96,
    )
    margin = np.minimum(
        np.minimum(sheet.x, sheet.right - sheet.x), np.minimum(sheet.y, sheet.bottom - sheet.y)
    )
    inside = sheet.soft(margin - 0.020 + 0.0008 * noise.at(sheet.x, sheet.y, 40))
    picture = lay(paper.astype(np.float32), inside, picture)
    return lay(picture, (inside * sheet.soft(0.0235 - margin)).astype(np.float32), ink(_LINE), 0.9)
