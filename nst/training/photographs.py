"""The photographs that a network learns on: a folder of them, cut anew each time they are seen."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from nst import images
from nst.errors import Refusal
from nst.images import Pixels

_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")
_CLOSEST = 2.0  # a photograph is seen whole, or as much nearer


class Photographs:
    """Square cuts of `side` pixels, `count` at a time, in an order and from places that the seed decides."""

    def __init__(self, folder: str, side: int, seed: int) -> None:
        """Raises `Refusal`, `no_photographs`, for a folder without any or one that cannot be read."""
        try:
            paths = sorted(path for path in Path(folder).iterdir() if path.suffix.lower() in _SUFFIXES)
        except OSError as error:
            raise Refusal("no_photographs", f"{folder}: {error.strerror}.", "--photos") from error
        if not paths:
            raise Refusal("no_photographs", f"{folder}: there is no JPEG, PNG or WebP picture.", "--photos")
        self._paths = paths
        self._side = side
        self._chance = np.random.default_rng(seed)
        self._order = self._shuffled()
        self.refused: dict[str, str] = {}  # by the name of a file, why it cannot be learnt from

    def batch(self, count: int) -> np.ndarray:
        """(count, side, side, 3) uint8. A file that is no picture is passed over and told of in `refused`."""
        cuts: list[Pixels] = []
        while len(cuts) < count:
            path = next(self._order)
            try:
                cuts.append(self._cut(images.read(path, field="--photos").pixels))
            except Refusal as refusal:
                self.refused[path.name] = refusal.message
                if len(self.refused) == len(self._paths):
                    raise
        return np.stack(cuts)

    def _shuffled(self) -> Iterator[Path]:
        while True:
            for index in self._chance.permutation(len(self._paths)):
                yield self._paths[index]

    def _cut(self, photograph: Pixels) -> Pixels:
        height, width = photograph.shape[:2]
        factor = self._side / min(height, width) * self._chance.uniform(1.0, _CLOSEST)
        size = (max(self._side, round(width * factor)), max(self._side, round(height * factor)))
        resized = images.resize(photograph, size)
        left, top = (int(self._chance.integers(0, long - self._side + 1)) for long in size)
        cut = resized[top : top + self._side, left : left + self._side]
        return cut[:, ::-1] if self._chance.random() < 0.5 else cut
