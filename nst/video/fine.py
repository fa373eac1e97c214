"""The fine quality: every frame is painted by optimisation, beginning with the frame before it.

Ruder, Dosovitskiy and Brox 2016 (arXiv 1604.08610): the painted frame before, fetched along the flow, is both
where a frame's painting starts and what it is held to, except where something came into view.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from nst.engine.anchor import Anchor
from nst.engine.transfer import StyleTransfer
from nst.images import Pixels
from nst.options import Options
from nst.video.flow import Motion, Tracker, warped
from nst.video.options import VideoOptions
from nst.video.styling import Before

FIRST = 8  # times the steps of a frame for the first one of a scene, which starts from nothing


class FinePainter:
    """Paints a clip by optimisation; a `Painter`."""

    batch = 1

    def __init__(self, engine: StyleTransfer, styles: Sequence[Pixels], options: VideoOptions) -> None:
        """styles: (H, W, 3) uint8, mixed in equal parts."""
        self._engine = engine
        self._styles = styles
        self._options = options
        self._tracker = Tracker()
        self._has_painted = False

    def paint(self, frames: Sequence[Pixels], before: Before | None) -> Iterator[Pixels]:
        for frame in frames:
            painted = self._painted(frame, before)
            before = Before(frame, painted, before.first if before else frame)
            yield painted

    def _painted(self, frame: Pixels, before: Before | None) -> Pixels:
        motion = None if before is None else self._tracker.motion(before.frame, frame)
        if before is None or motion is None or motion.is_cut:
            return self._run(frame, self._options.steps * FIRST)
        start = _start(frame, before, motion)
        return self._run(
            frame,
            self._options.steps,
            onward=start,
            anchor=Anchor(start, motion.trust, self._options.steadiness),
        )

    def _run(
        self, frame: Pixels, steps: int, onward: Pixels | None = None, anchor: Anchor | None = None
    ) -> Pixels:
        pull = self._options.strength**2  # the eye sees little of the first half
        options = Options(size=max(frame.shape[:2]), steps=steps, style_weight=pull)
        last = None
        # Asked for at the first frame alone: memory that is short for a moment would end a video of hours.
        run = self._engine.run(
            frame,
            self._styles,
            options,
            onward=onward,
            anchor=anchor,
            is_known_to_fit=self._has_painted,
        )
        for step in run:
            last = step
        assert last is not None  # there is at least one step
        self._has_painted = True
        return last.image


def _start(frame: Pixels, before: Before, motion: Motion) -> Pixels:
    """The painted frame before, where it is now; what came into view is as it was filmed."""
    trust = motion.trust[..., None]
    start = frame + trust * (warped(before.painted, motion.flow).astype(np.float32) - frame)
    return np.asarray(np.clip(start + 0.5, 0, 255), np.uint8)
