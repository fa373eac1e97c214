"""What comes after the run: strength, stages, both sides, two beside each other, many at once, and again."""

import io
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest
from browser.visitor import SOON, at, choose, pick, still, wait_state, wait_step
from PIL import Image
from playwright.sync_api import expect

from components import ids
from nst import images

pytestmark = pytest.mark.browser

GALLERY = Path(__file__).resolve().parents[2] / "assets" / "gallery"
OVER = f"{at(ids.OVER)} img"
SERIOUS = ("serious", "critical")


@pytest.fixture(scope="module")
def painted(browser, studio):
    """Two finished paintings of one visitor: their ids, the newer one first, and the visitor's cookies."""
    context = browser.new_context()
    made = []
    for style in ("wave", "night-sky"):
        picture = [
            context.request.post(f"{studio.url}/api/v1/samples/{name}", max_retries=2).json()["id"]
            for name in ("chelsea", style)
        ]
        asked = {
            "content": picture[0],
            "styles": [{"image": picture[1]}],
            "options": {"size": 160, "steps": 24},
        }
        made.insert(0, context.request.post(f"{studio.url}/api/v1/jobs", data=asked).json()["id"])
    page = context.new_page()
    for job in made:
        page.goto(f"{studio.url}/jobs/{job}")
        wait_state(page, "done", timeout=2 * SOON)
    cookies = context.cookies()
    context.close()
    return made, cookies


@pytest.fixture
def home(page, studio):
    """The front door."""
    page.set_default_timeout(SOON)
    page.goto(studio.url)
    page.wait_for_selector(at(ids.START))
    return page


@pytest.fixture
def finished(page, studio, painted):
    """A page with the newest painting on the easel."""
    (job, _), cookies = painted
    page.set_default_timeout(SOON)
    page.context.add_cookies(cookies)
    page.goto(f"{studio.url}/jobs/{job}")
    wait_state(page, "done")
    page.wait_for_selector(at(ids.DOWNLOAD))
    page.wait_for_selector("[data-stage]")
    return page


def saved(page, selector):
    with page.expect_download() as started:
        page.click(selector)
    return Path(started.value.path()).read_bytes(), started.value.suggested_filename


def slide(page, value):
    page.locator(at(ids.STRENGTH)).fill(str(value))


def over(page, part):
    """Waits for a picture over the painting whose address holds these words."""
    page.wait_for_function(
        "([selector, part]) => document.querySelector(selector)?.src.includes(part)", arg=[OVER, part]
    )


def uncovered(page):
    page.wait_for_function("selector => !document.querySelector(selector)", arg=OVER)


def edge(page, selector=".canvas .frame"):
    return page.locator(selector).evaluate("frame => parseFloat(frame.style.getPropertyValue('--compare'))")


def drag(page, selector, *shares):
    """Across a picture, by shares of its width."""
    box = page.locator(selector).bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * shares[0], y)
    page.mouse.down()
    for share in shares[1:]:
        page.mouse.move(box["x"] + box["width"] * share, y, steps=4)
    page.mouse.up()


def barriers(page):
    """What axe finds that bars people from the page."""
    from axe_playwright_python.sync_playwright import Axe

    still(page)
    found = Axe().run(page).response["violations"]
    return [
        (one["id"], [node["target"] for node in one["nodes"]][:4])
        for one in found
        if one["impact"] in SERIOUS
    ]


# Strength


def test_the_strength_is_seen_while_the_slider_moves_and_is_exact_at_its_ends(finished):
    finished.evaluate(
        "place => { window.bare = 0; const over = document.querySelector(place);"
        " new MutationObserver(() => { if (!over.children.length) window.bare += 1; })"
        ".observe(over, { childList: true }); }",
        at(ids.OVER),
    )
    for value in (80, 60, 45, 30, 52):
        slide(finished, value)
    over(finished, "preview-strength.jpg?strength=0.52")
    assert finished.evaluate("window.bare") == 0, "between two strengths something is always seen"
    slide(finished, 0)
    over(finished, "/api/v1/images/")
    slide(finished, 100)
    uncovered(finished)
    expect(finished.locator(at(ids.PICTURE))).to_have_attribute("src", re.compile(r"/result\.png$"))


