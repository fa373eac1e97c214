"""The preview in the canvas: there by itself, repainted by every hand, gone when a painting begins."""

import os
import re
import time
from typing import Any

import numpy as np
import pytest
from browser.visitor import SOON, at, choose, pick, still, wait_state
from playwright.sync_api import expect

from components import ids
from nst import fast_weights

pytestmark = pytest.mark.browser

PICTURE = f"{at(ids.PREVIEW_PICTURE)} img"


@pytest.fixture(scope="module", autouse=True)
def networks() -> None:
    fast_weights.fetch()


@pytest.fixture
def home(page: Any, studio: Any) -> Any:
    page.set_default_timeout(SOON)
    page.goto(studio.url)
    page.wait_for_selector(at(ids.START))
    return page


def shown(page: Any, after: str | None = None) -> str:
    """The address of the preview that is seen, once it is another than `after`."""
    page.wait_for_function(
        "([place, after]) => (seen => seen?.getClientRects().length && seen.src !== after)"
        "(document.querySelector(place))",
        arg=[PICTURE, after],
    )
    return str(page.get_attribute(PICTURE, "src"))


def seen(page: Any) -> np.ndarray:
    """The preview, small, 0..255."""
    return np.array(
        page.evaluate(
            """place => {
              const small = new OffscreenCanvas(32, 24).getContext("2d");
              small.drawImage(document.querySelector(place), 0, 0, 32, 24);
              return [...small.getImageData(0, 0, 32, 24).data].filter((_, i) => i % 4 < 3);
            }""",
            PICTURE,
        ),
        float,
    )


def difference(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one - other).mean())


def shot(page: Any, name: str) -> None:
    """A screenshot, where somebody wants to look at it."""
    folder = os.environ.get("NST_SCREENSHOTS")
    if folder:
        page.screenshot(path=f"{folder}/{name}-{page.viewport_size['width']}.png")


def style(page: Any, name: str) -> None:
    page.locator(f"[id*='sample-style'][id*='\"{name}\"']").click()


def move(page: Any, element: str, value: str) -> None:
    page.locator(element).fill(value)


def test_it_comes_by_itself_and_says_what_it_is(home: Any) -> None:
    home.locator("[id*='sample-photo'][id*='\"chelsea\"']").click()
    home.wait_for_selector(f"{at(ids.CONTENT_VIEW)} img")
    expect(home.locator(PICTURE), "there is one picture only").to_have_count(0)
    style(home, "night-sky")
    shown(home)
    expect(home.locator(".preview-mark")).to_be_visible()
    expect(home.locator(".preview-mark")).to_have_text("Preview")
    expect(home.locator(at(ids.PREVIEW_WORDS))).to_contain_text("Start paints it in full")
    assert home.is_hidden(".welcome")
    assert home.is_hidden(at(ids.STATUS))
    box, picture = (home.locator(place).bounding_box() for place in (".canvas > .frame", PICTURE))
    assert picture["width"] / picture["height"] == pytest.approx(451 / 300, abs=0.05)
    assert picture["width"] > 0.9 * box["width"]
    shot(home, "preview")


def test_other_pictures_and_sliders_repaint_it(home: Any) -> None:
    pick(home)
    address = shown(home)
    first = seen(home)
    style(home, "wave")
    address = shown(home, address)
    whole = seen(home)
    assert difference(whole, first) > 8, "another painting"
    move(home, at(ids.STRENGTH), "30")
    address = shown(home, address)
    weak = seen(home)
    assert difference(weak, whole) > 5, "less of it"
    move(home, at(ids.STRENGTH), "100")
    address = shown(home, address)
    assert difference(seen(home), whole) < 1
    move(home, at(ids.option("style_weight")), "-2")
    address = shown(home, address)
    assert difference(seen(home), whole) > 5, "less weight"
    move(home, at(ids.option("style_weight")), "0")
    address = shown(home, address)
    home.locator("[id*='sample-add'][id*='\"mosaic\"']").click()
    address = shown(home, address)
    mix = seen(home)
    assert difference(mix, whole) > 3, "a blend"
    home.locator(".blend-row input").first.fill("1")
    address = shown(home, address)
    assert difference(seen(home), mix) > 3, "another blend"
    home.locator("[id*='sample-photo']").nth(1).click()
    shown(home, address)


def test_a_painting_takes_its_place_and_another_pair_brings_it_back(home: Any) -> None:
    pick(home)
    shown(home)
    choose(home, 96, 4)
    home.click(at(ids.START))
    wait_state(home, "done", timeout=2 * SOON)
    home.wait_for_selector(PICTURE, state="detached")
    expect(home.locator(at(ids.PICTURE))).to_be_visible()
    expect(home.locator(at(ids.DOWNLOAD))).to_be_visible()
    expect(home.locator(at(ids.STATUS))).to_have_text("Finished")
    style(home, "wave")
    shown(home)
    assert home.is_hidden(at(ids.DOWNLOAD))
    style(home, "night-sky")
    home.wait_for_selector(PICTURE, state="detached")
    expect(home.locator(at(ids.DOWNLOAD)), "the finished painting is on the easel again").to_be_visible()
    home.reload()
    wait_state(home, "done")
    home.wait_for_timeout(500)
    expect(home.locator(PICTURE)).to_have_count(0)
    home.click(at(ids.NEW_BUTTON))
    shown(home)


