"""Which way up a frame is stored: what the display matrix of a phone's video says."""

from typing import Any, NamedTuple

import av
import numpy as np

from nst.images import Pixels


class Orientation(NamedTuple):
    """How stored rows and columns become an upright picture: first exchanged, then mirrored."""

    exchanged: bool = False
    mirrored: bool = False  # left and right
    flipped: bool = False  # top and bottom

    @classmethod
    def of(cls, frame: av.VideoFrame) -> "Orientation":
        """The orientation nearest to a frame's display matrix.

        The matrix ((a, b, u), (c, d, v), (x, y, w)), in 16.16 fixed point, takes a stored point (p, q) to
        (a p + c q, b p + d q) on the screen (ISO/IEC 14496-12, 6.2.2).
        """
        matrix: Any = frame.side_data.get("DISPLAYMATRIX")
        if matrix is None:
            return cls()
        a, b, _, c, d = np.frombuffer(bytes(matrix), np.int32)[:5].tolist()
        if abs(b) + abs(c) > abs(a) + abs(d):
            return cls(True, c < 0, b < 0)
        return cls(False, a < 0, d < 0)

    def shown(self, width: int, height: int) -> tuple[int, int]:
        """The upright size of a stored one, and the other way round."""
        return (height, width) if self.exchanged else (width, height)

    def upright(self, stored: Pixels) -> Pixels:
        """A view of (H, W, 3) stored pixels as they are to be seen."""
        if self.exchanged:
            stored = stored.swapaxes(0, 1)
        if self.mirrored:
            stored = stored[:, ::-1]
        return stored[::-1] if self.flipped else stored
