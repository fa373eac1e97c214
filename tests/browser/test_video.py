"""A video from the page: brought in, painted, paused, played in the browser, and found again."""

import pytest
import videos
from browser.visitor import SOON, at, pick
from playwright.sync_api import expect

from components import ids

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    path = tmp_path_factory.mktemp("clips") / "clip.mp4"
    return videos.write(path, videos.moving(30, (160, 120)), codec="libx264", sound="aac")


@pytest.fixture
def panel(page, studio):
    """The front door with two pictures chosen and the panel open."""
    page.set_default_timeout(SOON)
    page.goto(studio.url)
    page.wait_for_selector(at(ids.START))
    pick(page)
    page.click(f"{at(ids.VIDEO)} > summary")
    return page


def bring(page, path):
    with page.expect_file_chooser() as chooser:
        page.click(at(ids.VIDEO_CARD))
    chooser.value.set_files(path)


def says(page, name, words):
    page.wait_for_function(
        "([id, words]) => document.getElementById(id).textContent.includes(words)", arg=[name, words]
    )


def note(page, words):
    """Of the clip, and of what the visitor did."""
    says(page, ids.VIDEO_NOTE, words)


def status(page, words):
    """Of the painting."""
    says(page, ids.VIDEO_STATUS, words)


def test_a_video_is_painted_and_plays(panel, clip, tmp_path):
    expect(panel.locator(at(ids.VIDEO_START))).to_be_disabled()
    expect(panel.locator(at(ids.VIDEO_START))).to_have_attribute("title", "Choose a video first.")
    bring(panel, clip)
    note(panel, "160×120, 0:01, 30 frames, with sound")
    # A proxy whose studio is away for a moment: the browser gives the log up, the panel does not.
    for path in ("/api/v1/video-jobs/*/events", "/api/v1/video-jobs/*"):
        panel.route(f"**{path}", lambda route: route.fulfill(status=502), times=1)
    panel.click(at(ids.VIDEO_START))
    status(panel, "The video is painted")
    played = panel.evaluate(
        """id => new Promise((resolve) => {
          const video = document.getElementById(id);
          video.muted = true;
          video.addEventListener("ended", () => resolve(
            [video.videoWidth, video.videoHeight, video.duration, video.webkitAudioDecodedByteCount > 0]));
          video.addEventListener("error", () => resolve(video.error.message));
          video.play();
        })""",
        ids.VIDEO_RESULT,
    )
    assert played == [160, 120, pytest.approx(1.2, abs=0.05), True]
    with panel.expect_download() as download:
        panel.click(at(ids.VIDEO_DOWNLOAD))
    assert download.value.suggested_filename.endswith(".mp4")
    # A page that is loaded again finds it.
    panel.reload()
    panel.wait_for_selector(at(ids.START))
    panel.click(f"{at(ids.VIDEO)} > summary")
    status(panel, "The video is painted")
    expect(panel.locator(at(ids.VIDEO_RESULT))).to_be_visible()
    # With one painted, what a visitor does now is still answered.
    (tmp_path / "a.mp4").write_bytes(b"nothing of the kind")
    bring(panel, tmp_path / "a.mp4")
    note(panel, "No MP4, MOV, WebM or GIF was found")
    bring(panel, clip)
    note(panel, "160×120, 0:01, 30 frames, with sound")
    status(panel, "The video is painted")


def test_one_can_rest_go_on_and_be_given_up(panel, clip):
    bring(panel, clip)
    note(panel, "30 frames")
    panel.click("[data-quality=fine]")
    panel.click(at(ids.VIDEO_START))
    status(panel, "Painting.")
    panel.click(at(ids.VIDEO_PAUSE))
    status(panel, "Resting.")
    panel.click(at(ids.VIDEO_PAUSE))
    status(panel, "Painting.")
    panel.click(at(ids.VIDEO_STOP))
    status(panel, "Given up.")
    assert panel.is_hidden(at(ids.VIDEO_RESULT))
    # One that was deleted elsewhere is not waited for.
    panel.click(at(ids.VIDEO_START))
    panel.wait_for_selector(at(ids.VIDEO_STOP))
    panel.evaluate(
        """async () => {
          const { jobs: [newest] } = await fetch("api/v1/video-jobs?limit=1").then((answer) => answer.json());
          await fetch(`api/v1/video-jobs/${newest.id}`, { method: "DELETE" });
        }"""
    )
    note(panel, "This video is not here any more")
    expect(panel.locator(at(ids.VIDEO_START))).to_be_enabled()


def test_what_is_no_video_is_said(panel, tmp_path):
    (tmp_path / "a.mp4").write_bytes(b"nothing of the kind")
    bring(panel, tmp_path / "a.mp4")
    note(panel, "No MP4, MOV, WebM or GIF was found")
    expect(panel.locator(at(ids.VIDEO_START))).to_be_disabled()


def test_the_panel_has_nothing_that_bars_people(panel, clip):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    bring(panel, clip)
    note(panel, "30 frames")
    found = axe.Axe().run(panel, at(ids.VIDEO)).response["violations"]
    assert [(one["id"], one["impact"]) for one in found] == []
