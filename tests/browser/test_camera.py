"""The studio's camera page, with a camera that the browser plays, on a desk and on a phone."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browser.conftest import launched, visit
from browser.test_device import DESK, PHONE, UNPLUG, Bare, camera  # noqa: F401
from browser.visitor import SOON, at, still
from jobs.fake_engine import wait_until
from playwright.sync_api import expect

from components import ids
from nst import fast_weights, images

pytestmark = pytest.mark.browser

PAINTING = "main[data-state=painting]"


class Crowded(Bare):
    """A studio with a place for one camera."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.environment["NST_CAMERAS"] = "1"


@pytest.fixture(scope="module")
def browser(camera: Path) -> Iterator[Any]:  # noqa: F811
    """Chromium with that camera; whether it may be used is each test's to say."""
    flags = ["--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={camera}"]
    with launched(*flags) as browser:
        yield browser


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crowded]:
    fast_weights.fetch()
    studio = Crowded(tmp_path_factory.mktemp("studio"))
    studio.start()
    yield studio
    studio.end()


@pytest.fixture(params=[DESK, PHONE], ids=["desk", "phone"])
def page(browser: Any, studio: Crowded, request: pytest.FixtureRequest) -> Iterator[Any]:
    yield from opened(browser, studio, permissions=["camera"], **request.param)


@pytest.fixture
def desk(browser: Any, studio: Crowded) -> Iterator[Any]:
    yield from opened(browser, studio, permissions=["camera"], **DESK)


def opened(browser: Any, studio: Crowded, **options: Any) -> Iterator[Any]:
    for page in visit(browser, **options):
        page.set_default_timeout(SOON)
        page.goto(f"{studio.url}/camera")
        yield page


def begin(page: Any) -> None:
    page.click("#start")
    page.wait_for_selector(PAINTING)


def says(page: Any, words: str) -> None:
    page.wait_for_function(
        "words => document.getElementById('status').textContent.includes(words)", arg=words
    )


def seen(page: Any) -> np.ndarray:
    """What the canvas shows, small, 0..255."""
    return np.array(
        page.evaluate(
            """() => {
              const small = new OffscreenCanvas(32, 24).getContext("2d");
              small.drawImage(document.getElementById("painting"), 0, 0, 32, 24);
              return [...small.getImageData(0, 0, 32, 24).data].filter((_, i) => i % 4 < 3);
            }"""
        ),
        float,
    )


def shot(page: Any, name: str) -> None:
    """A screenshot, where somebody wants to look at it."""
    folder = os.environ.get("NST_SCREENSHOTS")
    if folder:
        page.screenshot(path=f"{folder}/{name}-{page.viewport_size['width']}.png")


def fits(page: Any) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_the_camera_is_painted_and_follows_style_and_strength(page: Any) -> None:
    assert fits(page)
    shot(page, "camera-idle")
    begin(page)
    page.wait_for_function("() => /^\\d+ a second$/.test(document.getElementById('pace').textContent)")
    first = seen(page)
    assert first.std() > 10, "there is a picture"
    wait_until(lambda: np.abs(seen(page) - first).mean() > 1)  # it moves
    shot(page, "camera-painting")
    assert fits(page)
    aspect = page.evaluate(
        "document.getElementById('painting').width / document.getElementById('painting').height"
    )
    assert aspect == pytest.approx(4 / 3, abs=0.02)

    def settled() -> np.ndarray:
        page.wait_for_timeout(500)
        return np.mean([seen(page) for _ in range(6) if page.wait_for_timeout(150) is None], 0)

    first = settled()
    page.locator("input[name=style]").nth(3).check(force=True)
    wait_until(lambda: np.abs(settled() - first).mean() > 6)
    second = settled()
    page.locator("#strength").fill("0")
    expect(page.locator("#strength-shown")).to_have_text("0%")
    wait_until(lambda: np.abs(settled() - second).mean() > 6)


def test_it_stops_and_a_snapshot_is_taken_home(desk: Any) -> None:
    begin(desk)
    with desk.expect_download() as started:
        desk.click("#snapshot")
    assert started.value.suggested_filename.endswith(".jpg")
    pixels = images.decode(Path(started.value.path()).read_bytes()).pixels
    assert max(pixels.shape) == 320, "the camera has no more"
    desk.click("#start")
    says(desk, "Stopped")
    before = seen(desk)
    desk.wait_for_timeout(500)
    assert (seen(desk) == before).all()


