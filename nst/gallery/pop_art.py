"""A comic-book blast over a city, printed in coarse process dots."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from nst.gallery import curves
from nst.gallery.colour import ink, inks, ramp
from nst.gallery.noise import grain
from nst.gallery.sheet import Array, Path2D, Pixels, Sheet, halved, lay, multiply, pixels

_CENTRE = (0.47, 0.40)
_PITCH = 0.0118
_SCREENS = [("00a3e0", 15.0), ("e5127d", 75.0), ("ffe600", 0.0)]


class _Form(Protocol):
    """Adds filled shapes with a black contour of width `line` to the drawing."""

    def __call__(self, outlines: Sequence[Path2D], colour: Array, line: float = 0.0085) -> None: ...


def paint(size: int = 768, seed: int = 0) -> Pixels:
    """The picture, uint8 (H, W, 3), long side `size`."""
    rng = np.random.default_rng(seed + 6)
    # Printed at double size and averaged down: dots and key lines need clean edges.
    sheet = Sheet.of(2 * size, 1.0)
    colour, key = _drawing(sheet, rng)
    printed = _screened(sheet, rng, colour)
    mottle = 0.955 + 0.012 * grain(rng, sheet, 3.0)
    printed = lay(printed, key * mottle.astype(np.float32), ink("14121a"))
    return pixels(halved(printed))


def _screened(sheet: Sheet, rng: np.random.Generator, colour: Array) -> Array:
    """Cyan, magenta and yellow dots on newsprint, at the angles that make rosettes, slightly off register."""
    picture = sheet.blank(ink("faf3e3")) + 0.008 * grain(rng, sheet, 1.5)[..., None]
    for channel, (code, degrees) in enumerate(_SCREENS):
        amount = 1 - colour[..., channel]
        turn = np.deg2rad(degrees)
        slip = rng.normal(0, 0.0009, 2)
        u = ((sheet.x + slip[0]) * np.cos(turn) + (sheet.y + slip[1]) * np.sin(turn)) * 2 * np.pi / _PITCH
        v = ((sheet.y + slip[1]) * np.cos(turn) - (sheet.x + slip[0]) * np.sin(turn)) * 2 * np.pi / _PITCH
        cell = 0.5 + 0.25 * (np.cos(u) + np.cos(v))
        # The share of a cell above a level t is close to linear in arccos; this keeps dots true to tone.
        level = 0.5 + 0.5 * np.cos(np.pi * np.clip(amount, 0, 1))
        edge = (cell - level) * _PITCH * sheet.scale / 3.2 + 0.5
        dots = np.where(amount > 0.96, 1.0, np.where(amount < 0.03, 0.0, np.clip(edge, 0, 1)))
        picture = multiply(picture.astype(np.float32), dots.astype(np.float32), ink(code), 0.95)
    return picture


def _drawing(sheet: Sheet, rng: np.random.Generator) -> tuple[Array, Array]:
    """The colours to screen, and the solid black key drawing."""
    x, y = sheet.x, sheet.y
    away = np.hypot(x - _CENTRE[0], y - _CENTRE[1])
    picture = ramp(inks("d4effc 9fd8f6 5fb4ec 2f8ee0 1f6fd0"), (away - 0.2) * 1.7)
    key = np.zeros_like(x)

    def form(outlines: Sequence[Path2D], colour: Array, line: float = 0.0085) -> None:
        """A filled shape with a black contour."""
        nonlocal picture, key
        cover = sheet.cover(*outlines)
        contour = sheet.strokes(outlines, line, closed=True)
        picture = lay(picture, cover, colour)
        key = np.maximum(key * (1 - cover), contour).astype(np.float32)

    rays = []
    for spoke in range(46):
        turn = 2 * np.pi * spoke / 46 + rng.normal(0, 0.02)
        start, thick = rng.uniform(0.47, 0.58), rng.uniform(0.010, 0.030)
        middle = np.array(_CENTRE)
        way, side = np.array([np.cos(turn), np.sin(turn)]), np.array([-np.sin(turn), np.cos(turn)])
        rays.append(
            np.array(
                [middle + start * way, middle + 1.1 * way + thick * side, middle + 1.1 * way - thick * side]
            )
        )
    _puffs(form, sheet, rng)
    key = np.maximum(key, sheet.cover(*rays))
    form([_blast(rng, 0.395, 0.265, 17)], ramp(inks("ff5a1f f0281f c81028"), (away - 0.15) * 4), 0.011)
    form([_blast(rng, 0.315, 0.195, 15)], ramp(inks("ffe600 ffc400 ff8a00"), (away - 0.1) * 5), 0.009)
    form([_blast(rng, 0.215, 0.125, 13)], ramp(inks("fffef2 fff7b8 ffe640"), away * 5), 0.007)
    for turn, reach in [(-2.62, 0.66), (-0.42, 0.62), (-1.28, 0.55)]:
        form([_bolt(turn, reach)], sheet.blank(ink("ffe600")), 0.010)
    _city(form, sheet, rng)
    margin = np.minimum(np.minimum(x, sheet.right - x), np.minimum(y, sheet.bottom - y))
    frame = sheet.soft(0.026 - margin)
    line = frame * sheet.soft(margin - 0.018)
    picture = lay(picture, frame, np.ones(3, dtype=np.float32))
    return picture, np.maximum(key * (1 - frame), line).astype(np.float32)


def _blast(rng: np.random.Generator, outer: float, inner: float, spikes: int) -> Path2D:
    """A burst whose flames bulge and end in points."""
    turn = 2 * np.pi * (np.arange(spikes) + rng.uniform(-0.22, 0.22, spikes)) / spikes
    reach = outer * rng.uniform(0.78, 1.15, spikes)
    outline: list[tuple[float, float]] = []
    for i in range(spikes):
        following = turn[(i + 1) % spikes] + (2 * np.pi if i == spikes - 1 else 0)
        valley = 0.5 * (turn[i] + following)
        for t in np.linspace(0, 1, 14, endpoint=False):
            angle = turn[i] + (valley - turn[i]) * t
            outline.append((angle, reach[i] + (inner - reach[i]) * np.sin(t * np.pi / 2) ** 0.8))
        for t in np.linspace(0, 1, 14, endpoint=False):
            angle = valley + (following - valley) * t
            outline.append(
                (angle, inner + (reach[(i + 1) % spikes] - inner) * (1 - np.cos(t * np.pi / 2)) ** 1.1)
            )
    polar = np.array(outline)
    return np.stack(
        [_CENTRE[0] + polar[:, 1] * np.cos(polar[:, 0]), _CENTRE[1] + polar[:, 1] * np.sin(polar[:, 0])], 1
    )


def _puffs(form: _Form, sheet: Sheet, rng: np.random.Generator) -> None:
    """Smoke in scalloped balls round the blast."""
    for layer, (codes, reach, count) in enumerate(
        [("6f86e0 a8bcf6", 0.40, 15), ("c4ccf4 ffffff ffffff", 0.335, 14)]
    ):
        for ball in range(count):
            turn = 2 * np.pi * (ball + 0.5 * layer) / count
            size = rng.uniform(0.060, 0.088)
            cx, cy = _CENTRE[0] + reach * 1.05 * np.cos(turn), _CENTRE[1] + reach * 0.95 * np.sin(turn)
            tone = np.clip(0.5 - (sheet.x - cx + sheet.y - cy) / size * 0.45, 0, 1)
            form([curves.ellipse(cx, cy, size, size)], ramp(inks(codes), tone), 0.0075)


def _bolt(turn: float, reach: float) -> Path2D:
    shape = np.array(
        [
            (0.42, -0.03),
            (0.70, -0.055),
            (0.66, -0.012),
            (1.0, -0.02),
            (0.60, 0.055),
            (0.64, 0.018),
            (0.40, 0.03),
        ]
    )
    along, across = shape[:, 0] * reach, shape[:, 1] * reach * 1.9
    return np.stack(
        [
            _CENTRE[0] + along * np.cos(turn) - across * np.sin(turn),
            _CENTRE[1] + along * np.sin(turn) + across * np.cos(turn),
        ],
        1,
    )


def _city(form: _Form, sheet: Sheet, rng: np.random.Generator) -> None:
    """Towers along the foot of the picture, lit on the side of the blast."""
    left = -0.02
    fronts = ["ff4fa0", "18b0a8", "ffd21f", "f0281f", "3f6fe0", "ff8a1f"]
    for tower in range(12):
        wide = float(rng.uniform(0.075, 0.115))
        top = float(0.80 + 0.075 * np.cos((left + wide / 2 - 0.47) * 6) - rng.uniform(0.0, 0.13))
        wall = np.array([(left, top), (left + wide, top), (left + wide, 1.02), (left, 1.02)])
        shade = np.clip((sheet.y - top) * 2.2, 0, 0.85)[..., None]
        right_of_blast = left + wide / 2 > _CENTRE[0]
        form([wall], ink(fronts[tower % 6]) * (1 - 0.5 * shade), 0.0085)
        near, far = (left + 0.7 * wide, left + wide) if right_of_blast else (left, left + 0.3 * wide)
        dark = np.array([(near, top), (far, top), (far, 1.02), (near, 1.02)])
        form([dark], ink("1a1240"), 0.005)
        panes = []
        # Windows only in the lit front: the shaded side stays one bold dark.
        start = 0.07 * wide if right_of_blast else 0.38 * wide
        for row in np.arange(top + 0.02, 1.0, 0.034):
            for column in (0, 1, 2):
                if rng.random() < 0.8:
                    px = left + start + column * 0.2 * wide
                    panes.append(
                        np.array(
                            [
                                (px, row),
                                (px + 0.12 * wide, row),
                                (px + 0.12 * wide, row + 0.018),
                                (px, row + 0.018),
                            ]
                        )
                    )
        form(panes, ink("fffbe0"), 0.003)
        left += wide * 0.97
