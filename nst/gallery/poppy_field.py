"""Poppies under a summer storm light: impasto so thick that the knife leaves ridges."""

import numpy as np

from nst.gallery import curves
from nst.gallery.brushwork import Brush, Canvas
from nst.gallery.colour import deviate, ink, inks, ramp
from nst.gallery.noise import Noise
from nst.gallery.relief import lit
from nst.gallery.sheet import Array, Pixels, Sheet, lay, pixels

_HORIZON = 0.335
_SUN = (0.70, 0.205)


def paint(size: int = 768, seed: int = 0) -> Pixels:
    """The picture, uint8 (H, W, 3), long side `size`."""
    rng = np.random.default_rng(seed + 1)
    sheet = Sheet.of(size, 1.25)
    noise = Noise(rng)
    guide, angle = _scene(sheet, noise)
    canvas = Canvas(sheet, sheet.blank(ink("7a4a2a")), rng)
    canvas.layer(guide, angle, Brush(0.11, 0.034, 0.022, light=0.03, hue=0.02, thickness=2.0, wander=0.2))
    sky = (sheet.y < _HORIZON).astype(np.float32)
    canvas.layer(
        guide, angle, Brush(0.06, 0.018, 0.014, light=0.035, hue=0.03, thickness=2.6, wander=0.25), sky
    )
    canvas.layer(guide, angle, Brush(0.05, 0.012, 0.011, light=0.05, hue=0.03, thickness=2.2), 1 - sky)
    _sun(canvas)
    _poplars(canvas, rng)
    _meadow(canvas, rng, noise)
    return pixels(lit(canvas.picture, canvas.height, depth=0.36 * size / 768, gloss=0.3))


def _scene(sheet: Sheet, noise: Noise) -> tuple[Array, Array]:
    """Colour and stroke direction of sky, far hills and field."""
    x, y = sheet.x, sheet.y
    away = np.hypot(x - _SUN[0], (y - _SUN[1]) * 1.2)
    towers = noise.clouds(x, y * 1.7, 4.5, octaves=3)
    air = ramp(inks("fff0b0 ffd877 f7b267 e88f7a a987b0 6a86b8 3f6aa5 2c4f8c"), 1.25 * away + 0.16 * towers)
    billow = np.clip((towers - 0.02) * 2.6, 0, 1)
    air = lay(
        air, billow, ramp(inks("f8e3c4 f4c7a8 c99ab0 8d8fbb"), 1.3 * away + 0.3 * noise.at(x, y, 12)), 0.8
    )
    angle = 0.8 * noise.at(x, y, 3.2) + np.arctan2(y - _SUN[1], x - _SUN[0]) + np.pi / 2
    picture = air
    for base, swell, colours, phase in [
        (0.285, 0.020, "7d86b4 8f9ac0 a7a7b8", 1.0),
        (0.312, 0.016, "4f6f8e 6f8f8d 9aa77c", 3.1),
        (0.330, 0.010, "3b5f4c 5b7d48 93974c", 5.0),
    ]:
        edge = base - swell * np.sin(x * 8 + phase) - 0.4 * swell * np.sin(x * 21 + 3 * phase)
        cover = sheet.soft(y - edge)
        picture = lay(picture, cover, ramp(inks(colours), 0.5 + 0.6 * noise.at(x * 0.5, y * 3, 16)))
        angle = np.where(cover > 0.5, 0.25 * np.cos(x * 8 + phase), angle)
    field = sheet.soft(y - _HORIZON)
    depth = np.clip((y - _HORIZON) / (sheet.bottom - _HORIZON), 0, 1)
    bands = noise.clouds(x * 0.7, y * (3.5 - 2.4 * depth), 9)
    grass = ramp(inks("e3c65a b8ad47 7f9a3f 4f7d3a 2f5f3a 1c4034 122c2c"), 0.08 + 0.75 * depth + 0.28 * bands)
    picture = lay(picture, field, grass)
    blades = -np.pi / 2 + 0.5 * noise.at(x, y, 4) + 0.25
    angle = np.where(field > 0.5, np.where(depth < 0.10, 0.08, blades), angle)
    return picture, angle.astype(np.float32)


def _sun(canvas: Canvas) -> None:
    """A low sun in rings of short strokes."""
    for ring, (code, count) in enumerate([("fffbe0", 5), ("fff0a8", 10), ("ffdf7a", 17), ("ffc65c", 23)]):
        for spoke in range(count):
            turn = 2 * np.pi * (spoke + 0.3 * ring) / count
            radius = 0.010 * ring + 0.004
            canvas.stroke(
                _SUN[0] + radius * np.cos(turn),
                _SUN[1] + radius * np.sin(turn),
                turn + np.pi / 2,
                0.026,
                0.012,
                ink(code),
                thickness=3.2,
                bend=0.6 / max(radius, 0.02),
            )


