"""Motion: found where it is known, and not believed where something came into view."""

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from skimage import data

from nst.video.flow import LONG_SIDE, Tracker, trusted, warped

ROOT = Path(__file__).resolve().parents[2]
PHOTO = cv2.resize(data.astronaut(), (320, 320))


def shifted(picture, dx, dy, size=(256, 192)):
    matrix = np.array([[1, 0, dx - 20], [0, 1, dy - 20]], float)
    return cv2.warpAffine(picture, matrix, size)


def test_a_pan_is_found_to_a_fraction_of_a_pixel():
    motion = Tracker().motion(shifted(PHOTO, 0, 0), shifted(PHOTO, 4, -3))
    inner = motion.flow[20:-20, 20:-20]
    assert np.abs(inner - [-4, 3]).mean() < 0.15  # from the new frame back to the old one
    assert motion.trust[20:-20, 20:-20].mean() > 0.9
    assert not motion.is_cut


def test_a_large_frame_has_motion_in_its_own_pixels():
    large = cv2.resize(data.astronaut(), (2 * LONG_SIDE, 2 * LONG_SIDE))
    size = 2 * LONG_SIDE - 100, LONG_SIDE
    motion = Tracker().motion(shifted(large, 0, 0, size), shifted(large, 12, 0, size))
    assert motion.flow.shape == (*size[::-1], 2)
    assert np.abs(np.median(motion.flow[..., 0]) + 12) < 0.5


NARROW = """
import numpy as np
from nst.video.flow import Tracker
frame = np.random.default_rng(2).integers(0, 256, ({height}, {width}, 3), np.uint8)
motion = Tracker().motion(frame, frame)
assert motion.flow.shape == ({height}, {width}, 2), motion.flow.shape
assert np.abs(motion.flow).mean() < 0.1, motion.flow
assert motion.trust.mean() > 0.9, motion.trust
"""


@pytest.mark.parametrize(("width", "height"), [(64, 8), (240, 12), (64, 4), (8, 64), (2, 2)])
def test_a_narrow_frame_has_motion_too(width, height):
    """In a process of its own: with fewer than 16 rows OpenCV's search for motion crashes."""
    script = NARROW.format(width=width, height=height)
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr.decode()


def test_what_comes_into_view_is_not_trusted():
    def scene(x):
        frame = shifted(PHOTO, 0, 0).copy()
        frame[60:120, x : x + 60] = shifted(PHOTO[::-1], 0, 0)[60:120, 60:120]
        return frame

    motion = Tracker().motion(scene(60), scene(72))
    uncovered, background, thing = (
        motion.trust[66:114, x] for x in (slice(61, 71), slice(150, 240), slice(85, 120))
    )
    assert uncovered.mean() < 0.3
    assert background.mean() > 0.95
    assert thing.mean() > 0.8


def test_what_left_the_frame_is_not_trusted():
    motion = Tracker().motion(shifted(PHOTO, 0, 0), shifted(PHOTO, 9, 0))
    assert motion.trust[:, :7].max() == 0


def test_another_scene_is_a_cut():
    other = cv2.resize(data.coffee(), (256, 192))
    assert Tracker().motion(shifted(PHOTO, 0, 0), other).is_cut
    assert Tracker().motion(shifted(PHOTO, 0, 0), np.full_like(other, 30)).is_cut


def test_what_changes_its_brightness_is_trusted_less():
    frame = shifted(PHOTO, 0, 0) // 2 + 20
    same, brighter = (Tracker().motion(frame, frame + np.uint8(by)).trust.mean() for by in (0, 25))
    assert same > 0.98
    assert brighter < 0.5 * same


def test_warping_along_a_flow_undoes_the_motion():
    flow = np.full((192, 256, 2), [-4, 3], np.float32)
    back = warped(shifted(PHOTO, 0, 0), flow)
    assert np.abs(back[10:-10, 10:-10].astype(int) - shifted(PHOTO, 4, -3)[10:-10, 10:-10]).max() <= 1


@pytest.mark.parametrize(("there", "back", "expected"), [(5, -5, 1), (5, -5.4, 1), (5, 0, 0), (0, 0, 1)])
def test_trust_needs_the_way_there_and_back_to_agree(there, back, expected):
    forth = np.zeros((40, 40, 2), np.float32)
    forth[..., 0] = there
    backwards = np.zeros((40, 40, 2), np.float32)
    backwards[..., 0] = back
    assert trusted(backwards, forth)[20, 20] == expected
