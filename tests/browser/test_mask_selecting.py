"""assets/mask*.js: the studio says what the thing under a click is."""

import json
import re

import numpy as np
import pytest
from browser.mask_hands import (
    HEIGHT,
    WIDTH,
    brush,
    drag,
    is_empty,
    on_page,
    open_painter,
    png,
    put_pictures,
    used,
)
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def content(site):
    put_pictures(site)


@pytest.fixture
def things(site):
    """Two things in the picture: left and right of the middle; and a studio that knows them."""
    left, right = np.zeros((2, HEIGHT, WIDTH), np.uint8)
    left[100:200, 40:160] = 255
    right[100:200, 240:360] = 255
    masks = {
        "left": left,
        "right": right,
        "both": left | right,
        "small": np.where(left, 0, 0).astype(np.uint8),
    }
    masks["small"][130:170, 80:120] = 255
    for name, mask in masks.items():
        site.pages[f"/{name}.png"] = png(mask)
    site.pages["/content.png/proposals"] = json.dumps(
        [{"name": name, "url": f"/{mask}.png"} for name, mask in (("subject", "left"), ("sky", "right"))]
    ).encode()

    def selected(body):
        clicks = json.loads(body)["clicks"]
        sides = {("left" if click["x"] < 0.5 else "right") for click in clicks if click["add"]}
        sides -= {("left" if click["x"] < 0.5 else "right") for click in clicks if not click["add"]}
        name = "both" if len(sides) == 2 else sides.pop()
        name = "small" if clicks[-1].get("level") == 0 else name
        return {"url": f"/{name}.png", "level": clicks[-1].get("level", 0.5), "levels": [0.01, 0.1, 0.2]}

    site.said["/content.png/select"] = selected
    return masks


def select(page, *points, **modifiers):
    page.get_by_role("button", name="Select", exact=True).click()
    for point in points:
        page.locator(".mask-painter:not(.is-waiting)").wait_for()
        page.mouse.move(*on_page(page, point))
        page.mouse.down()
        page.mouse.up()
        page.locator(".mask-painter.is-waiting").wait_for(state="detached")
        page.wait_for_timeout(150)


def test_a_click_selects_the_thing_under_it_and_the_next_one_more(page, site, calls, things):
    open_painter(page, site, selects=True)
    select(page, (100, 150))
    assert np.array_equal(used(page, site, calls), things["left"])
    select(page, (300, 150))
    assert np.array_equal(used(page, site, calls), things["both"])
    assert [len(json.loads(body)["clicks"]) for body in site.asked] == [1, 2]
    assert json.loads(site.asked[0])["clicks"] == [{"x": 0.25, "y": 0.5, "add": True}]


def test_alt_or_take_away_removes_what_is_under_the_click(page, site, calls, things):
    open_painter(page, site, selects=True)
    select(page, (100, 150), (300, 150))
    page.keyboard.down("Alt")
    select(page, (100, 150))
    page.keyboard.up("Alt")
    assert np.array_equal(used(page, site, calls), things["right"])
    page.get_by_role("button", name="Fill").click()
    page.get_by_role("button", name="Take away").click()
    select(page, (300, 150))
    assert np.array_equal(used(page, site, calls), 255 - things["right"])
    page.get_by_role("button", name="Add").click()


def test_there_is_nothing_to_take_away_beside_the_paint(page, site, things):
    open_painter(page, site, selects=True)
    page.keyboard.down("Alt")
    select(page, (100, 150))
    page.keyboard.up("Alt")
    page.get_by_text("Nothing is painted there").wait_for()
    assert not site.asked


def test_what_was_painted_by_hand_stays(page, site, calls, things):
    open_painter(page, site, selects=True)
    brush(page, size=10, softness=0)
    drag(page, (200, 40))
    painted = used(page, site, calls)
    select(page, (100, 150))
    assert np.array_equal(used(page, site, calls), painted | things["left"])
    page.get_by_role("button", name="Undo").click()
    assert np.array_equal(used(page, site, calls), painted)


def test_the_slider_shrinks_what_was_selected_and_a_row_is_one_step_to_undo(page, site, calls, things):
    open_painter(page, site, selects=True)
    extent = page.get_by_label("How much is selected")
    page.get_by_role("button", name="Select", exact=True).click()
    expect(extent).to_be_disabled()
    expect(extent).to_have_attribute("title", re.compile("Click on something first"))
    select(page, (100, 150))
    extent.fill("0")
    page.get_by_text("covers", exact=False).or_(page.get_by_text("takes the style")).first.wait_for()
    page.wait_for_timeout(300)
    assert np.array_equal(used(page, site, calls), things["small"])
    page.get_by_role("button", name="Undo").click()
    assert is_empty(page)
    expect(extent).to_be_disabled()


def test_the_keyboard_selects_too(page, site, calls, things):
    open_painter(page, site, selects=True)
    page.locator(".mask-canvas").focus()
    page.keyboard.press("s")
    for _ in range(5):
        page.keyboard.press("ArrowLeft")
    page.keyboard.press("Space")
    page.wait_for_function("!window.pentimento.mask.painter('mask').mask.isEmpty")
    assert np.array_equal(used(page, site, calls), things["left"])


def test_what_is_proposed_is_one_click_away(page, site, calls, things):
    open_painter(page, site, selects=True)
    expect(page.get_by_role("button", name="Background")).to_have_count(0)
    page.get_by_role("button", name="Subject").click()
    page.wait_for_function("!window.pentimento.mask.painter('mask').mask.isEmpty")
    assert np.array_equal(used(page, site, calls), things["left"])
    page.get_by_role("button", name="Sky").click()
    page.wait_for_function("window.pentimento.mask.painter('mask').mask.share > 0.15")
    assert np.array_equal(used(page, site, calls), things["both"])


def test_a_studio_that_cannot_select_says_why(page, site, things):
    def refuse(_body):
        raise LookupError

    site.said["/content.png/select"] = refuse
    open_painter(page, site, selects=True)
    select(page, (100, 150))
    page.get_by_text("The studio could not select there (status 500).").wait_for()
    assert is_empty(page)


def test_without_a_studio_that_selects_there_is_no_such_tool(page, site):
    open_painter(page, site)
    expect(page.get_by_role("button", name="Select", exact=True)).to_have_count(0)
    assert page.locator(".mask-suggestions").is_hidden()
    page.keyboard.press("s")
    expect(page.get_by_role("button", name="Brush")).to_have_attribute("aria-pressed", "true")