def _poplars(canvas: Canvas, rng: np.random.Generator) -> None:
    """A row of poplars that leads into the distance."""
    palette = inks("16302c 24483a 3f6b3c 7d8f42 d4ac4c")
    for rank in range(7):
        near = 0.80**rank
        x, foot, tall = 0.075 + 0.29 * (1 - near) / 0.62, 0.335 + 0.085 * near, 0.36 * near
        for _ in range(int(420 * near)):
            t = float(rng.beta(1.1, 1.1))
            wide = 0.032 * near * (0.35 + 2.4 * t * (1 - t)) * (1 - t) ** 0.3
            side = float(np.clip(rng.normal(0, 0.5), -1, 1))
            tone = float(0.35 + 0.38 * side + rng.normal(0, 0.15))
            canvas.stroke(
                float(x + side * wide),
                foot - tall * t,
                -np.pi / 2 + 0.5 * side + rng.normal(0, 0.2),
                0.038 * near**0.5,
                0.011 * near**0.5,
                ramp(palette, tone),
                thickness=2.8,
            )


def _meadow(canvas: Canvas, rng: np.random.Generator, noise: Noise) -> None:
    """Flowers from far to near, growing with nearness, each built of a few fat petals."""
    bottom = canvas.sheet.bottom
    for depth in np.sort(rng.beta(1.0, 1.05, 900)):
        y = _HORIZON + 0.012 + (bottom - _HORIZON + 0.02) * depth**1.35
        x = rng.uniform(-0.02, 1.02)
        drift = float(noise.at(np.array([x * 0.8]), np.array([y * 2.2]), 6)[0])
        if drift < -0.12 + 0.25 * rng.random() - 0.2 * depth:
            continue
        grown = 0.12 + 0.88 * depth**1.5
        if rng.random() < 0.72:
            _poppy(canvas, rng, float(x), float(y), 0.036 * grown)
        else:
            _daisy(canvas, rng, float(x), float(y), 0.024 * grown)
        if depth > 0.25 and rng.random() < 0.8:
            _blades(canvas, rng, float(x), float(y), 0.09 * grown)


def _poppy(canvas: Canvas, rng: np.random.Generator, x: float, y: float, radius: float) -> None:
    shades = inks("7d0f1e b3161f d92a1e ee4a22 fb7a3c")
    petals = 3 if radius < 0.012 else 9
    start = rng.uniform(0, 2 * np.pi)
    for petal in range(petals):
        turn = start + 2 * np.pi * petal / petals
        # Petals that face the light, up and to the right, take the hot oranges.
        tone = 0.42 - 0.28 * np.sin(turn) + 0.12 * np.cos(turn) + rng.normal(0, 0.13)
        canvas.stroke(
            x + 0.55 * radius * np.cos(turn),
            y + 0.42 * radius * np.sin(turn),
            turn + np.pi / 2,
            1.25 * radius,
            0.75 * radius,
            ramp(shades, tone),
            bend=1.1 / radius,
            thickness=3.4,
            dryness=0.1,
        )
    if petals > 3:
        canvas.stroke(x, y + 0.05 * radius, 0.3, 0.42 * radius, 0.34 * radius, ink("1a1020"), thickness=2.0)


def _daisy(canvas: Canvas, rng: np.random.Generator, x: float, y: float, radius: float) -> None:
    white, heart = [("f6f1e2", "f0b429"), ("7f9be0", "27306e"), ("ffd85c", "b5651d")][
        rng.choice(3, p=[0.4, 0.35, 0.25])
    ]
    petals = 2 if radius < 0.008 else 8
    for petal in range(petals):
        turn = 2 * np.pi * petal / petals + rng.normal(0, 0.15)
        canvas.stroke(
            x + 0.6 * radius * np.cos(turn),
            y + 0.45 * radius * np.sin(turn),
            turn,
            0.95 * radius,
            0.42 * radius,
            deviate(rng, ink(white), 0.04, 0.02),
            thickness=3.0,
            dryness=0.1,
        )
    if petals > 2:
        canvas.stroke(x, y, 0.0, 0.5 * radius, 0.42 * radius, ink(heart), thickness=3.6, dryness=0)


def _blades(canvas: Canvas, rng: np.random.Generator, x: float, y: float, tall: float) -> None:
    greens = inks("12302c 2a5a34 5c8a3a a5b44a e0d070")
    for _ in range(3):
        lean = rng.normal(0.15, 0.28)
        line = curves.smooth(
            [(x, y + tall), (x + 0.3 * lean * tall, y + 0.5 * tall), (x + lean * tall, y)], 3
        )
        foot, tip = line[0], line[-1]
        canvas.stroke(
            float((foot[0] + tip[0]) / 2 + rng.normal(0, 0.3) * tall),
            float((foot[1] + tip[1]) / 2 + rng.normal(0.1, 0.3) * tall),
            -np.pi / 2 + lean,
            tall,
            0.075 * tall,
            ramp(greens, rng.beta(1.6, 1.6)),
            bend=float(rng.normal(0, 0.5) / tall),
            thickness=2.6,
        )
