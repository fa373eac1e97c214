"""The whole studio as a newcomer meets it: a real server, the real engine, a real browser."""

import io
import re
import signal
import time
from pathlib import Path

import numpy as np
import pytest
from browser.visitor import (
    SOON,
    at,
    choose,
    painted_step,
    pick,
    still,
    wait_state,
    wait_step,
    without_websocket,
)
from PIL import Image
from playwright.sync_api import expect
from skimage import data

from components import ids
from nst import images

pytestmark = pytest.mark.browser


def download(page):
    with page.expect_download() as started:
        page.click(at(ids.DOWNLOAD))
    return images.decode(Path(started.value.path()).read_bytes()).pixels, started.value.suggested_filename


def curve(page, name, steps):
    """The y values of one loss, once the chart has come to this step."""
    page.wait_for_function(
        "([id, steps]) => { const x = document.querySelector(`#${id} .js-plotly-plot`)?.data?.[0]?.x;"
        " return x && Array.from(x._inputArray ?? x, Number).at(-1) === steps; }",
        arg=[ids.LOSSES_GRAPH, steps],
    )
    return page.evaluate(
        "([id, name]) => { const plot = document.querySelector(`#${id} .js-plotly-plot`);"
        " const y = plot.data.find(trace => trace.name.toLowerCase().includes(name)).y;"
        " return Array.from(y._inputArray ?? y, Number); }",
        [ids.LOSSES_GRAPH, name],
    )


def test_an_example_is_painted_watched_and_taken_home(page, studio):
    page.goto(studio.url)
    choose(page, 160, 60)
    page.evaluate(
        "id => { window.seen = new Set(); const picture = document.getElementById(id);"
        " new MutationObserver(() => seen.add(picture.getAttribute('src')))"
        ".observe(picture, { attributeFilter: ['src'] }); }",
        ids.PICTURE,
    )
    page.click(at(ids.EXAMPLES[0]))
    wait_state(page, "done", timeout=2 * SOON)
    seen = page.evaluate("[...seen]")
    assert len(seen) >= 3, "the picture changed while it was painted"
    assert "/jobs/" in page.url
    page.wait_for_function("id => document.getElementById(id).naturalWidth === 160", arg=ids.PICTURE)
    style, total = curve(page, "style", 60), curve(page, "total", 60)
    assert style[-1] < 0.5 * style[0]
    assert total[-1] < total[0]
    pixels, name = download(page)
    assert pixels.shape[:2] == (106, 160) or max(pixels.shape[:2]) == 160
    assert name.endswith(".png")
    assert pixels.std() > 10


def test_a_bad_file_is_answered_with_a_sentence(page, studio, tmp_path):
    page.goto(studio.url)
    (tmp_path / "words.jpg").write_text("certainly not a picture")
    with page.expect_file_chooser() as chooser:
        page.click(at(ids.CONTENT_CARD))
    chooser.value.set_files(tmp_path / "words.jpg")
    note = page.locator(at(ids.CONTENT_NOTES))
    note.get_by_text(re.compile("JPEG, PNG")).wait_for(timeout=SOON)
    assert "Traceback" not in page.content()
    expect(page.locator(at(ids.START))).to_be_disabled()


def test_own_pictures_are_taken_and_stand_upright(page, studio, tmp_path):
    page.goto(studio.url)
    wide = Image.fromarray(data.chelsea())
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: show it a quarter turn clockwise
    wide.save(tmp_path / "phone.jpg", exif=exif)
    with page.expect_file_chooser() as chooser:
        page.click(at(ids.CONTENT_CARD))
    chooser.value.set_files(tmp_path / "phone.jpg")
    thumbnail = page.locator(f"{at(ids.CONTENT_VIEW)} img")
    thumbnail.wait_for(timeout=SOON)
    page.wait_for_function(
        "id => (i => i?.naturalHeight > i?.naturalWidth)(document.querySelector(`#${id} img`))",
        arg=ids.CONTENT_VIEW,
        timeout=SOON,
    )


