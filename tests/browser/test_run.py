"""assets/run.js and assets/notes.js on the real page: hasty hands, lost focus, a studio that is gone."""

import signal

import numpy as np
import pytest
from browser import visitor
from browser.visitor import SOON, at, choose, pick, wait_state, wait_step
from playwright.sync_api import expect

from components import ids
from nst import images

pytestmark = pytest.mark.browser


@pytest.fixture
def easel(page, studio):
    """A page with a photograph and a painting chosen, for a painting that takes its time."""
    page.goto(studio.url)
    pick(page)
    choose(page, 96, 4000)
    yield page
    if page.is_visible(at(ids.STOP)):
        page.wait_for_timeout(1100)
        page.click(at(ids.STOP))
        wait_state(page, "cancelled", "done")


def jobs(page):
    return page.evaluate("fetch('/api/v1/jobs').then(a => a.json()).then(a => a.jobs)")


def put(page, card, path, pixels):
    path.write_bytes(images.encode_png(pixels))
    with page.expect_file_chooser() as chooser:
        page.click(at(card))
    chooser.value.set_files(path)


def focused(page):
    return page.evaluate("document.activeElement.id")


@pytest.mark.parametrize("pause", [0, 120, 450])
def test_a_second_click_on_start_neither_stops_nor_starts_again(easel, pause):
    easel.wait_for_selector(at(ids.STYLE_ADD))  # comes after the painting, and moves Start
    box = easel.locator(at(ids.START)).bounding_box()
    place = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    easel.mouse.click(*place)
    easel.wait_for_timeout(pause)
    easel.mouse.click(*place)
    wait_step(easel, 3)
    expect(easel.locator(at(ids.PAGE))).to_have_attribute("data-state", "running")
    assert len(jobs(easel)) == 1


def test_a_second_click_on_an_example_starts_nothing_more(page, studio):
    page.goto(studio.url)
    choose(page, 96, 6)
    page.dblclick(at(ids.EXAMPLES[0]))
    wait_state(page, "done", timeout=2 * SOON)
    assert len(jobs(page)) == 1


def test_the_focus_goes_from_start_to_stop_and_back(easel):
    easel.focus(at(ids.START))
    easel.keyboard.press("Enter")
    wait_step(easel, 2)
    assert focused(easel) == ids.STOP
    easel.wait_for_timeout(1100)
    easel.keyboard.press("Enter")
    wait_state(easel, "cancelled")
    easel.wait_for_function("id => document.activeElement.id === id", arg=ids.START)


def test_esc_in_a_field_does_not_stop_the_painting(easel):
    easel.click(at(ids.START))
    wait_step(easel, 2)
    easel.wait_for_timeout(1100)
    easel.focus(at(ids.option("steps")))
    easel.keyboard.press("Escape")
    easel.wait_for_timeout(300)
    expect(easel.locator(at(ids.PAGE))).to_have_attribute("data-state", "running")
    easel.focus(at(ids.option("style_weight")))  # a slider, where the focus is after steering
    easel.keyboard.press("Escape")
    wait_state(easel, "cancelled")


def test_a_mask_is_told_beside_start_and_leaves_with_its_photograph(easel, tmp_path):
    mask = np.zeros((40, 50, 3), np.uint8)
    easel.locator("summary", has_text="Paint only a part").click()
    put(easel, ids.MASK_CARD, tmp_path / "black.png", mask)
    notes = easel.locator(at(ids.MASK_NOTES))
    notes.get_by_text("The mask is black all over").wait_for()
    mask[:, 25:] = 255
    put(easel, ids.MASK_CARD, tmp_path / "half.png", mask)
    notes.get_by_text("the mask is resized to fit").wait_for()
    easel.reload()
    easel.wait_for_selector(at(ids.MASK_IN_USE))
    assert easel.locator(at(ids.MASK_FOLD)).evaluate("fold => fold.open")
    easel.locator("[id*='sample-photo'][id*='\"astronaut\"']").click()
    easel.wait_for_selector(at(ids.MASK_IN_USE), state="hidden")
    notes.get_by_text("belonged to the photograph before").wait_for()
    easel.wait_for_selector(f"{at(ids.START)}:enabled")
    easel.click(at(ids.START))
    wait_step(easel, 1)
    assert jobs(easel)[0]["mask"] is None


def test_five_paintings_are_four_and_a_note(page, studio, tmp_path):
    page.goto(studio.url)
    paths = []
    for number in range(6):
        paths.append(tmp_path / f"{number}.png")
        paths[-1].write_bytes(images.encode_png(np.full((40, 40, 3), 40 * number, np.uint8)))
    with page.expect_file_chooser() as chooser:
        page.click(at(ids.STYLE_CARD))
    chooser.value.set_files(paths)
    page.get_by_text("Four paintings fit; two were left out.").wait_for(timeout=SOON)
    expect(page.locator(f"{at(ids.STYLE_VIEW)} img")).to_have_count(4)
    page.locator(".blend-row .remove-button").first.click()
    page.get_by_text("Four paintings fit").wait_for(state="detached")


def test_with_the_studio_gone_the_page_says_so_by_itself(page, tmp_path, tmp_path_factory, vgg19_file):
    studio = visitor.Studio(tmp_path_factory.mktemp("gone"))
    studio.start()
    page.goto(studio.url)
    pick(page)
    choose(page, 96, 4000)
    page.click(at(ids.START))
    wait_step(page, 2)
    studio.end(signal.SIGKILL)
    put(page, ids.CONTENT_CARD, tmp_path / "a.png", np.zeros((40, 40, 3), np.uint8))
    page.locator(at(ids.CONTENT_NOTES)).get_by_text("The studio did not answer").wait_for()
    page.wait_for_selector(at(ids.DISCONNECTED))
    page.wait_for_selector(f"{at(ids.STOP)}:disabled")
    expect(page.locator(at(ids.STOP_REASON))).to_contain_text("Stop waits")
    studio.start()
    page.wait_for_selector(at(ids.DISCONNECTED), state="hidden", timeout=SOON)
    page.wait_for_selector(f"{at(ids.STOP)}:enabled")
    studio.end()


def test_start_waits_for_a_picture_that_is_on_its_way(easel, tmp_path):
    held = []
    easel.route("**/api/v1/images", lambda route: held.append(route))
    with easel.expect_request("**/api/v1/images"):
        put(easel, ids.CONTENT_CARD, tmp_path / "a.png", np.zeros((40, 40, 3), np.uint8))
    easel.wait_for_selector(f"{at(ids.START)}:disabled")
    expect(easel.locator(at(ids.START_REASON))).to_have_text("A picture is on its way.")
    # The studio has the photograph: the painting that comes after it is waited for all the same.
    with easel.expect_request("**/api/v1/images"):
        put(easel, ids.STYLE_CARD, tmp_path / "b.png", np.full((40, 40, 3), 9, np.uint8))
    before = easel.get_attribute(f"{at(ids.CONTENT_VIEW)} img", "src")
    held[0].continue_()
    easel.wait_for_function(
        "([view, before]) => document.querySelector(`${view} img`).getAttribute('src') !== before",
        arg=[at(ids.CONTENT_VIEW), before],
    )
    expect(easel.locator(at(ids.START))).to_be_disabled()
    held[1].continue_()
    easel.wait_for_selector(f"{at(ids.START)}:enabled")