def test_a_strength_that_comes_too_late_is_not_shown(finished):
    held = []
    finished.route("**/preview-strength.jpg*", lambda route: held.append(route))
    with finished.expect_request("**/preview-strength.jpg*"):
        slide(finished, 50)
    slide(finished, 100)
    with finished.expect_response("**/preview-strength.jpg*"):
        held[0].continue_()
    finished.wait_for_timeout(300)
    expect(finished.locator(OVER)).to_have_count(0)
    finished.unroute("**/preview-strength.jpg*")
    slide(finished, 60)
    over(finished, "strength=0.6")


def test_the_download_has_the_strength_that_is_seen(finished):
    whole = images.decode(saved(finished, at(ids.DOWNLOAD))[0]).pixels
    download = finished.locator(at(ids.DOWNLOAD))
    slide(finished, 50)
    expect(download).to_have_attribute("href", re.compile(r"strength=0\.5"))
    half = images.decode(saved(finished, at(ids.DOWNLOAD))[0]).pixels
    slide(finished, 0)
    expect(download).to_have_attribute("href", re.compile(r"strength=0(&|$)"))
    none = images.decode(saved(finished, at(ids.DOWNLOAD))[0]).pixels
    assert whole.shape == half.shape == none.shape
    distance = [float(np.abs(other.astype(int) - whole).mean()) for other in (half, none)]
    assert 2 < distance[0] < distance[1]


@pytest.mark.parametrize(("kind", "suffix", "format_"), [("jpg", "jpg", "JPEG"), ("webp", "webp", "WEBP")])
def test_it_is_taken_home_under_the_name_and_in_the_format_that_are_chosen(finished, kind, suffix, format_):
    finished.fill(at(ids.DOWNLOAD_NAME), "Cat at night")
    finished.select_option(at(ids.DOWNLOAD_FORMAT), kind)
    finished.wait_for_function(
        "([id, kind]) => document.getElementById(id).href.includes(`result.${kind}`)",
        arg=[ids.DOWNLOAD, kind],
    )
    data, name = saved(finished, at(ids.DOWNLOAD))
    assert name == f"Cat at night.{suffix}"
    with Image.open(io.BytesIO(data)) as picture:
        assert picture.format == format_
        assert max(picture.size) == 160


def test_the_keyboard_moves_the_strength(finished):
    finished.focus(at(ids.STRENGTH))
    finished.keyboard.press("ArrowLeft")
    over(finished, "strength=0.99")
    expect(finished.locator(at(ids.STRENGTH))).to_have_attribute("aria-valuetext", "99 %")
    finished.keyboard.press("Home")
    over(finished, "/api/v1/images/")


# Stages


def test_stages_are_shown_by_click_and_by_arrow_key_and_lead_back_to_the_result(finished):
    frames = finished.locator("[data-stage]")
    assert frames.count() > 4
    frames.nth(1).click()
    over(finished, frames.nth(1).get_attribute("data-stage"))
    finished.keyboard.press("ArrowRight")
    over(finished, frames.nth(2).get_attribute("data-stage"))
    expect(frames.nth(2)).to_have_attribute("aria-checked", "true")
    expect(frames.nth(1)).to_have_attribute("aria-checked", "false")
    finished.keyboard.press("End")
    uncovered(finished)
    frames.nth(0).click()
    over(finished, "/stages/1.jpg")
    slide(finished, 40)
    over(finished, "strength=0.4")
    expect(frames.last).to_have_attribute("aria-checked", "true")


def test_the_film_is_an_animation_of_the_stages(finished):
    data, name = saved(finished, at(ids.TIMELAPSE))
    assert name.endswith(".webp")
    with Image.open(io.BytesIO(data)) as film:
        assert film.n_frames > 4


