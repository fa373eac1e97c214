"""The fast quality with its real network: steadier than each frame by itself, and every bit as painted."""

import numpy as np
import pytest
import videos
from skimage import data

from nst import images
from nst.fast import Stylizer
from nst.video.clip import probe
from nst.video.fast import FastPainter
from nst.video.flicker import flicker, motions
from nst.video.options import VideoOptions
from nst.video.styling import Before, Styling

CLIP = videos.moving(9, (192, 128), speed=1.7)
STYLE = images.resize(data.coffee(), (200, 150))


@pytest.fixture(scope="module")
def stylizer():
    return Stylizer()


def painted(stylizer, clip=CLIP, **options):
    painter = FastPainter(stylizer, [STYLE], VideoOptions(**options))
    found, before = [], None
    for first in range(0, len(clip), painter.batch):
        batch = clip[first : first + painter.batch]
        found += painter.paint(batch, before)
        before = Before(batch[-1], found[-1], clip[0])
    return found


def test_it_flickers_at_most_half_as_much_as_frame_by_frame(stylizer):
    found = list(motions(CLIP))
    alone, steadied = (flicker(painted(stylizer, steadiness=firm), found) for firm in (0, 1))
    assert alone > 4
    assert steadied <= 0.5 * alone


def test_without_steadiness_every_frame_is_the_networks_own(stylizer):
    alone = [stylizer.paint(frame, stylizer.vector(STYLE)) for frame in CLIP[:3]]
    for a, b in zip(alone, painted(stylizer, CLIP[:3], steadiness=0), strict=True):
        assert np.abs(a.astype(int) - b).max() <= 1


def test_it_stays_as_painted_as_frame_by_frame(stylizer):
    alone, steadied = (painted(stylizer, steadiness=firm)[-1].astype(int) for firm in (0, 1))
    assert np.abs(alone - steadied).mean() < 0.3 * np.abs(alone - CLIP[-1]).mean()


def test_a_new_scene_begins_afresh(stylizer):
    other = [images.resize(data.chelsea(), (192, 128))]
    cut = painted(stylizer, CLIP[:2] + other)[-1]
    assert np.abs(cut.astype(int) - painted(stylizer, other)[0]).max() <= 1


def test_a_weak_painting_is_nearer_to_the_clip(stylizer):
    weak, strong = (painted(stylizer, CLIP[:1], strength=s)[0].astype(int) for s in (0.2, 1.0))
    assert np.abs(weak - CLIP[0]).mean() < 0.8 * np.abs(strong - CLIP[0]).mean()


def test_a_weak_painting_that_is_gone_on_with_stays_as_weak(stylizer, tmp_path):
    """Whoever paints the rest weakens the style towards the clip's first frame too, not towards its own."""
    other = images.resize(data.coffee()[::-1, ::-1, ::-1], (192, 128))
    source = videos.write(tmp_path / "clip.mp4", CLIP[:2] + [other] * 3, codec="mpeg4")
    options = VideoOptions(strength=0.2)

    def run(name):
        return Styling(
            probe(source), tmp_path / name, options, [STYLE], lambda: FastPainter(stylizer, [STYLE], options)
        )

    whole = [step.pixels for step in run("whole.mp4")]
    first = run("resumed.mp4")
    begun = [next(first).pixels for _ in range(3)]
    first.close()
    resumed = begun + [step.pixels for step in run("resumed.mp4")]
    for a, b in zip(whole, resumed, strict=True):
        assert np.abs(a.astype(int) - b).max() <= 2
