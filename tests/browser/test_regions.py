"""Regions on the real page: proposed, painted, laid over each other, live; and parts of paintings."""

import numpy as np
import pytest
from browser.visitor import SOON, at, choose, pick, still, wait_state, wait_step
from playwright.sync_api import expect
from skimage import data

from components import ids
from nst import images

pytestmark = pytest.mark.browser


@pytest.fixture
def easel(page, studio):
    """The page with a cup of coffee and two paintings on it, and the fold of regions open."""
    page.goto(studio.url)
    page.click(at(ids.NEW_BUTTON))
    pick(page, photo="coffee")
    page.locator("[id*='sample-add'][id*='\"wave\"']").focus()
    page.keyboard.press("Enter")
    page.locator(".blend-row").nth(1).wait_for()
    page.click(at(ids.REGIONS_SUMMARY))
    yield page
    if page.is_visible(at(ids.STOP)):
        page.wait_for_timeout(1100)
        page.click(at(ids.STOP))
        wait_state(page, "cancelled", "done")


def suggestion(page, name):
    return page.get_by_role("button", name=f"+ {name}", exact=True)


def rows(page):
    return page.locator(".region-head .region-title").all_text_contents()


def wait_rows(page, *names):
    page.wait_for_function(
        "names => JSON.stringify([...document.querySelectorAll('.region-head .region-title')]"
        ".map(title => title.textContent)) === JSON.stringify(names)",
        arg=list(names),
        timeout=SOON,
    )


def subject_and_background(page):
    for name in ("Subject", "Background"):
        suggestion(page, name).click(timeout=SOON)
        page.locator(".region-head", has_text=name).wait_for()


def newest(page):
    return page.evaluate("fetch('/api/v1/jobs').then(a => a.json()).then(a => a.jobs[0])")


def wait_regions(page, styles):
    """Until the newest painting has regions of these styles, the lowest first."""
    page.wait_for_function(
        "async styles => { const { jobs } = await (await fetch('/api/v1/jobs')).json();"
        " return JSON.stringify(jobs[0].regions.map(region => region.style)) === JSON.stringify(styles); }",
        arg=styles,
        timeout=SOON,
    )


def painter(page):
    page.locator(".mask-painter:not(.is-loading)").wait_for()
    still(page)
    return page.locator(".mask-canvas").bounding_box()


def wait_share(page, above, below):
    """Until so much of the picture is painted; says how much."""
    page.wait_for_function(
        "([above, below]) => (share => above < share && share <= below)"
        "(window.pentimento.mask.painter('region-painted')?.mask?.share)",
        arg=[above, below],
        timeout=SOON,
    )
    return page.evaluate("window.pentimento.mask.painter('region-painted').mask.share")


def test_proposals_become_regions_with_a_painting_each_seen_over_the_photograph(easel):
    subject_and_background(easel)
    assert rows(easel) == ["Background", "Subject"]
    expect(suggestion(easel, "Subject")).to_be_disabled()
    expect(easel.locator(".region-layer")).to_have_count(2)
    expect(easel.locator(".region-map .region-name")).to_have_text(["Subject", "Background"])
    chosen = easel.locator(".region-choices input:checked + label img")
    assert [one.get_attribute("alt") for one in chosen.all()] == ["Painting 2", "Painting 1"]
    easel.get_by_text("Everywhere else").wait_for()
    choose(easel, 64, 2)
    easel.click(at(ids.START))
    wait_state(easel, "done", timeout=2 * SOON)
    assert [region["style"] for region in newest(easel)["regions"]] == [0, 1]


def test_regions_are_laid_over_each_other_with_the_keyboard_and_the_focus_goes_along(easel):
    subject_and_background(easel)
    down = easel.get_by_role("button", name="Lay Background under the next")
    down.focus()
    easel.keyboard.press("Enter")
    wait_rows(easel, "Subject", "Background")
    assert (
        easel.locator(".region-head", has_text="Background").get_by_text("↓").get_attribute("aria-disabled")
    )
    easel.wait_for_function(
        "() => document.activeElement.closest('.region-row')?.textContent.startsWith('Background')"
    )
    delete = easel.get_by_role("button", name="Delete Background")
    delete.focus()
    easel.keyboard.press("Enter")
    wait_rows(easel, "Subject")
    easel.wait_for_function("() => document.activeElement.ariaLabel === 'Delete Subject'")
    easel.keyboard.press("Enter")
    wait_rows(easel)
    easel.wait_for_function("id => document.activeElement.id === id", arg=ids.REGION_ADD)


