"""The sheet a picture is painted on, measured in units of its long side, and coverage of shapes on it.

Every painter composes in these units, so the same seed gives the same composition at any size.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Array = NDArray[np.floating[Any]]
Path2D = NDArray[np.float64]
Pixels = NDArray[np.uint8]

# Shapes are filled this many times larger and averaged down, which gives each edge its soft pixel.
_OVERSAMPLING = 3


@dataclass(frozen=True)
class Sheet:
    """A blank sheet of `width` by `height` pixels."""

    width: int
    height: int

    @classmethod
    def of(cls, size: int, aspect: float) -> "Sheet":
        """A sheet with long side `size` and width / height = `aspect`."""
        if aspect >= 1:
            return cls(size, max(1, round(size / aspect)))
        return cls(max(1, round(size * aspect)), size)

    @property
    def scale(self) -> int:
        """Pixels per unit."""
        return max(self.width, self.height)

    @property
    def right(self) -> float:
        """Width in units."""
        return self.width / self.scale

    @property
    def bottom(self) -> float:
        """Height in units."""
        return self.height / self.scale

    @cached_property
    def x(self) -> Array:
        """Horizontal place of each pixel's centre, (H, W), left edge 0."""
        row = (np.arange(self.width, dtype=np.float32) + 0.5) / self.scale
        return np.broadcast_to(row, (self.height, self.width)).astype(np.float32)

    @cached_property
    def y(self) -> Array:
        """Vertical place of each pixel's centre, (H, W), top edge 0."""
        column = (np.arange(self.height, dtype=np.float32) + 0.5) / self.scale
        return np.broadcast_to(column[:, None], (self.height, self.width)).astype(np.float32)

    def cover(self, *outlines: Path2D | Sequence[tuple[float, float]]) -> Array:
        """How much of each pixel lies inside the union of closed outlines, (H, W) in 0..1."""
        big = Image.new("L", (self.width * _OVERSAMPLING, self.height * _OVERSAMPLING))
        draw = ImageDraw.Draw(big)
        for outline in outlines:
            points = np.asarray(outline, dtype=np.float64) * (self.scale * _OVERSAMPLING)
            draw.polygon([(float(px), float(py)) for px, py in points], fill=255)
        return np.asarray(big.reduce(_OVERSAMPLING), dtype=np.float32) / 255

    def strokes(self, paths: Sequence[Path2D], width: float, closed: bool = False) -> Array:
        """Coverage of lines of even width with round joints, (H, W) in 0..1; `closed` joins their ends."""
        big = Image.new("L", (self.width * _OVERSAMPLING, self.height * _OVERSAMPLING))
        draw = ImageDraw.Draw(big)
        thickness = max(1, round(width * self.scale * _OVERSAMPLING))
        for path in paths:
            # One point more than a ring needs, so that its last joint is rounded too.
            line = np.vstack([path, path[:2]]) if closed else np.asarray(path)
            points = line * (self.scale * _OVERSAMPLING)
            draw.line([(float(px), float(py)) for px, py in points], 255, thickness, joint="curve")
        return np.asarray(big.reduce(_OVERSAMPLING), dtype=np.float32) / 255

    def disc(self, x: float, y: float, radius: float) -> Array:
        """Coverage of a disc, (H, W) in 0..1."""
        return self.soft(radius - np.hypot(self.x - x, self.y - y))

    def soft(self, inside: Array) -> Array:
        """Coverage from a signed distance in units (positive inside), one pixel wide at the edge."""
        return np.asarray(np.clip(inside * self.scale + 0.5, 0, 1), dtype=np.float32)

    def blank(self, colour: Array) -> Array:
        """The whole sheet in one colour, (H, W, 3)."""
        return np.asarray(np.broadcast_to(colour, (self.height, self.width, 3)), dtype=np.float32)


def lay(picture: Array, cover: Array, colour: Array, opacity: float = 1.0) -> Array:
    """Lay `colour`, (3,) or (H, W, 3), over the picture where `cover` (H, W) says."""
    amount = (cover * opacity)[..., None]
    return np.asarray(picture + amount * (colour - picture), dtype=np.float32)


def multiply(picture: Array, cover: Array, colour: Array, opacity: float = 1.0) -> Array:
    """Glaze with a transparent ink: it darkens what lies below instead of hiding it."""
    amount = (cover * opacity)[..., None]
    return np.asarray(picture * (1 - amount * (1 - colour)), dtype=np.float32)


def halved(picture: Array) -> Array:
    """A picture painted at double size, averaged down: (2H, 2W, 3) to (H, W, 3)."""
    height, width = picture.shape[0] // 2, picture.shape[1] // 2
    blocks = picture[: 2 * height, : 2 * width].reshape(height, 2, width, 2, 3)
    return np.asarray(blocks.mean(axis=(1, 3)), dtype=np.float32)


def pixels(picture: Array) -> Pixels:
    """The finished picture, uint8 (H, W, 3), from floats 0..1."""
    return np.asarray(np.rint(np.clip(picture, 0, 1) * 255), dtype=np.uint8)
