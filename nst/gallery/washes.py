"""Pigment in water on paper: frayed edges, pooling, dark rims, granulation, and the sheet itself."""

import numpy as np
from scipy import ndimage

from nst.gallery.noise import Noise, grain
from nst.gallery.sheet import Array, Sheet


class Water:
    """Wet paper: one object is one sheet with its currents and puddles.

    `tooth` (H, W) is the share by which the paper's hollows take more pigment, its hills less.
    """

    def __init__(self, sheet: Sheet, noise: Noise, tooth: Array) -> None:
        self.sheet, self.noise, self.tooth = sheet, noise, tooth
        self._puddles = noise.clouds(sheet.x, sheet.y, 5, 4, 0.55)
        self._currents: dict[float, tuple[Array, Array]] = {}

    def frayed(self, cover: Array, amount: float, frequency: float = 14) -> Array:
        """A shape (H, W) whose edge wanders by about `amount` units, as water takes it."""
        if frequency not in self._currents:
            x, y = self.sheet.x, self.sheet.y
            self._currents[frequency] = (
                self.noise.clouds(x, y, frequency, 4, 0.6),
                self.noise.clouds(y + 7.7, x + 3.1, frequency, 4, 0.6),
            )
        dx, dy = self._currents[frequency]
        rows, columns = np.indices(cover.shape, dtype=np.float32)
        reach = amount * self.sheet.scale
        places = [rows + dy * reach, columns + dx * reach]
        return np.asarray(ndimage.map_coordinates(cover, places, order=1, mode="nearest", prefilter=False))

    def wash(self, cover: Array, *, rim: float = 0.5, pool: float = 0.35, reach: float = 0.006) -> Array:
        """Density of pigment a wet shape leaves when it dries, (H, W), about 1 inside.

        Water carries pigment to the edge (`rim`), gathers it in puddles (`pool`), and drops the heavy
        grains into the paper's tooth. `reach` is how far from its edge the dark rim spreads, in units.
        """
        blurred = ndimage.gaussian_filter(cover, reach * self.sheet.scale)
        edge = cover * np.clip(1 - blurred, 0, 1) * 2
        density = (cover * (1 + pool * self._puddles) + rim * edge**1.5) * (1 + self.tooth)
        return np.asarray(np.maximum(density, 0), dtype=np.float32)


def glaze(picture: Array, density: Array, pigment: Array) -> Array:
    """Light passes the pigment twice (Beer and Lambert): each layer multiplies what lies below."""
    absorbed = -np.log(np.clip(pigment, 0.02, 0.995))
    return np.asarray(picture * np.exp(-density[..., None] * absorbed), dtype=np.float32)


def rough_paper(sheet: Sheet, rng: np.random.Generator, pitch: float = 2.2) -> Array:
    """Height of cold-pressed watercolour paper, unit deviation, (H, W)."""
    unit = sheet.scale / 768
    return np.asarray(
        0.7 * grain(rng, sheet, pitch * unit) + 0.5 * grain(rng, sheet, 0.8 * unit), dtype=np.float32
    )


def fibres(sheet: Sheet, rng: np.random.Generator, count: int) -> Array:
    """Long pale fibres of mulberry paper, (H, W) in 0..1."""
    lines = []
    for _ in range(count):
        start = rng.uniform((0, 0), (sheet.right, sheet.bottom))
        turns = np.cumsum(rng.normal(0, 0.25, 9)) + rng.uniform(0, 2 * np.pi)
        steps = np.stack([np.cos(turns), np.sin(turns)], 1) * rng.uniform(0.003, 0.009)
        path = start + np.cumsum(steps, axis=0)
        across = np.array([-np.sin(turns), np.cos(turns)]).T * 0.0005
        lines.append(np.vstack([path + across, (path - across)[::-1]]))
    return sheet.cover(*lines)
