"""Outlines and brush lines as point lists (N, 2) of (x, y) in sheet units."""

from collections.abc import Sequence

import numpy as np
from scipy.interpolate import CubicSpline

from nst.gallery.sheet import Path2D

Points = Sequence[tuple[float, float]] | Path2D


def smooth(points: Points, count: int = 160, closed: bool = False) -> Path2D:
    """A smooth curve through the points, parametrised by square root of chord length (centripetal)."""
    knots = np.asarray(points, dtype=np.float64)
    if closed:
        knots = np.vstack([knots, knots[:1]])
    chords = np.sqrt(np.maximum(np.hypot(*np.diff(knots, axis=0).T), 1e-9))
    at = np.concatenate([[0.0], np.cumsum(chords)])
    spline = CubicSpline(at, knots, bc_type="periodic" if closed else "natural")
    return np.asarray(spline(np.linspace(0, at[-1], count)), dtype=np.float64)


def ellipse(x: float, y: float, rx: float, ry: float, turn: float = 0.0, count: int = 96) -> Path2D:
    """A closed ellipse with half-axes rx, ry, turned by `turn` radians."""
    t = np.linspace(0, 2 * np.pi, count, endpoint=False)
    u, v = rx * np.cos(t), ry * np.sin(t)
    return np.stack([x + u * np.cos(turn) - v * np.sin(turn), y + u * np.sin(turn) + v * np.cos(turn)], 1)


def ribbon(path: Points, width: float | Sequence[float] | Path2D) -> Path2D:
    """The outline of a line drawn along `path`; a sequence of widths is spread evenly over its length."""
    line = np.asarray(path, dtype=np.float64)
    widths = np.atleast_1d(np.asarray(width, dtype=np.float64))
    half = 0.5 * np.interp(np.linspace(0, 1, len(line)), np.linspace(0, 1, len(widths)), widths)
    side = half[:, None] * normals(line)
    return np.vstack([line + side, (line - side)[::-1]])


def normals(line: Path2D) -> Path2D:
    """Unit normals along a line, (N, 2)."""
    along = np.gradient(line, axis=0)
    along /= np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-9)[:, None]
    return np.stack([-along[:, 1], along[:, 0]], 1)


def polygon(x: float, y: float, radius: float, sides: int, turn: float = 0.0) -> Path2D:
    """A regular polygon."""
    return ellipse(x, y, radius, radius, turn, sides)