def test_a_painted_mask_confines_the_style(page, studio):
    page.goto(studio.url)
    pick(page)
    choose(page, 192, 16)
    page.locator("summary", has_text="Paint only a part").click()
    page.click(at(ids.MASK_PAINT))
    canvas = page.locator("[data-mask-painter] canvas").last
    canvas.wait_for(timeout=SOON)
    still(page)
    box = canvas.bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.75, y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.9, y, steps=8)
    page.mouse.up()
    page.get_by_role("button", name="Use this mask").click()
    page.wait_for_selector(f"{at(ids.MASK_VIEW)} img", timeout=SOON)
    page.click(at(ids.START))
    wait_state(page, "done", timeout=2 * SOON)
    painted, _ = download(page)
    height, width = painted.shape[:2]
    photograph = images.resize(data.chelsea(), (width, height)).astype(int)
    difference = np.abs(painted - photograph).max(2)
    assert difference[:, : width // 2].max() <= 1
    assert difference[height // 2 - 3 : height // 2 + 3, int(width * 0.77) : int(width * 0.88)].mean() > 8


def test_stop_keeps_the_picture_so_far(page, studio):
    page.goto(studio.url)
    pick(page)
    choose(page, 128, 5000)
    page.click(at(ids.START))
    wait_step(page, 3)
    page.click(at(ids.STOP))
    wait_state(page, "cancelled")
    pixels, _ = download(page)
    assert max(pixels.shape[:2]) in (64, 128)  # of the scale it had reached
    expect(page.locator(at(ids.STATUS))).to_have_text("Stopped and kept")


def test_reload_second_tab_and_a_killed_server_find_the_painting_again(page, studio):
    page.goto(studio.url)
    pick(page)
    choose(page, 128, 3000)
    page.click(at(ids.START))
    wait_step(page, 5)
    page.reload()
    wait_state(page, "running")
    reached = painted_step(page)
    wait_step(page, reached + 1)

    second = page.context.new_page()
    second.goto(studio.url)
    wait_state(second, "running")
    wait_step(second, reached + 1)
    second.close()
    wait_step(page, painted_step(page) + 5)  # the first tab's news did not end with the second's

    time.sleep(6)  # long enough for a checkpoint
    before = painted_step(page)
    studio.end(signal.SIGKILL)
    studio.start()
    page.reload()
    wait_state(page, "running")
    wait_step(page, 1)
    assert painted_step(page) > before / 2, "it went on from its checkpoint"
    page.click(at(ids.STOP))
    wait_state(page, "cancelled")


def test_without_a_websocket_the_page_asks_by_itself(page, studio):
    without_websocket(page)
    page.goto(studio.url)
    pick(page)
    choose(page, 128, 60)
    page.click(at(ids.START))
    wait_state(page, "done", timeout=2 * SOON)
    style = curve(page, "style", 60)
    assert style[-1] < style[0]
    assert max(download(page)[0].shape[:2]) == 128


def test_on_a_phone_the_whole_way_fits_the_screen(phone, studio):
    phone.goto(studio.url)
    choose(phone, 96, 10)
    phone.tap(at(ids.EXAMPLES[1]))
    wait_state(phone, "done", timeout=2 * SOON)
    overflow = phone.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert overflow <= 0
    box = phone.locator(at(ids.PICTURE)).bounding_box()
    assert box["width"] <= 390
    assert box["y"] < 844, "the picture comes first"


def test_keyboard_starts_and_stops(page, studio):
    page.goto(studio.url)
    pick(page)
    choose(page, 128, 4000)
    page.keyboard.press("Control+Enter")
    wait_state(page, "running")
    wait_step(page, 2)
    page.keyboard.press("Escape")
    wait_state(page, "cancelled")


def test_the_result_png_names_its_settings_and_nothing_private(page, studio):
    page.goto(studio.url)
    choose(page, 96, 6)
    page.click(at(ids.EXAMPLES[0]))
    wait_state(page, "done", timeout=2 * SOON)
    with page.expect_download() as started:
        page.click(at(ids.DOWNLOAD))
    content = Path(started.value.path()).read_bytes()
    settings = images.read_settings(io.BytesIO(content))
    assert settings["options"]["size"] == 96
    cookie = next(c["value"] for c in page.context.cookies() if c["name"] == "nst_client")
    assert cookie.partition(".")[0] not in str(settings)
