"""The panel of videos: what is laid out is what its script looks for."""

import re
from pathlib import Path

from components import ids, video
from nst.settings import settings
from nst.video.options import VideoOptions

SCRIPT = (Path(__file__).resolve().parents[2] / "assets/video.js").read_text()


def parts(component) -> dict:
    return {one.id: one for one in component._traverse() if getattr(one, "id", None)}


def test_every_part_that_the_script_names_is_there():
    named = {f"video-{name}" for name in re.findall(r'part\("([a-z]+)"\)', SCRIPT)}
    panel = video.layout()
    assert named <= parts(panel).keys()
    assert panel.id == ids.VIDEO
    assert '"#video button"' in SCRIPT


def test_the_limit_is_the_studios():
    card = parts(video.layout())[ids.VIDEO_CARD]
    assert getattr(card, "data-max-bytes") == str(settings().max_video_bytes)


def test_the_qualities_are_those_of_the_options_and_the_default_is_chosen():
    choices = [one for one in video.layout()._traverse() if hasattr(one, "data-quality")]
    chosen = [getattr(one, "data-quality") for one in choices if getattr(one, "aria-pressed") == "true"]
    assert [getattr(one, "data-quality") for one in choices] == ["fast", "fine"]
    assert chosen == [VideoOptions().quality]


def test_the_page_has_the_panel(page):
    layout = page.client.get("/_dash-layout").text
    assert '"id":"video-start"' in layout.replace(" ", "")