def test_stages_come_while_it_is_painted(home):
    pick(home)
    choose(home, 96, 1200)  # a stage every few seconds, and enough of them to stop between two
    home.click(at(ids.START))
    wait_step(home, 2)
    home.wait_for_function("() => document.querySelectorAll('[data-stage]').length > 2", timeout=2 * SOON)
    expect(home.locator("[data-stage]").last).to_have_text("Now")
    home.wait_for_timeout(1100)
    home.click(at(ids.STOP))
    wait_state(home, "cancelled")


# Before and after


def test_the_photograph_is_drawn_over_the_painting_by_hand_and_by_key(finished):
    drag(finished, ".canvas .frame", 0.1, 0.6)
    assert 55 < edge(finished) < 65
    before = edge(finished)
    finished.focus(at(ids.COMPARE))
    finished.keyboard.press("ArrowRight")
    assert edge(finished) == before + 1
    expect(finished.locator(at(ids.COMPARE))).to_have_attribute(
        "aria-valuetext", re.compile("percent photograph")
    )


def test_the_edge_lies_over_the_picture(finished):
    drag(finished, ".canvas .frame", 0.1, 0.5)
    picture = finished.locator(at(ids.PICTURE)).bounding_box()
    knob = finished.locator(".canvas .compare-edge").bounding_box()
    assert abs(knob["x"] + knob["width"] / 2 - picture["x"] - picture["width"] / 2) < 5
    assert abs(knob["y"] - picture["y"]) < 2
    assert abs(knob["height"] - picture["height"]) < 2


def test_a_finger_draws_the_edge(phone, studio, painted):
    (job, _), cookies = painted
    phone.set_default_timeout(SOON)
    phone.context.add_cookies(cookies)
    phone.goto(f"{studio.url}/jobs/{job}")
    wait_state(phone, "done")
    phone.wait_for_function("id => document.getElementById(id).naturalWidth > 1", arg=ids.PICTURE)
    box = phone.locator(at(ids.PICTURE)).bounding_box()
    phone.touchscreen.tap(box["x"] + box["width"] * 0.7, box["y"] + box["height"] / 2)
    assert 65 < edge(phone) < 75
    assert phone.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0


# Two side by side


def test_two_hang_side_by_side_with_one_edge(finished, studio, painted):
    for job in painted[0]:
        picker = finished.locator(f"[data-pick='{job}']")
        picker.hover()
        picker.click()
    finished.click(at(ids.HISTORY_PAIR_LINK))
    finished.wait_for_selector(".side-of-pair")
    assert finished.url == f"{studio.url}/compare/{painted[0][0]}/{painted[0][1]}"
    frames = ".side-of-pair .frame"
    drag(finished, f"{frames} >> nth=0", 0.1, 0.4)
    assert edge(finished, f"{frames} >> nth=0") == edge(finished, f"{frames} >> nth=1") > 30
    finished.locator(f"{frames} input").last.focus()
    finished.keyboard.press("End")
    assert edge(finished, f"{frames} >> nth=0") == 100
    finished.reload()
    finished.wait_for_selector(".side-of-pair")
    expect(finished.locator(".canvas")).to_be_hidden()


# Again


def test_a_painting_is_used_again(finished, studio, painted):
    finished.goto(studio.url)
    finished.wait_for_selector(".history-entry")
    choose(finished, 321, 12)
    entry = finished.locator(".history-entry", has=finished.locator(f"a[href='/jobs/{painted[0][0]}']"))
    entry.hover()
    entry.get_by_role("button", name="Use again").click()
    finished.get_by_text("Its pictures and settings are back").wait_for()
    finished.wait_for_function("id => document.getElementById(id).value === '160'", arg=ids.option("size"))
    finished.wait_for_selector(f"{at(ids.START)}:enabled")
    expect(finished.locator(f"{at(ids.CONTENT_VIEW)} img")).to_have_count(1)


def test_a_reload_keeps_what_is_prepared_beside_the_painting(finished):
    pick(finished, "coffee", "wave")
    finished.locator("[id*='sample-add'][id*='mosaic']").click()
    shares = ".blend input"
    finished.locator(shares).first.fill("80")
    prepared = shown_pictures(finished)
    finished.reload()
    wait_state(finished, "done")
    finished.locator(shares).nth(1).wait_for()
    assert shown_pictures(finished) == prepared
    expect(finished.locator(shares).first).to_have_value("80")


