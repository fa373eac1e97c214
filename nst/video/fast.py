"""The fast quality: one pass of a network a frame, steadied along the flow.

The network paints every frame by itself, and strokes that come and go between neighbours flicker. So each
frame is mixed with the painted frame before it, fetched along the flow, wherever that can be believed; what
comes into view is the network's alone.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from nst.fast import Stylizer
from nst.images import Pixels
from nst.style_vectors import mixed
from nst.video.flow import Tracker, warped
from nst.video.options import VideoOptions
from nst.video.styling import Before

SHARE = 0.7  # of the frame before, at a steadiness of 1 and where the flow is trusted wholly


class FastPainter:
    """Paints a clip with the feed-forward network; a `Painter`."""

    batch = 4  # frames a pass: more take memory and save no time

    def __init__(self, stylizer: Stylizer, styles: Sequence[Pixels], options: VideoOptions) -> None:
        """styles: (H, W, 3) uint8, mixed in equal parts."""
        self._stylizer = stylizer
        self._vectors = [stylizer.vector(style) for style in styles]
        self._strength = options.strength
        self._share = 1 - (1 - SHARE) ** options.steadiness
        self._tracker = Tracker()
        self._vector: np.ndarray | None = None

    def paint(self, frames: Sequence[Pixels], before: Before | None) -> Iterator[Pixels]:
        first = before.first if before else frames[0]
        fresh = self._stylizer.frames(np.stack(frames), self._vector_for(first))
        for frame, painted in zip(frames, fresh, strict=True):
            if before is not None and self._share:
                painted = self._steadied(frame, painted, before)
            before = Before(frame, painted, first)
            yield painted

    def _vector_for(self, first: Pixels) -> np.ndarray:
        """The style, weakened towards the first frame's own: one for the whole clip, or it would flicker."""
        if self._vector is None:
            own = self._stylizer.vector(first) if self._strength < 1 else None
            self._vector = mixed(self._vectors, [1.0] * len(self._vectors), own=own, strength=self._strength)
        return self._vector

    def _steadied(self, frame: Pixels, painted: Pixels, before: Before) -> Pixels:
        motion = self._tracker.motion(before.frame, frame)
        if motion.is_cut:
            return painted
        share = (self._share * motion.trust)[..., None]
        mix = painted + share * (warped(before.painted, motion.flow).astype(np.float32) - painted)
        return np.asarray(np.clip(mix + 0.5, 0, 255), np.uint8)
