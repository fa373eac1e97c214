"""Direction fields, and pictures smeared along them (line integral convolution, Cabral and Leedom 1993)."""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from nst.gallery.sheet import Array, Sheet


@dataclass(frozen=True)
class Vortex:
    """A whirl: centre and reach in units, strength signed (positive turns clockwise on the sheet)."""

    x: float
    y: float
    reach: float
    strength: float


def whirl(sheet: Sheet, vortices: list[Vortex], wind: tuple[float, float]) -> tuple[Array, Array]:
    """Velocity (u, v), each (H, W): a steady wind plus the turning of every vortex."""
    u = np.full_like(sheet.x, wind[0])
    v = np.full_like(sheet.y, wind[1])
    for vortex in vortices:
        dx, dy = sheet.x - vortex.x, sheet.y - vortex.y
        r2 = (dx * dx + dy * dy) / vortex.reach**2
        turn = vortex.strength * np.exp(-r2) / vortex.reach
        u -= turn * dy
        v += turn * dx
    return u, v


def angles(u: Array, v: Array) -> Array:
    """Directions in radians, (H, W)."""
    return np.asarray(np.arctan2(v, u), dtype=np.float32)


def smear(texture: Array, angle: Array, reach: int, step: float = 1.0) -> Array:
    """Average `texture` (H, W) along the field, `reach` steps of `step` pixels both ways."""
    dx, dy = np.cos(angle) * step, np.sin(angle) * step
    rows, columns = np.indices(texture.shape, dtype=np.float32)
    total = texture.astype(np.float32).copy()
    for sign in (1.0, -1.0):
        row, column = rows.copy(), columns.copy()
        for _ in range(reach):
            here = (
                np.clip(np.rint(row), 0, texture.shape[0] - 1).astype(np.intp),
                np.clip(np.rint(column), 0, texture.shape[1] - 1).astype(np.intp),
            )
            row += sign * dy[here]
            column += sign * dx[here]
            total += ndimage.map_coordinates(texture, [row, column], order=1, mode="nearest", prefilter=False)
    return np.asarray(total / (2 * reach + 1), dtype=np.float32)


def equalized(field: Array) -> Array:
    """A field with its values spread evenly over 0..1, so that every colour of a ramp gets its share."""
    order = np.argsort(field, axis=None, kind="stable")
    ranks = np.empty(field.size, dtype=np.float32)
    ranks[order] = np.linspace(0, 1, field.size, dtype=np.float32)
    return ranks.reshape(field.shape)
