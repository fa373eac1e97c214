"""Painters that need no network."""

import gc
from collections.abc import Callable

import numpy as np


class Negative:
    """Paints every frame as its negative, a little of the frame before shining through."""

    def __init__(self, batch: int = 3, at: Callable[[int], None] = lambda number: None) -> None:
        self.batch = batch
        self.painted = 0
        self._at = at

    def paint(self, frames, before):
        for frame in frames:
            self._at(self.painted)
            painted = 255 - frame
            if before is not None:
                painted = (painted // 4 * 3 + before.painted // 4).astype(np.uint8)
            self.painted += 1
            before = type("Before", (), {"frame": frame, "painted": painted})
            yield painted


def frames_alive(shape: tuple[int, ...]) -> int:
    """How many pictures of a shape the process holds."""
    return sum(isinstance(one, np.ndarray) and one.shape == shape for one in gc.get_objects())
