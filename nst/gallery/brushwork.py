"""Oil paint laid on stroke by stroke: each stroke has bristles, a ragged tail and thickness."""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from nst.gallery import colour as colours
from nst.gallery.sheet import Array, Sheet

_ACROSS, _ALONG = 512, 512
_ROWS_PER_BRISTLE = 4


@dataclass(frozen=True)
class Brush:
    """One layer of strokes: lengths in sheet units, deviations as in `colour.deviate`."""

    length: float
    width: float
    spacing: float
    light: float = 0.03
    hue: float = 0.02
    warmth: float = 0.0
    wander: float = 0.12
    thickness: float = 1.0
    opacity: float = 1.0
    dryness: float = 0.25


class Canvas:
    """Wet paint: `picture` (H, W, 3) in sRGB 0..1 and `height` (H, W) in pixels of thickness."""

    def __init__(self, sheet: Sheet, ground: Array, rng: np.random.Generator) -> None:
        self.sheet = sheet
        self.picture = np.array(ground, dtype=np.float32)
        self.height = np.zeros((sheet.height, sheet.width), dtype=np.float32)
        # A child: how many strokes a sheet takes must not shift what `rng` composes next.
        self._rng = rng.spawn(1)[0]
        raw = self._rng.standard_normal((_ACROSS, _ALONG)).astype(np.float32)
        hairs = ndimage.gaussian_filter(raw, (_ROWS_PER_BRISTLE * 0.6, 40), mode="wrap")
        self._hairs = hairs / hairs.std()

    def layer(
        self, guide: Array, angle: Array, brush: Brush, where: Array | None = None, bend: Array | None = None
    ) -> None:
        """Cover the canvas with strokes that take colour from `guide` and direction from `angle` (H, W).

        `where` (H, W) in 0..1 is the chance that a stroke is laid; `bend` (H, W) is the field's curvature
        in radians per unit (default: measured from `angle`).
        """
        scale, rng = self.sheet.scale, self._rng
        turn = curvature(angle) * scale if bend is None else bend
        x, y = scatter(rng, self.sheet, brush.spacing)
        column = np.clip((x * scale).astype(int), 0, self.sheet.width - 1)
        row = np.clip((y * scale).astype(int), 0, self.sheet.height - 1)
        if where is not None:
            kept = rng.random(len(x)) < where[row, column]
            x, y, column, row = x[kept], y[kept], column[kept], row[kept]
        paint = colours.deviate(rng, guide[row, column], brush.light, brush.hue, brush.warmth)
        way = angle[row, column] + rng.normal(0, brush.wander, len(x))
        stretch = rng.lognormal(0, 0.25, len(x))
        for i in range(len(x)):
            self.stroke(
                float(x[i]),
                float(y[i]),
                float(way[i]),
                brush.length * float(stretch[i]),
                brush.width * float(stretch[i]) ** 0.5,
                paint[i],
                bend=float(turn[row[i], column[i]]),
                thickness=brush.thickness,
                opacity=brush.opacity,
                dryness=brush.dryness,
            )

    def stroke(
        self,
        x: float,
        y: float,
        angle: float,
        length: float,
        width: float,
        paint: Array,
        *,
        bend: float = 0.0,
        thickness: float = 1.0,
        opacity: float = 1.0,
        dryness: float = 0.25,
    ) -> None:
        """One stroke centred at (x, y); `bend` is its curvature in radians per unit."""
        scale, rng = self.sheet.scale, self._rng
        half_length, half_width = max(length * scale / 2, 1.0), max(width * scale / 2, 0.7)
        # A brush cannot turn in less than about its own length.
        curve = float(np.clip(bend / scale, -0.9 / half_length, 0.9 / half_length))
        reach = half_length + half_width + 1
        px, py = x * scale, y * scale
        left, right = max(int(px - reach), 0), min(int(px + reach) + 1, self.sheet.width)
        top, bottom = max(int(py - reach), 0), min(int(py + reach) + 1, self.sheet.height)
        if left >= right or top >= bottom:
            return
        dx = np.arange(left, right, dtype=np.float32) + (0.5 - px)
        dy = np.arange(top, bottom, dtype=np.float32)[:, None] + (0.5 - py)
        cos, sin = np.float32(np.cos(angle)), np.float32(np.sin(angle))
        along = dx * cos + dy * sin
        across = dy * cos - dx * sin - np.float32(0.5 * curve) * along * along
        first_row, first_column = rng.integers(0, _ACROSS), rng.integers(0, _ALONG)
        pitch = _ROWS_PER_BRISTLE / max(half_width / 6, 1.1)
        hair = self._hairs[
            (across * pitch + first_row).astype(np.intp) % _ACROSS,
            (along * 2 + first_column).astype(np.intp) % _ALONG,
        ]
        place = along / half_length
        tail = (1 - np.abs(place)) * half_length + hair * half_width * 0.45 - np.maximum(place, 0) * 0.5
        edge = half_width - np.abs(across) + hair * 0.35
        cover = np.clip(np.minimum(edge, tail) + 0.5, 0, 1) * opacity
        # The brush runs out of paint towards its end and lets the ground through between the hairs.
        cover *= np.clip(1.6 - dryness * (1.3 + place) * (1.0 - hair), 0, 1)
        box = (slice(top, bottom), slice(left, right))
        ridge = (np.abs(across) / half_width).clip(0, 1) ** 3
        tone = paint + (0.035 * hair)[..., None]
        self.picture[box] += cover[..., None] * (tone - self.picture[box])
        body = thickness * (1.0 + 0.55 * hair + 0.7 * ridge + 0.5 * place)
        self.height[box] += cover * (0.35 * self.height[box] + body - self.height[box])


def scatter(rng: np.random.Generator, sheet: Sheet, spacing: float) -> tuple[Array, Array]:
    """Places on a jittered grid `spacing` units apart, slightly over the edges, in random order.

    Never closer than a pixel and a half: on a small sheet more would only hide one another.
    """
    spacing = max(spacing, 1.5 / sheet.scale)
    columns = np.arange(-spacing / 2, sheet.right + spacing, spacing)
    rows = np.arange(-spacing / 2, sheet.bottom + spacing, spacing)
    x, y = (axis.ravel() for axis in np.meshgrid(columns, rows))
    jitter = rng.uniform(-0.5, 0.5, (2, len(x))) * spacing
    order = rng.permutation(len(x))
    return (x + jitter[0])[order].astype(np.float32), (y + jitter[1])[order].astype(np.float32)


def curvature(angle: Array) -> Array:
    """How fast a direction field turns along itself, (H, W) in radians per pixel."""
    cos, sin = np.cos(angle), np.sin(angle)
    cos_y, cos_x = np.gradient(cos)
    sin_y, sin_x = np.gradient(sin)
    turn_x, turn_y = cos * sin_x - sin * cos_x, cos * sin_y - sin * cos_y
    return np.asarray(np.clip(turn_x * cos + turn_y * sin, -0.2, 0.2), dtype=np.float32)