def test_a_snapshot_goes_to_the_studio_with_its_painting(desk: Any, studio: Crowded) -> None:
    begin(desk)
    desk.click("#easel")
    desk.wait_for_url(f"{studio.url}/")
    desk.wait_for_selector(f"{at(ids.CONTENT_VIEW)} img")
    desk.wait_for_selector(f"{at(ids.STYLE_VIEW)} img")
    desk.wait_for_selector(f"{at(ids.PREVIEW_PICTURE)} img", state="visible")
    expect(desk.locator(at(ids.START))).to_be_enabled()


def test_a_painting_of_one_s_own(desk: Any, tmp_path: Path) -> None:
    path = tmp_path / "mine.png"
    path.write_bytes(images.encode_png(np.random.default_rng(0).integers(0, 256, (90, 120, 3), np.uint8)))
    begin(desk)
    before = desk.locator(".tile").count()
    desk.set_input_files("#own-style", path)
    desk.locator(".tile").nth(before).wait_for(state="attached")
    expect(desk.locator(".tile").first).to_have_text("mine")
    expect(desk.locator(".tile input").first).to_be_checked()
    path.write_text("words")
    desk.set_input_files("#own-style", path)
    says(desk, "JPEG, PNG")
    expect(desk.locator(".tile")).to_have_count(before + 1)


def test_a_camera_that_is_not_allowed(browser: Any, studio: Crowded) -> None:
    for page in opened(browser, studio, **DESK):
        page.click("#start")
        says(page, "The camera was not allowed.")
        expect(page.locator("#start")).to_be_enabled()
        shot(page, "camera-refused")


def test_no_camera(desk: Any) -> None:
    desk.evaluate(
        "() => { navigator.mediaDevices.getUserMedia ="
        " async () => { throw new DOMException('', 'NotFoundError'); }; }"
    )
    desk.click("#start")
    says(desk, "No camera was found.")


def test_a_camera_that_comes_too_late_or_leaves_is_off(desk: Any) -> None:
    desk.evaluate(
        """() => {
          const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
          const allowed = new Promise((resolve) => (window.allow = resolve));
          navigator.mediaDevices.getUserMedia = async (wish) => {
            await allowed;
            return (window.given = await ask(wish));
          };
        }"""
    )
    desk.route("**/api/v1/samples/*", lambda route: route.abort(), times=1)
    assert desk.evaluate("() => { start.click(); return turn.disabled; }"), "one start at a time"
    says(desk, "The studio does not answer")
    desk.evaluate("allow()")
    desk.wait_for_function("() => window.given?.getTracks().every((track) => track.readyState === 'ended')")
    begin(desk)
    desk.evaluate(UNPLUG)
    says(desk, "The camera has ended")
    expect(desk.locator("#start")).to_have_text("Start camera")


def test_a_studio_with_no_place_left(browser: Any, studio: Crowded, desk: Any) -> None:
    begin(desk)
    for other in opened(browser, studio, permissions=["camera"], **PHONE):
        other.click("#start")
        says(other, "All places at the studio’s camera are taken")
        expect(other.locator("#start")).to_have_text("Start camera")
    second = desk.context.new_page()
    second.goto(f"{studio.url}/camera")
    begin(second)
    says(desk, "in another window now.")


def test_a_studio_that_goes_away_and_comes_back(desk: Any, studio: Crowded) -> None:
    begin(desk)
    studio.end(signal.SIGKILL)
    says(desk, "The connection to the studio was lost.")
    shot(desk, "camera-lost")
    studio.start()
    desk.wait_for_selector(PAINTING)


def test_nothing_bars_people(page: Any) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    begin(page)
    for theme in ("light", "dark"):
        page.evaluate("theme => (document.documentElement.dataset.bsTheme = theme)", theme)
        still(page)
        shot(page, f"camera-{theme}")
        found = axe.Axe().run(page).response["violations"]
        assert [(one["id"], one["impact"]) for one in found] == []
