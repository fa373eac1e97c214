"""The page that paints on the device, with a camera that the browser plays: with the studio and without."""

import base64
import contextlib
import io
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browser.conftest import launched, visit
from browser.visitor import ROOT, SOON, Studio, still
from jobs.fake_engine import wait_until
from PIL import Image
from playwright.sync_api import expect
from skimage import data

pytestmark = pytest.mark.browser

PAINTING = "main[data-state=painting]"
KEPT = "#kept:not(:empty)"
DESK = {"viewport": {"width": 1280, "height": 860}}
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}


# What a browser tells of a camera that is gone.
UNPLUG = "camera.srcObject.getTracks().forEach((track) => track.dispatchEvent(new Event('ended')))"


class Bare(Studio):
    """A studio without weights, which opens at once: nothing here needs it to paint. From any folder."""

    def __init__(self, folder: Path, root: Path = ROOT) -> None:
        super().__init__(folder)
        self.root = root

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "app.py"],
            cwd=self.root,
            env=self.environment | {"NST_VGG19_WEIGHTS": "nowhere.bin"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{self.url}/healthz", timeout=5).close()
                return
            time.sleep(0.1)
        raise TimeoutError("the studio did not open")


@pytest.fixture(scope="module")
def camera(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film for the browser to play as its camera: a photograph, panned over."""
    path = tmp_path_factory.mktemp("camera") / "film.y4m"
    scene = Image.fromarray(data.astronaut())
    with path.open("wb") as film:
        film.write(b"YUV4MPEG2 W320 H240 F20:1 Ip A1:1 C420jpeg\n")
        for shift in (*range(0, 120, 6), *range(120, 0, -6)):
            light, blue, red = scene.crop((shift, 40, shift + 320, 280)).convert("YCbCr").split()
            film.write(b"FRAME\n" + light.tobytes())
            film.write(blue.resize((160, 120)).tobytes() + red.resize((160, 120)).tobytes())
    return path


@pytest.fixture(scope="module")
def browser(camera: Path) -> Iterator[Any]:
    """Chromium with that camera, and with the leave to use it."""
    flags = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    flags.append(f"--use-file-for-fake-video-capture={camera}")
    with launched(*flags) as browser:
        yield browser


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bare]:
    studio = Bare(tmp_path_factory.mktemp("studio"))
    studio.start()
    yield studio
    studio.end()


@pytest.fixture(params=[DESK, PHONE], ids=["desk", "phone"])
def page(browser: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    yield from visit(browser, service_workers="allow", **request.param)


@pytest.fixture
def phone(browser: Any) -> Iterator[Any]:
    yield from visit(browser, service_workers="allow", **PHONE)


def canvas(page: Any) -> np.ndarray:
    """What the canvas shows, 0..1."""
    side, values = page.evaluate(
        """() => {
          const { width, height } = document.getElementById("painting");
          const context = document.getElementById("painting").getContext("2d");
          return [width, new Uint8Array(context.getImageData(0, 0, width, height).data.buffer).toBase64()];
        }"""
    )
    return pixels(values, side)


def seen(page: Any) -> np.ndarray:
    """What the camera shows, as the page cuts it, 0..1."""
    values = page.evaluate(
        """() => {
          const board = new OffscreenCanvas(256, 256).getContext("2d");
          board.drawImage(document.getElementById("camera"), 40, 0, 240, 240, 0, 0, 256, 256);
          return new Uint8Array(board.getImageData(0, 0, 256, 256).data.buffer).toBase64();
        }"""
    )
    return pixels(values, 256)


def pixels(values: str, side: int) -> np.ndarray:
    return np.frombuffer(base64.b64decode(values), np.uint8).reshape(side, side, 4)[..., :3] / np.float32(255)


def difference(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one - other).mean())


def start(page: Any) -> None:
    page.click("#start")
    page.wait_for_selector(PAINTING, timeout=SOON)


def painted_anew(page: Any) -> np.ndarray:
    """The canvas, once pictures that were under way are through."""
    page.wait_for_timeout(1000)
    return canvas(page)


def choose_style(page: Any, name: str) -> np.ndarray:
    page.check(f"[name=style][value={name}]", force=True)
    return painted_anew(page)


def test_the_camera_is_painted_in_the_style_that_is_chosen(page: Any, studio: Bare) -> None:
    page.goto(f"{studio.url}/device")
    start(page)
    first = painted_anew(page)
    assert first.std() > 0.1
    assert difference(first, seen(page)) > 0.08  # painted, not only passed on
    wait_until(lambda: difference(first, canvas(page)) > 0.005)  # the camera moves on
    window = choose_style(page, "stained-glass")
    choose_style(page, "ink-wash")
    wait_until(lambda: difference(window.mean((0, 1)), canvas(page).mean((0, 1))) > 0.05)
    expect(page.locator("#painting")).to_have_attribute("aria-label", re.compile("Bamboo and Mist"))
    expect(page.locator("#pace")).to_have_text(re.compile(r"^\d+ a second, on the processor$"))


def test_strength_leads_from_the_photograph_s_own_manner_to_the_painting_s(
    page: Any, studio: Bare, tmp_path: Path
) -> None:
    photograph = Image.fromarray(data.astronaut()).resize((256, 256))  # one that stands still
    photograph.save(tmp_path / "astronaut.png")
    page.goto(f"{studio.url}/device")
    page.set_input_files("#photograph", tmp_path / "astronaut.png")
    page.wait_for_selector(PAINTING, timeout=SOON)
    painted = choose_style(page, "night-sky")
    page.fill("#strength", "0")
    expect(page.locator("#strength-shown")).to_have_text("0%")
    own = np.asarray(photograph, np.float32) / 255
    wait_until(lambda: difference(canvas(page), own) < difference(painted, own) - 0.02)


def test_a_photograph_and_a_painting_of_one_s_own_and_saving_what_they_became(
    page: Any, studio: Bare, tmp_path: Path
) -> None:
    Image.fromarray(data.chelsea()).save(tmp_path / "cat.png")
    Image.fromarray(np.full((50, 80, 3), (200, 30, 20), np.uint8)).save(tmp_path / "red.png")
    page.goto(f"{studio.url}/device")
    page.set_input_files("#photograph", tmp_path / "cat.png")
    page.wait_for_selector(PAINTING, timeout=SOON)
    before = painted_anew(page)
    page.set_input_files("#own-style", tmp_path / "red.png")
    page.wait_for_selector(".tile >> text=red")
    expect(page.locator("[name=style] >> nth=0")).to_be_checked()
    wait_until(lambda: difference(before, canvas(page)) > 0.02)
    page.click("label[for=size-384]")
    page.wait_for_selector("canvas[width='384']", timeout=SOON)
    with page.expect_download() as download:
        page.click("#snapshot")
    saved = Image.open(io.BytesIO(download.value.path().read_bytes()))
    assert (saved.format, saved.size) == ("PNG", (384, 384))
    assert download.value.suggested_filename.startswith("pentimento-")
    expect(page.locator("#status")).to_have_text("Saved")


def test_what_is_no_picture_gets_a_sentence(phone: Any, studio: Bare, tmp_path: Path) -> None:
    (tmp_path / "words.png").write_text("no picture")
    phone.goto(f"{studio.url}/device")
    phone.set_input_files("#photograph", tmp_path / "words.png")
    phone.wait_for_selector("#status >> text=words.png is not a picture")
    expect(phone.locator("#start")).to_be_enabled()
    phone.set_input_files("#own-style", tmp_path / "words.png")
    phone.wait_for_selector("#status >> text=words.png is not a picture")
    expect(phone.locator("[name=style]")).to_have_count(13)


def test_it_paints_with_the_keyboard_alone(browser: Any, studio: Bare) -> None:
    for page in visit(browser, **DESK):
        page.goto(f"{studio.url}/device")
        page.focus("#start")
        page.keyboard.press("Enter")
        page.wait_for_selector(PAINTING, timeout=SOON)
        page.focus("[name=style]:checked")
        page.keyboard.press("ArrowRight")
        expect(page.locator("[name=style] >> nth=1")).to_be_checked()
        page.focus("#strength")
        page.keyboard.press("ArrowLeft")
        expect(page.locator("#strength-shown")).to_have_text("99%")
        page.focus("#start")
        page.keyboard.press("Enter")
        page.wait_for_selector("main[data-state=stopped]")
        assert page.evaluate("document.getElementById('camera').srcObject") is None  # its light goes out


def test_a_camera_that_leaves_is_told(browser: Any, studio: Bare) -> None:
    for page in visit(browser, **DESK):
        page.goto(f"{studio.url}/device")
        start(page)
        page.evaluate(UNPLUG)
        page.wait_for_selector("main[data-state=stopped] >> text=The camera has ended")
        expect(page.locator("#start")).to_have_text("Start camera")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_keeps_anybody_out(page: Any, studio: Bare, theme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    for path in ("/device", "/device/offline"):
        page.goto(f"{studio.url}{path}")
        if path == "/device":
            start(page)
        page.evaluate("theme => { document.documentElement.dataset.bsTheme = theme }", theme)
        still(page)
        found = [rule["id"] for rule in axe.run(page).response["violations"]]
        assert found == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


@pytest.fixture
def own_studio(tmp_path: Path) -> Iterator[Bare]:
    """A studio that may be stopped."""
    studio = Bare(tmp_path)
    studio.start()
    yield studio
    if studio.process.poll() is None:
        studio.end(signal.SIGKILL)


def test_with_the_studio_gone_it_goes_on_and_even_opens_again(page: Any, own_studio: Bare) -> None:
    page.goto(f"{own_studio.url}/device")
    start(page)
    page.wait_for_selector(KEPT, timeout=SOON)
    own_studio.end(signal.SIGKILL)
    before = choose_style(page, "wave")
    choose_style(page, "mosaic")  # a style that was not painted before
    wait_until(lambda: difference(before, canvas(page)) > 0.02)

    page.reload()
    start(page)
    assert difference(painted_anew(page), seen(page)) > 0.05


def test_with_the_studio_gone_its_other_pages_say_so_and_open_by_themselves(
    phone: Any, own_studio: Bare
) -> None:
    phone.goto(f"{own_studio.url}/device")
    phone.wait_for_selector(KEPT, timeout=SOON)
    own_studio.end(signal.SIGKILL)
    phone.goto(f"{own_studio.url}/jobs/abc")
    expect(phone.locator("h2")).to_have_text("The studio does not answer")
    assert phone.evaluate("getComputedStyle(document.body).lineHeight") != "normal"  # styled, at any depth
    assert phone.evaluate("fetch('/api/v1/samples').then(() => 'answered', () => 'failed')") == "failed"
    phone.goto(f"{own_studio.url}/?here")
    own_studio.start()
    phone.wait_for_selector("#start-button", timeout=SOON)  # of the dashboard
    assert phone.url == f"{own_studio.url}/?here"


def kept(page: Any) -> list[str]:
    return page.evaluate(
        """async () => {
          const found = [];
          for (const name of await caches.keys())
            for (const { url } of await (await caches.open(name)).keys()) found.push(new URL(url).pathname);
          return found;
        }"""
    )


def test_the_dashboard_and_the_api_are_never_kept(phone: Any, studio: Bare) -> None:
    phone.goto(studio.url)
    phone.wait_for_selector("#start-button", timeout=SOON)
    phone.evaluate("navigator.serviceWorker.ready.then(() => true)")
    assert kept(phone)  # the shell, from the first visit on
    assert not any("/kit/" in path for path in kept(phone))  # the networks only for who wants them
    phone.goto(f"{studio.url}/device")
    phone.wait_for_selector(KEPT, timeout=SOON)
    phone.goto(studio.url)  # this time through the service worker
    phone.wait_for_selector("#start-button", timeout=SOON)
    phone.evaluate("fetch('/api/v1/jobs').then(answer => answer.json())")
    stored = kept(phone)
    assert any("/kit/" in path for path in stored)
    assert all(path.startswith("/device") for path in stored)


def test_a_new_version_of_the_studio_takes_the_place_of_what_was_kept(phone: Any, tmp_path: Path) -> None:
    root = tmp_path / "studio"
    for name in ("nst", "components", "assets"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "app.py", root)
    studio = Bare(tmp_path / "data", root)
    studio.start()
    try:
        phone.goto(f"{studio.url}/device")
        phone.wait_for_selector(KEPT, timeout=SOON)
        before = kept(phone)
        studio.end(signal.SIGKILL)
        page = root / "assets" / "device" / "device.html"
        page.write_text(page.read_text().replace(">Ready<", ">New words<"))
        style = root / "assets" / "device" / "device.css"
        style.write_text(style.read_text() + ".live-status { letter-spacing: 7px; }")
        studio.start()

        phone.reload()  # a page comes from the studio whenever that answers, with the files it was made for
        expect(phone.locator("#status")).to_have_text("New words")
        assert phone.evaluate("getComputedStyle(document.getElementById('status')).letterSpacing") == "7px"
        phone.wait_for_selector(KEPT, timeout=SOON)
        shells = "/device/shell/"
        deadline = time.monotonic() + 20
        while set(kept(phone)) & {path for path in before if path.startswith(shells)}:
            assert time.monotonic() < deadline, "the old shell is still kept"
            phone.wait_for_timeout(100)
        studio.end(signal.SIGKILL)
        phone.reload()
        expect(phone.locator("#status")).to_have_text("New words")
        start(phone)
    finally:
        if studio.process.poll() is None:
            studio.end(signal.SIGKILL)


def test_without_a_camera_the_page_says_so(browser: Any, studio: Bare) -> None:
    for page in visit(browser, **PHONE):
        page.add_init_script("""navigator.mediaDevices.getUserMedia = () =>
          Promise.reject(new DOMException("", "NotFoundError"))""")
        page.goto(f"{studio.url}/device")
        page.click("#start")
        page.wait_for_selector(
            "#status >> text=No camera was found. A photograph can be painted all the same."
        )
        expect(page.locator("#start")).to_have_text("Start camera")


def test_screenshots_for_the_eye(page: Any, studio: Bare) -> None:
    """Kept where NST_SHOTS names a folder; always: the painting is in sight without scrolling."""
    page.goto(f"{studio.url}/device")
    start(page)
    page.wait_for_timeout(1500)
    place = page.locator("#painting").bounding_box()
    assert place["y"] >= 0
    assert place["y"] + place["height"] <= page.viewport_size["height"]
    shot = Image.open(io.BytesIO(page.screenshot()))
    if folder := os.environ.get("NST_SHOTS"):
        shot.save(Path(folder) / f"device-{shot.width}.png")