def test_a_region_is_selected_by_a_click_in_the_painter(easel):
    easel.get_by_role("button", name="Add a region").click()
    box = painter(easel)
    easel.keyboard.press("s")
    easel.mouse.click(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.3)
    share = wait_share(easel, 0.01, 1)
    extent = easel.get_by_label("How much is selected")
    extent.fill("0")
    wait_share(easel, 0, share - 0.001)
    easel.get_by_role("button", name="Use this region").click()
    wait_rows(easel, "Region A")
    easel.get_by_role("button", name="Paint Region A").click()
    painter(easel)
    wait_share(easel, 0, share - 0.001)


def test_four_regions_fit(easel):
    for key in "ABCD":
        easel.get_by_role("button", name="Add a region").click()
        painter(easel)
        easel.get_by_role("button", name="Fill").click()
        easel.get_by_role("button", name="Use this region").click()
        easel.get_by_text(f"Region {key}").first.wait_for()
        easel.locator(".modal").wait_for(state="detached")
    add = easel.get_by_role("button", name="Add a region")
    expect(add).to_be_disabled()
    expect(add).to_have_attribute("title", "Four regions fit. Delete one to make room.")
    expect(easel.locator(".region-name")).to_have_text(["Region D"])  # it hides the others
    easel.get_by_role("button", name="Remove", exact=True).click()
    wait_rows(easel)
    expect(add).to_be_enabled()


def test_what_is_painted_does_not_wait_for_the_proposals(page, studio):
    held = []
    page.route("**/proposals", lambda route: held.append(route))
    page.goto(studio.url)
    page.click(at(ids.NEW_BUTTON))
    pick(page, photo="coffee")
    page.click(at(ids.REGIONS_SUMMARY))
    page.get_by_role("button", name="Add a region").click()
    painter(page)
    page.get_by_role("button", name="Fill").click()
    page.get_by_role("button", name="Use this region").click()
    wait_rows(page, "Region A")
    expect(suggestion(page, "Subject")).to_have_count(0)
    for proposals in held:
        proposals.continue_()
    suggestion(page, "Subject").wait_for()


def test_a_region_keeps_the_photograph_while_the_rest_is_painted(easel):
    suggestion(easel, "Subject").click(timeout=SOON)
    easel.locator(".region-keep").click()
    easel.locator(".region-layer.is-kept").wait_for()
    choose(easel, 160, 12)
    easel.click(at(ids.START))
    wait_state(easel, "done", timeout=2 * SOON)
    assert [region["style"] for region in newest(easel)["regions"]] == [None]
    job = newest(easel)
    bytes_of = "url => fetch(url).then(a => a.arrayBuffer()).then(a => Array.from(new Uint8Array(a)))"
    painted = images.decode(bytes(easel.evaluate(bytes_of, job["result"]))).pixels.astype(int)
    mask_url = f"/api/v1/images/{job['regions'][0]['mask']}"
    mask = images.decode(bytes(easel.evaluate(bytes_of, mask_url))).pixels[..., 0]
    height, width = painted.shape[:2]
    difference = np.abs(painted - images.resize(data.coffee(), (width, height)).astype(int)).max(2)
    covered = images.resize_mask(mask, (width, height))
    assert difference[covered == 255].max() <= 2
    assert difference[covered == 0].mean() > 8


def test_regions_change_while_the_painting_is_painted_and_survive_a_reload(easel):
    suggestion(easel, "Subject").click(timeout=SOON)
    easel.locator(".region-row").first.wait_for()
    choose(easel, 96, 4000)
    easel.click(at(ids.START))
    wait_state(easel, "running")
    wait_step(easel, 3)
    wait_regions(easel, [0])
    easel.locator(".region-choices label").nth(1).click()
    wait_regions(easel, [1])
    suggestion(easel, "Background").click()
    wait_regions(easel, [1, 0])
    easel.get_by_role("button", name="Delete Subject").click()
    wait_regions(easel, [0])
    assert all("mask" not in change for change in newest(easel)["changes"])
    easel.reload()
    wait_state(easel, "running")
    wait_rows(easel, "Region A")
    easel.click(at(ids.REGIONS_REMOVE))
    wait_regions(easel, [])


