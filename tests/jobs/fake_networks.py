"""Fast networks that need no TensorFlow: a style is a picture's mean colour, and painting goes towards it."""

import numpy as np

from nst.errors import Refusal
from nst.jobs.instant.networks import Networks


class FakeNetworks:
    """Remembers what it was asked to look at and to paint."""

    def __init__(self, trouble: Refusal | None = None) -> None:
        self.trouble = trouble
        self.loads = 0
        self.seen: list[tuple[int, ...]] = []
        self.painted: list[tuple[int, ...]] = []

    def load(self) -> Networks:
        self.loads += 1
        if self.trouble is not None:
            raise self.trouble
        return Networks(self, lambda: self)

    def vector(self, picture: np.ndarray) -> np.ndarray:
        self.seen.append(picture.shape)
        return picture.mean((0, 1))

    def paint(self, content: np.ndarray, vector: np.ndarray) -> np.ndarray:
        self.painted.append(content.shape)
        return np.broadcast_to(np.round(vector), content.shape).astype(np.uint8)

    def sheet(self, photograph: np.ndarray, size: int = 256) -> np.ndarray:
        assert max(photograph.shape) == size
        return np.stack([photograph, 255 - photograph])
