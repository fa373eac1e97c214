"""The page around the painting: the blend, options and history across reloads and tabs, every width."""

import pytest
from browser.visitor import SOON, at, choose, pick, wait_state
from playwright.sync_api import expect

from components import ids

pytestmark = pytest.mark.browser


@pytest.fixture
def home(page, studio):
    page.goto(studio.url)
    page.wait_for_selector(at(ids.START))
    return page


def hang(page, name):
    return page.locator(f"[id*='sample-style'][id*='\"{name}\"']")


def plus(page, name):
    return page.locator(f"[id*='sample-add'][id*='\"{name}\"']")


def hanging(page, count):
    page.wait_for_function(
        "([id, count]) => document.querySelectorAll(`#${id} img`).length === count",
        arg=[ids.STYLE_VIEW, count],
    )


def painted(page):
    choose(page, 64, 2)
    page.click(at(ids.START))
    wait_state(page, "done", timeout=2 * SOON)


def test_a_blend_grows_by_plus_and_survives_a_click(home):
    hang(home, "wave").click()
    hanging(home, 1)
    plus(home, "cubism").focus()
    home.keyboard.press("Enter")
    hanging(home, 2)
    hang(home, "linocut").click()
    hanging(home, 3)
    plus(home, "pop-art").click()
    hanging(home, 4)
    hang(home, "wave").click()
    home.get_by_text("That painting is in the blend already.").wait_for()
    hang(home, "mosaic").click()
    home.get_by_text("Four paintings fit. Remove one to make room.").wait_for()
    hanging(home, 4)


def test_a_reload_keeps_pictures_and_options(home):
    pick(home)
    choose(home, 320, 77)
    home.locator(f"{at(ids.ADVANCED)} > summary").click()
    home.select_option(at(ids.option("preserve_color")), "luminance")
    home.locator(at(ids.option("style_weight"))).fill("2")
    reads = "([id, text]) => document.getElementById(id).textContent === text"
    home.wait_for_function(reads, arg=[ids.option_readout("style_weight"), "100"])
    home.reload()
    home.wait_for_selector(f"{at(ids.START)}:enabled")
    home.wait_for_function("id => document.getElementById(id).value === '320'", arg=ids.option("size"))
    expect(home.locator(at(ids.option("steps")))).to_have_value("77")
    expect(home.locator(at(ids.option("preserve_color")))).to_have_value("luminance")
    home.wait_for_function(reads, arg=[ids.option_readout("style_weight"), "100"])
    expect(home.locator(at(ids.option("style_weight")))).to_have_attribute("aria-valuetext", "100")


def test_a_number_that_cannot_be_is_marked_where_it_stands(home):
    pick(home)
    field = home.locator(at(ids.option("size")))
    assert field.get_attribute("aria-describedby") == f"{ids.option('size')}-help"
    field.fill("7")
    home.wait_for_selector(f"{at(ids.option('size'))}.is-invalid[aria-invalid=true]")
    home.wait_for_selector(f"{at(ids.START)}:disabled")
    field.fill("300")
    home.wait_for_selector(f"{at(ids.option('size'))}[aria-invalid=false]")
    home.wait_for_selector(f"{at(ids.START)}:enabled")


def test_a_painting_is_deleted_after_a_question_in_every_tab(home, studio):
    pick(home)
    painted(home)
    home.click(at(ids.NEW_BUTTON))
    wait_state(home, "empty")
    painted(home)
    other = home.context.new_page()
    other.goto(home.url)
    other.wait_for_selector(f"{at(ids.DOWNLOAD)}[href^='/api']")
    home.click(at(ids.NEW_BUTTON))
    wait_state(home, "empty")
    entries = home.locator(".history-entry")
    home.wait_for_function("() => document.querySelectorAll('.history-entry .remove-button').length === 2")
    entries.first.hover()
    entries.first.locator("[data-pick]").click()
    home.wait_for_selector(at(ids.HISTORY_PAIR))
    entries.first.locator(".remove-button").click()
    home.keyboard.press("Escape")
    expect(entries).to_have_count(2)
    entries.first.locator(".remove-button").click()
    entries.first.get_by_role("button", name="Delete", exact=True).click()
    home.wait_for_function("() => document.querySelectorAll('.history-entry').length === 1")
    assert home.evaluate("document.activeElement.className") == "history-link"
    home.wait_for_selector(at(ids.HISTORY_PAIR), state="hidden")  # what was picked is gone
    wait_state(other, "empty")
    other.wait_for_function("() => document.querySelectorAll('.history-entry').length === 1")
    expect(other.locator(at(ids.DOWNLOAD))).to_be_hidden()


@pytest.mark.parametrize("width", [320, 390, 768, 1024, 1440])
def test_nothing_sticks_out_sideways(home, width):
    home.set_viewport_size({"width": width, "height": 900})
    overflow = "document.documentElement.scrollWidth - window.innerWidth"
    assert home.evaluate(overflow) <= 0
    pick(home)
    painted(home)
    home.wait_for_selector(at(ids.DOWNLOAD))
    assert home.evaluate(overflow) <= 0
    box = home.locator(at(ids.DOWNLOAD)).bounding_box()
    assert box["x"] + box["width"] <= width
