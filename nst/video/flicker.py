"""How much a styled video flickers: what changes from frame to frame although it only moved."""

from collections.abc import Iterable
from itertools import pairwise

import numpy as np

from nst.images import Pixels
from nst.video.flow import Motion, Tracker, warped


def flicker(painted: Iterable[Pixels], motions: Iterable[Motion]) -> float:
    """Mean absolute difference of neighbours in 8-bit levels, over the pixels that both of them show.

    painted: (H, W, 3) uint8 frames. motions: how each but the first came out of the one before it.
    A video of things that only move, however they are painted, has almost none.
    """
    differences = [
        _difference(before, frame, motion)
        for (before, frame), motion in zip(pairwise(painted), motions, strict=True)
    ]
    return float(np.mean(differences)) if differences else 0.0


def motions(frames: Iterable[Pixels]) -> Iterable[Motion]:
    """The motion between neighbouring frames of a video as it was filmed."""
    tracker = Tracker()
    for before, frame in pairwise(frames):
        yield tracker.motion(before, frame)


def _difference(before: Pixels, frame: Pixels, motion: Motion) -> float:
    differences = np.abs(warped(before, motion.flow).astype(np.float32) - frame).mean(-1)
    return float((differences * motion.trust).sum() / max(float(motion.trust.sum()), 1.0))
