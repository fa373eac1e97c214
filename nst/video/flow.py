"""Where each pixel of a frame was in the frame before, and whether that can be believed.

The flow is OpenCV's DIS (Kroeger et al. 2016, arXiv 1603.03590). What of it counts is decided as in Ruder,
Dosovitskiy and Brox 2016 (arXiv 1604.08610, section 4.2): not where the way there and back does not end where
it began, for there something came into view; and not along the borders of moving things. Beyond that, what
changed its brightness (a fade, a shadow, a wrong guess) counts the less the more it did.
"""

from typing import Any, NamedTuple

import cv2
import numpy as np

from nst import images
from nst.images import Pixels

Flow = np.ndarray  # float32 (H, W, 2): to the right and down, in pixels
Trust = np.ndarray  # float32 (H, W), 0..1

LONG_SIDE = 512  # pixels; a larger frame's flow is found at this size and enlarged
SHORT_SIDE = 16  # pixels; with fewer OpenCV's DIS brings the whole process down
AGREEMENT, SLACK = 0.01, 0.5  # of the way there and back: a share of both, and pixels squared
SCENE = 0.3  # of a frame; with less of it found again it is the first of a new scene
CHANGED, PATCH = 16.0, 7  # 8-bit levels of brightness, over so many pixels across
STEADINESS, STILLNESS = 0.01, 0.002  # of the flow among neighbours


class Motion(NamedTuple):
    """How a frame came out of the frame before it."""

    flow: Flow  # from each of its pixels to where that was before
    trust: Trust  # 0 where it was nowhere to be seen

    @property
    def is_cut(self) -> bool:
        """Whether hardly anything of the frame before is still there: another scene begins."""
        return float(self.trust.mean()) < SCENE


class Tracker:
    """Finds motion between frames of one size; keeps OpenCV's buffers from frame to frame."""

    def __init__(self) -> None:
        self._dis: Any = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)

    def motion(self, before: Pixels, frame: Pixels) -> Motion:
        """The motion that leads from one (H, W, 3) frame to the next, looked at from the next one."""
        height, width = frame.shape[:2]
        size = width, height
        if max(size) > LONG_SIDE:
            size = images.fitted(width, height, LONG_SIDE)
        size = max(size[0], SHORT_SIDE), max(size[1], SHORT_SIDE)
        old, new = (_grey(pixels, size) for pixels in (before, frame))
        back: Flow = self._dis.calc(new, old, None)
        forth: Flow = self._dis.calc(old, new, None)
        trust = trusted(back, forth) * _likeness(warped(old, back), new)
        if size != (width, height):
            scale = np.array([width / size[0], height / size[1]], np.float32)
            back = np.asarray(cv2.resize(back, (width, height)) * scale)
            trust = np.asarray(cv2.resize(trust, (width, height)))
        return Motion(back, trust)


def warped(picture: np.ndarray, flow: Flow) -> np.ndarray:
    """(H, W) or (H, W, 3) `picture`, fetched along the flow: what each pixel was before, sharp."""
    found = cv2.remap(
        picture, *_destinations(flow), interpolation=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(found)


def trusted(back: Flow, forth: Flow) -> Trust:
    """1 where the flow back can be believed, 0 where not.

    `back` leads from the new frame to the old one, `forth` from the old one to the new one.
    """
    returned = cv2.remap(forth, *_destinations(back), interpolation=cv2.INTER_LINEAR)
    lengths = _squared(back) + _squared(returned)
    agrees = _squared(back + returned) <= AGREEMENT * lengths + SLACK
    steady = _change(back) <= STEADINESS * _squared(back) + STILLNESS
    return np.asarray(agrees & steady & _inside(back), np.float32)


def _likeness(before: np.ndarray, frame: np.ndarray) -> Trust:
    """1 where two grey pictures are alike, towards 0 where they differ; noise is averaged out."""
    difference = cv2.blur(np.asarray(frame, np.float32) - before, (PATCH, PATCH))
    return np.asarray(np.exp(-np.square(difference / CHANGED)), np.float32)


def _inside(flow: Flow) -> np.ndarray:
    """Where the flow stays within the picture."""
    x, y = _destinations(flow)
    height, width = flow.shape[:2]
    return np.asarray((x >= 0) & (x <= width - 1) & (y >= 0) & (y <= height - 1))


def _destinations(flow: Flow) -> tuple[np.ndarray, np.ndarray]:
    height, width = flow.shape[:2]
    return (
        flow[..., 0] + np.arange(width, dtype=np.float32),
        flow[..., 1] + np.arange(height, dtype=np.float32)[:, None],
    )


def _squared(flow: Flow) -> np.ndarray:
    return np.asarray(np.square(flow[..., 0]) + np.square(flow[..., 1]))


def _change(flow: Flow) -> np.ndarray:
    """Squared gradient of both parts of the flow, added up."""
    down, right = np.gradient(flow, axis=(0, 1))
    return np.asarray(_squared(down) + _squared(right))


def _grey(pixels: Pixels, size: tuple[int, int]) -> np.ndarray:
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    if size != (pixels.shape[1], pixels.shape[0]):
        grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    return np.asarray(grey)