def test_a_mask_painted_while_the_painting_is_painted_confines_it(easel):
    choose(easel, 96, 4000)
    easel.click(at(ids.START))
    wait_state(easel, "running")
    wait_step(easel, 2)
    easel.locator("summary", has_text="Paint only a part").click()
    easel.click(at(ids.MASK_PAINT))
    painter(easel)
    easel.get_by_role("button", name="Fill").click()
    easel.get_by_role("button", name="Use this mask").click()
    easel.wait_for_function(
        "async () => (await (await fetch('/api/v1/jobs')).json()).jobs[0].mask !== null", timeout=SOON
    )


def test_regions_leave_with_their_photograph(easel):
    suggestion(easel, "Subject").click(timeout=SOON)
    easel.locator(".region-row").first.wait_for()
    easel.get_by_role("button", name="Add a region").click()
    painter(easel)
    easel.locator("[id*='sample-photo'][id*='\"chelsea\"']").evaluate("sample => sample.click()")
    easel.locator(".modal").wait_for(state="detached")
    easel.get_by_text("The regions belonged to the photograph before").wait_for()
    wait_rows(easel)
    expect(easel.locator(".region-layer")).to_have_count(0)
    easel.locator("summary", has_text="Paint only a part").click()
    easel.click(at(ids.MASK_PAINT))
    painter(easel)
    easel.locator("[id*='sample-photo'][id*='\"coffee\"']").evaluate("sample => sample.click()")
    easel.locator(".modal").wait_for(state="detached")
    easel.get_by_text("the painter of the one before was closed").wait_for()


def paint_guide(page):
    """Paints what is copied of the first painting, with one stroke."""
    page.get_by_role("button", name="Choose the part of painting 1 that is copied").click()
    box = painter(page)
    page.keyboard.press("b")
    page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + box["height"] * 0.3)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + box["height"] * 0.3, steps=5)
    page.mouse.up()
    page.get_by_role("button", name="Copy this part").click()
    page.locator(".guide-button.is-part").wait_for()


def test_a_guide_acts_on_the_painting_under_way(easel):
    choose(easel, 96, 4000)
    easel.click(at(ids.START))
    wait_step(easel, 2)
    paint_guide(easel)
    easel.locator(at(ids.STEER_NOTE), has_text="A part of painting 1 is copied").wait_for(timeout=SOON)
    assert newest(easel)["styles"][0]["guide"]


def test_a_painting_is_copied_only_where_its_guide_is_white(easel):
    paint_guide(easel)
    choose(easel, 64, 2)
    easel.click(at(ids.START))
    wait_state(easel, "done", timeout=2 * SOON)
    first, second = newest(easel)["styles"]
    assert first["guide"]
    assert second["guide"] is None
    easel.reload()
    easel.locator(".guide-button.is-part").wait_for(state="attached", timeout=SOON)
    easel.evaluate("id => { document.getElementById(id).open = true; }", ids.REGIONS_FOLD)
    easel.get_by_role("button", name="Use all of it").click()
    easel.locator(".guide-button.is-part").wait_for(state="detached")


def test_on_a_phone_regions_fit_the_screen_and_a_tap_selects(phone, studio):
    phone.goto(studio.url)
    pick(phone, photo="coffee")
    phone.locator(at(ids.REGIONS_SUMMARY)).tap()
    phone.get_by_role("button", name="Add a region").tap()
    box = painter(phone)
    phone.get_by_role("button", name="Select", exact=True).tap()
    phone.touchscreen.tap(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.3)
    wait_share(phone, 0.01, 1)
    for inside in ("document.documentElement", "document.querySelector('.modal-body')"):
        assert phone.evaluate(f"{inside}.scrollWidth - {inside}.clientWidth") <= 0
    phone.get_by_role("button", name="Use this region").tap()
    wait_rows(phone, "Region A")
