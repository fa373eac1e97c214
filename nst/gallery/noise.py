"""Smooth random fields that look the same at every resolution."""

import numpy as np
from scipy import ndimage

from nst.gallery.sheet import Array, Sheet

_CELLS = 256


class Noise:
    """Cubic value noise on the plane. One object is one fixed random landscape."""

    def __init__(self, rng: np.random.Generator) -> None:
        lattice = rng.uniform(-1, 1, (_CELLS, _CELLS)).astype(np.float32)
        self._coefficients = ndimage.spline_filter(lattice, order=3, mode="grid-wrap", output=np.float32)

    def at(self, x: Array, y: Array, frequency: float) -> Array:
        """Values about -1..1 at places in units, with `frequency` cells per unit."""
        # A shift off the lattice: at whole cells the sheet's edge would show the lattice's own row.
        places = np.stack([y * frequency + 37.37, x * frequency + 11.11])
        return np.asarray(
            ndimage.map_coordinates(
                self._coefficients, places, order=3, mode="grid-wrap", prefilter=False, output=np.float32
            )
        )

    def clouds(
        self, x: Array, y: Array, frequency: float, octaves: int = 4, persistence: float = 0.5
    ) -> Array:
        """Fractal sum of octaves, scaled to about -1..1."""
        total = np.zeros_like(x, dtype=np.float32)
        weight, sum_of_weights = 1.0, 0.0
        for octave in range(octaves):
            # Each octave reads elsewhere, or they would share the lattice point at the origin.
            total += weight * self.at(x + 3.1 * octave, y + 1.7 * octave, frequency * 2**octave)
            sum_of_weights += weight
            weight *= persistence
        return np.asarray(total * (1.6 / sum_of_weights), dtype=np.float32)


def grain(rng: np.random.Generator, sheet: Sheet, radius: float) -> Array:
    """White noise blurred by `radius` pixels and brought back to unit deviation, (H, W)."""
    # From a child generator: the sheet's pixel count must not shift what `rng` composes next.
    raw = rng.spawn(1)[0].standard_normal((sheet.height, sheet.width)).astype(np.float32)
    blurred = ndimage.gaussian_filter(raw, radius, mode="wrap") if radius > 0 else raw
    return np.asarray(blurred / (blurred.std() + 1e-9), dtype=np.float32)