def shown_pictures(page):
    """The addresses of the photograph and the paintings on the cards, once both are there."""
    cards = (at(ids.CONTENT_VIEW), at(ids.STYLE_VIEW))
    for card in cards:
        page.wait_for_selector(f"{card} img")
    return [page.locator(f"{card} img").evaluate_all("them => them.map(one => one.src)") for card in cards]


def let_fall(page, selector, data, name="a.png"):
    """Drops a file there."""
    page.evaluate(
        "([selector, data, name]) => { const carried = new DataTransfer();"
        " carried.items.add(new File([new Uint8Array(data)], name, { type: 'image/png' }));"
        " const way = { bubbles: true, cancelable: true, dataTransfer: carried };"
        " for (const kind of ['dragenter', 'dragover', 'drop'])"
        " document.querySelector(selector).dispatchEvent(new DragEvent(kind, way)); }",
        [selector, list(data), name],
    )


def test_a_result_that_is_dropped_on_the_page_brings_its_settings_back(finished, studio):
    data, _ = saved(finished, at(ids.DOWNLOAD))
    finished.goto(studio.url)
    finished.wait_for_selector(at(ids.START))
    choose(finished, 512, 300)
    let_fall(finished, "h1", data)
    finished.get_by_text("The settings of that painting are in the controls now").wait_for()
    finished.wait_for_function("id => document.getElementById(id).value === '24'", arg=ids.option("steps"))
    expect(finished.locator(at(ids.option("size")))).to_have_value("160")


def test_hostile_settings_are_only_data(home):
    choose(home, 512, 300)
    hostile = {"options": {"size": 10**12, "steps": 77, "seed": "<img src=x onerror=alert(1)>"}}
    let_fall(home, "h1", images.encode_png(np.full((40, 40, 3), 99, np.uint8), hostile))
    home.wait_for_function("id => document.getElementById(id).value === '77'", arg=ids.option("steps"))
    expect(home.locator(at(ids.option("size")))).to_have_value("512")
    let_fall(home, "h1", images.encode_png(np.full((40, 40, 3), 99, np.uint8)))
    home.get_by_text("carries no settings").wait_for()


def test_what_was_brought_before_is_offered_again(home):
    expect(home.locator(at(ids.RECENT_PHOTOS))).to_be_hidden()
    let_fall(home, at(ids.CONTENT_CARD), (GALLERY / "wave.jpg").read_bytes())
    home.wait_for_selector(f"{at(ids.RECENT_PHOTOS)} img")
    home.evaluate("sessionStorage.clear()")
    home.reload()
    home.locator(f"{at(ids.RECENT_PHOTOS)} button").click()
    home.wait_for_selector(f"{at(ids.CONTENT_VIEW)} img")


# Many at once


def test_a_grid_of_variations_and_one_of_them_large(home):
    pick(home)
    choose(home, 128, 4)
    home.locator("summary", has_text="Try variations").click()
    home.fill(at(ids.VARY_ROW_VALUES), "0.5, 5")
    home.fill(at(ids.VARY_COLUMN_VALUES), "1")
    home.get_by_role("button", name="Paint 2 variations").click()
    home.wait_for_selector(".variations")
    home.wait_for_selector(".group-head.is-over", timeout=2 * SOON)
    assert barriers(home) == []
    home.locator(".cell").nth(1).dblclick()
    wait_state(home, "done", timeout=2 * SOON)
    job = home.evaluate("fetch('/api/v1/jobs?limit=1').then(a => a.json()).then(a => a.jobs[0])")
    assert (job["options"]["style_weight"], job["options"]["size"]) == (5, 128)
    painted = home.evaluate("fetch('/api/v1/jobs').then(a => a.json()).then(a => a.jobs.length)")
    assert painted == 3, "a second click begins no second one"
    assert job["group"] is None
    assert home.url.endswith(job["id"])