def test_without_a_photograph_there_is_none(home: Any) -> None:
    pick(home)
    shown(home)
    home.click(at(ids.CONTENT_REMOVE))
    home.wait_for_selector(PICTURE, state="detached")
    expect(home.locator(".welcome")).to_be_visible()


def test_two_side_by_side_are_left_alone(home: Any, studio: Any) -> None:
    pick(home)
    shown(home)
    home.goto(f"{studio.url}/compare/{'0' * 32}/{'1' * 32}")
    home.wait_for_selector(f"{at(ids.PAGE)}[data-view=comparison]")
    home.wait_for_timeout(500)
    expect(home.locator(at(ids.PAGE))).not_to_have_attribute("data-preview", re.compile(""))
    home.click(at(ids.NEW_BUTTON))
    shown(home)


def test_what_it_leaves_out_is_said(home: Any) -> None:
    pick(home)
    shown(home)
    photograph = home.evaluate("() => JSON.parse(sessionStorage.getItem('content-picture'))")
    home.evaluate(
        "([store, data]) => dash_clientside.set_props(store, { data })",
        [ids.MASK, {**photograph, "of": photograph["id"]}],
    )
    home.locator(at(ids.PREVIEW_WORDS)).get_by_text("mask and regions are not in it yet").wait_for()


def test_a_refusal_is_a_sentence_and_the_next_pair_is_tried(home: Any) -> None:
    told = '{"error": {"code": "not_found", "message": "There is no such picture.", "field": "content"}}'
    home.route(
        "**/api/v1/preview",
        lambda route: route.fulfill(status=404, content_type="application/json", body=told),
    )
    pick(home)
    home.locator(at(ids.PREVIEW_WORDS)).get_by_text("There is no such picture.").wait_for()
    expect(home.locator(".welcome")).to_be_visible()
    shot(home, "preview-refused")
    home.unroute("**/api/v1/preview")
    style(home, "wave")
    shown(home)
    expect(home.locator(at(ids.PREVIEW_WORDS))).to_contain_text("Start paints it")


def test_one_question_is_under_way_and_the_newest_wins(home: Any) -> None:
    pick(home)
    shown(home)
    asked: list[dict] = []

    def slowly(route: Any) -> None:
        asked.append(route.request.post_data_json)
        time.sleep(0.3)
        route.continue_()

    home.route("**/api/v1/preview", slowly)
    for value in range(99, 40, -1):
        home.evaluate(
            "([id, value]) => { const slider = document.getElementById(id);"
            " Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(slider, value);"
            " slider.dispatchEvent(new Event('input', { bubbles: true })); }",
            [ids.STRENGTH, str(value)],
        )
    deadline = time.monotonic() + SOON / 1e3
    while not asked or asked[-1]["strength"] != 0.41:
        assert time.monotonic() < deadline, asked
        home.wait_for_timeout(100)
    assert len(asked) < 15


def test_on_a_phone_it_fits(phone: Any, studio: Any) -> None:
    phone.set_default_timeout(SOON)
    phone.goto(studio.url)
    pick(phone)
    shown(phone)
    assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert phone.locator(PICTURE).bounding_box()["width"] <= 390
    phone.evaluate("window.scrollTo(0, 0)")
    shot(phone, "preview")


def test_nothing_bars_people(home: Any) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    pick(home)
    shown(home)
    home.click(f"{at(ids.SHEET)} > summary")
    home.locator(f"{at(ids.SHEET_VIEW)} canvas").nth(25).wait_for()
    for theme in ("light", "dark"):
        home.evaluate("theme => (document.documentElement.dataset.bsTheme = theme)", theme)
        still(home)
        shot(home, f"preview-sheet-{theme}")
        found = axe.Axe().run(home, at(ids.PAGE)).response["violations"]
        assert [(one["id"], one["impact"]) for one in found if one["impact"] in ("serious", "critical")] == []


def test_26_styles_at_a_glance(home: Any) -> None:
    home.click(f"{at(ids.SHEET)} > summary")
    home.locator(at(ids.SHEET_NOTE)).get_by_text("Choose a photograph").wait_for()
    home.locator("[id*='sample-photo'][id*='\"chelsea\"']").click()
    tiles = home.locator(f"{at(ids.SHEET_VIEW)} canvas")
    tiles.nth(25).wait_for()
    expect(tiles).to_have_count(26)
    labels = [tiles.nth(place).get_attribute("aria-label") for place in (0, 25)]
    assert [re.search(r"\d+", label)[0] for label in labels] == ["1", "26"]
    inks = tiles.evaluate_all(
        "all => all.map(one => {"
        " const d = one.getContext('2d').getImageData(0, 0, one.width, one.height).data;"
        " return [0, 1, 2].map(c => { let s = 0; for (let i = c; i < d.length; i += 4) s += d[i];"
        " return s / (d.length / 4); }); })"
    )
    assert len({tuple(round(value) for value in ink) for ink in inks}) > 20, "each another"
