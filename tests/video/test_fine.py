"""The fine quality: which run of the engine every frame gets, and that the result is steady."""

import numpy as np
import pytest
import videos
from skimage import data

from nst import StyleTransfer, images
from nst.engine import memory
from nst.errors import Refusal
from nst.options import Options
from nst.video.fine import FIRST, FinePainter
from nst.video.flicker import flicker, motions
from nst.video.options import VideoOptions
from nst.video.styling import Before

CLIP = videos.moving(4, (96, 64), speed=1.7)
STYLE = images.resize(data.coffee(), (120, 90))
OPTIONS = VideoOptions(quality="fine", steps=3, steadiness=2)


class Notes:
    """An engine that writes down its orders and paints a frame dark."""

    def __init__(self):
        self.orders = []

    def run(self, content, styles, options, **how):
        self.orders.append((content, options, how))
        yield type("Step", (), {"image": content // 4})


def test_the_first_frame_is_painted_from_nothing_and_the_next_ones_from_the_one_before():
    notes = Notes()
    found = list(FinePainter(notes, [STYLE], OPTIONS).paint(CLIP[:2], None))
    (first, options, how), (second, later, held) = notes.orders
    assert np.array_equal(first, CLIP[0])
    assert np.array_equal(second, CLIP[1])
    assert options == Options(size=96, steps=3 * FIRST)
    assert how == {"onward": None, "anchor": None, "is_known_to_fit": False}
    assert later == Options(size=96, steps=3)
    anchor = held["anchor"]
    assert anchor.weight == 2
    assert np.array_equal(anchor.picture, held["onward"])
    seen = anchor.mask > 0.9
    assert 0.5 < seen.mean() < 1
    # What was there before is taken from the painting, what came into view from the clip.
    assert np.abs(held["onward"].astype(int) - CLIP[1] // 4)[seen].mean() < 8
    hidden = anchor.mask == 0
    assert np.array_equal(held["onward"][hidden], CLIP[1][hidden])
    assert found[1].shape == CLIP[1].shape


def test_who_goes_on_does_not_begin_anew():
    notes = Notes()
    list(FinePainter(notes, [STYLE], OPTIONS).paint(CLIP[1:2], Before(CLIP[0], CLIP[0] // 4, CLIP[0])))
    assert [options.steps for _, options, _ in notes.orders] == [3]


def test_a_new_scene_is_painted_from_nothing():
    notes = Notes()
    other = images.resize(data.chelsea(), (96, 64))
    list(FinePainter(notes, [STYLE], OPTIONS).paint([CLIP[0], other], None))
    assert [options.steps for _, options, _ in notes.orders] == [3 * FIRST] * 2


def test_a_strength_weakens_the_style():
    notes = Notes()
    weak = OPTIONS.model_copy(update={"strength": 0.5})
    list(FinePainter(notes, [STYLE], weak).paint(CLIP[:1], None))
    assert notes.orders[0][1].style_weight == 0.25


@pytest.fixture(scope="module")
def engine(vgg19_file):
    return StyleTransfer()


def test_memory_is_asked_for_once_a_clip(engine, monkeypatch):
    """Memory that is short for a moment does not end a video of hours."""
    painted = FinePainter(engine, [STYLE], OPTIONS).paint(CLIP[:2], None)
    next(painted)
    monkeypatch.setattr(memory, "available", lambda: 0)
    next(painted)
    with pytest.raises(Refusal) as refused:
        next(FinePainter(engine, [STYLE], OPTIONS).paint(CLIP[1:2], Before(CLIP[0], CLIP[0], CLIP[0])))
    assert refused.value.code == "too_little_memory"


def test_it_flickers_at_most_half_as_much_as_frame_by_frame(engine):
    found = list(motions(CLIP))
    painter = FinePainter(engine, [STYLE], VideoOptions(quality="fine", steps=6))
    alone = [next(iter(painter.paint([frame], None))) for frame in CLIP]
    assert flicker(alone, found) > 4
    assert flicker(painter.paint(CLIP, None), found) <= 0.5 * flicker(alone, found)