def test_what_is_drawn_anew_keeps_the_focus_and_an_open_question(finished, studio, painted):
    request = finished.context.request
    one = request.get(f"{studio.url}/api/v1/jobs/{painted[0][0]}").json()
    asked = {"content": one["content"], "styles": [{"image": one["styles"][0]["image"]}]}
    asked |= {"vary": {"tv_weight": [0, 1]}, "options": {"size": 64, "steps": 5000}}
    made = request.post(f"{studio.url}/api/v1/groups", data=asked).json()["id"]
    finished.goto(f"{studio.url}/groups/{made}")
    stop = finished.get_by_role("button", name="Stop all and keep")
    stop.focus()
    for _ in range(2):
        reached = finished.evaluate("id => document.getElementById(id).value", ids.GROUP_PROGRESS)
        finished.wait_for_function(
            "([id, reached]) => document.getElementById(id).value > reached",
            arg=[ids.GROUP_PROGRESS, reached],
        )
        assert stop.evaluate("stop => stop === document.activeElement")
    entry = finished.locator(at(ids.history_entry(painted[0][1])))
    entry.hover()
    entry.get_by_role("button", name="Delete this painting").click()
    entry.evaluate("entry => { entry.isOld = true; }")
    finished.evaluate("id => dash_clientside.set_props(id, { data: Date.now() })", ids.HISTORY_ELSEWHERE)
    finished.wait_for_function(
        "id => !document.getElementById(id).isOld && document.activeElement.textContent === 'Keep'",
        arg=ids.history_entry(painted[0][1]),
    )
    expect(entry.get_by_role("group")).to_be_visible()
    finished.keyboard.press("Escape")
    assert entry.get_by_role("group").is_hidden()
    stop.click()
    finished.wait_for_selector(".group-head.is-over")


def test_what_cannot_be_varied_is_told_beside_the_button(home):
    pick(home)
    home.locator("summary", has_text="Try variations").click()
    home.fill(at(ids.VARY_ROW_VALUES), "much, more")
    home.get_by_text("Style weight: write numbers with commas").wait_for()
    expect(home.locator(at(ids.VARY_START))).to_be_disabled()
    home.select_option(at(ids.VARY_COLUMNS), "none")
    home.select_option(at(ids.VARY_ROWS), "tv_weight")
    home.wait_for_selector(f"{at(ids.VARY_START)}:enabled")


def test_many_photographs_are_painted_and_taken_home_together(home):
    pick(home)
    choose(home, 64, 3)
    home.locator("summary", has_text="many photographs").click()
    with home.expect_file_chooser() as chooser:
        home.click(at(ids.BATCH_CARD))
    chooser.value.set_files([GALLERY / f"{name}.jpg" for name in ("wave", "mosaic", "linocut")])
    home.get_by_role("button", name="Paint all 3").wait_for(timeout=SOON)
    home.locator(".batch-photo button").first.click()
    home.get_by_role("button", name="Paint all 2").dblclick()  # which asks once
    home.wait_for_selector(".group-head.is-over", timeout=2 * SOON)
    expect(home.locator(".tile")).to_have_count(2)
    data, name = saved(home, "text=Download ZIP")
    assert name == "2 photographs.zip"
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        assert len(packed.namelist()) == 2
        assert images.decode(packed.read(packed.namelist()[0])).pixels.shape[2] == 3
    entry = home.locator(".history-entry.is-group")
    entry.hover()
    entry.get_by_role("button", name="Delete this group").click()
    entry.get_by_role("button", name="Delete", exact=True).click()
    entry.wait_for(state="detached")


# For everyone


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_bars_anybody_from_a_finished_painting(finished, theme):
    finished.evaluate("theme => { document.documentElement.dataset.bsTheme = theme; }", theme)
    assert barriers(finished) == []
    finished.locator("summary", has_text="Try variations").click()
    finished.locator("summary", has_text="many photographs").click()
    assert barriers(finished) == []


def test_nothing_bars_anybody_from_two_side_by_side(finished, studio, painted):
    finished.goto(f"{studio.url}/compare/{painted[0][0]}/{painted[0][1]}")
    finished.wait_for_selector(".side-of-pair")
    assert barriers(finished) == []
