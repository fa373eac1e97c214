"""How much the outline of a set of superpixels looks like the outline of a thing."""

import numpy as np
from numpy.typing import NDArray

from nst.selection.regions import Floats, Regions, unlike

Sets = NDArray[np.bool_]

_MOST_CONTRAST = 1.5
_WEAK = 0.15  # the share of the outline that may be weaker than what is called its weak part
_SIZE = 0.2  # power of the share of the picture: of two good outlines the larger
_ROUND = 0.5  # power of the compactness: a thing is seldom a thread
_FULL = 0.7  # what covers more of the picture than this is less and less a thing


class Contour:
    """Scores for outlines in one picture."""

    def __init__(self, regions: Regions) -> None:
        self._regions = regions
        differ = unlike(regions.looks[regions.first], regions.looks[regions.second])
        self.contrast: Floats = regions.edge + differ  # (E,) along each shared border, 0..2
        self._order = np.argsort(self.contrast, kind="stable")

    def scores(self, sets: Sets) -> Floats:
        """(K, N) sets -> (K,): strong all along, not cut off by the picture's rim, compact, not tiny."""
        regions = self._regions
        length = self._lengths(sets).sum(1)
        on_rim = sets @ regions.rim.sum(0)
        area = sets @ regions.area
        share = area / regions.area.sum()
        cut_off = on_rim / np.maximum(on_rim + length, 1)
        compact = np.minimum(1, 1.5 * np.sqrt(4 * np.pi * area) / np.maximum(length + on_rim, 1))
        room = np.clip((0.97 - share) / (0.97 - _FULL), 0.02, 1)
        return np.asarray(self.strength(sets) * share**_SIZE * (1 - 0.5 * cut_off) * compact**_ROUND * room)

    def strength(self, sets: Sets) -> Floats:
        """(K, N) sets -> (K,): mean contrast along the outline plus that of its weak part; 0 without one."""
        contrast = np.minimum(self.contrast[self._order], _MOST_CONTRAST)
        lengths = self._lengths(sets)
        length = lengths.sum(1)
        mean = lengths @ contrast / np.maximum(length, 1)
        weak = contrast[np.argmax(np.cumsum(lengths, 1) >= _WEAK * length[:, None], axis=1)]
        return np.asarray(np.where(length > 0, mean + weak, 0))

    def _lengths(self, sets: Sets) -> Floats:
        """(K, E) length of each shared border that is outline, the faintest border first."""
        regions, order = self._regions, self._order
        outline = sets[:, regions.first[order]] != sets[:, regions.second[order]]
        return np.asarray(outline * regions.shared[order])
