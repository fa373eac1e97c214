"""Steering as the hand feels it: what is moved acts on the painting under way, and can be read afterwards."""

import re

import pytest
from browser.visitor import SOON, at, choose, pick, wait_state, wait_step
from playwright.sync_api import expect

from components import ids
from components.controls import PRESETS

pytestmark = pytest.mark.browser


@pytest.fixture
def easel(page, studio):
    """A painting under way, that would take its time."""
    page.goto(studio.url)
    pick(page)
    choose(page, 96, 4000)
    page.click(at(ids.START))
    wait_step(page, 3)
    page.wait_for_timeout(1100)  # until then a click counts as the second of a double one
    yield page
    if page.is_visible(at(ids.STOP)):
        page.click(at(ids.STOP))
        wait_state(page, "cancelled", "done")


def job(page):
    """The painting that the page shows, as the API tells of it."""
    return page.evaluate("fetch('/api/v1' + location.pathname).then(answer => answer.json())")


def changes(page):
    return [{name: change[name] for name in change if name != "after"} for change in job(page)["changes"]]


def move(page, name, place):
    """Moves an option's slider to a place, and lets go of it."""
    page.locator(at(ids.option(name))).fill(str(place))


def said(page, words):
    page.locator(at(ids.STEER_NOTE), has_text=words).wait_for(timeout=SOON)


def marks(page):
    return page.locator(f"{at(ids.LOSSES_GRAPH)} .shapelayer path").count()


def test_a_slider_acts_on_the_painting_and_the_chart_remembers(easel):
    move(easel, "style_weight", 0.3)
    said(easel, "Style weight 1 → 2")
    assert changes(easel) == [{"options": {"style_weight": 2.0}}]
    assert job(easel)["options"]["style_weight"] == 2.0
    easel.locator(f"{at(ids.ADVANCED)} > summary").click()
    easel.select_option(at(ids.option("preserve_color")), "luminance")
    said(easel, "Keep colours none → luminance")
    easel.wait_for_function(
        "id => document.querySelectorAll(`#${id} .shapelayer path`).length === 2", arg=ids.LOSSES_GRAPH
    )
    listed = easel.locator(f"{at(ids.LOSSES_CHANGES)} li").all_text_contents()
    easel.reload()
    easel.locator(f"{at(ids.LOSSES_CHANGES)} li").nth(1).wait_for(timeout=SOON)
    expect(easel.locator(f"{at(ids.LOSSES_CHANGES)} li")).to_have_text(listed)
    easel.wait_for_selector(f"{at(ids.LOSSES_GRAPH)} .shapelayer path", state="attached", timeout=SOON)
    assert marks(easel) == 2
    easel.wait_for_function(
        "id => document.getElementById(id).value === '0.3'", arg=ids.option("style_weight")
    )
    expect(easel.locator(at(ids.option("preserve_color")))).to_have_value("luminance")


def test_a_slider_acts_when_it_is_let_go_of_and_not_before(easel):
    easel.locator(at(ids.option("content_weight"))).scroll_into_view_if_needed()
    box = easel.locator(at(ids.option("content_weight"))).bounding_box()
    y = box["y"] + box["height"] / 2
    easel.mouse.move(box["x"] + box["width"] / 2, y)
    easel.mouse.down()
    easel.mouse.move(box["x"] + box["width"] * 0.6, y, steps=5)
    easel.wait_for_timeout(600)
    assert changes(easel) == []
    easel.mouse.move(box["x"] + box["width"] * 0.75, y, steps=5)
    easel.mouse.up()
    said(easel, "Content weight 1 →")
    assert len(changes(easel)) == 1


def test_of_many_quick_changes_the_newest_counts(easel):
    easel.locator(at(ids.option("style_weight"))).evaluate(
        """(slider, places) => {
            const value = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value");
            for (const place of places) {
                value.set.call(slider, place);
                for (const kind of ["input", "change"])
                    slider.dispatchEvent(new Event(kind, { bubbles: true }));
            }
        }""",
        [0.1, 0.2, 0.4, 0.5, 0.6, 1],
    )
    said(easel, "→ 10")
    assert job(easel)["options"]["style_weight"] == 10.0
    assert len(changes(easel)) < 6


def ask(page, change):
    """What a program would ask of the painting that the page shows."""
    page.evaluate(
        """async (change) => {
            const headers = { "Content-Type": "application/json" };
            const answer = await fetch("/api/v1" + location.pathname, {
                method: "PATCH", headers, body: JSON.stringify(change)
            });
            if (!answer.ok) throw new Error(answer.status);
        }""",
        change,
    )


def stands(page, name, place):
    """Waits until an option's control stands there."""
    page.wait_for_function(
        "([id, place]) => document.getElementById(id).value === place",
        arg=[ids.option(name), place],
        timeout=SOON,
    )


def test_another_window_and_a_program_are_followed(easel):
    other = easel.context.new_page()
    other.goto(easel.url)
    wait_step(other, 1)
    move(easel, "style_weight", 0.3)
    stands(other, "style_weight", "0.3")
    photograph = job(easel)["content"]
    ask(easel, {"options": {"content_weight": 10, "preserve_color": "luminance"}, "mask": photograph})
    for window in (easel, other):
        stands(window, "content_weight", "1")
        stands(window, "preserve_color", "luminance")
        window.wait_for_selector(at(ids.MASK_IN_USE), timeout=SOON)
    other.close()


def test_a_slider_that_a_hand_holds_is_left_to_it(easel):
    easel.locator(at(ids.option("style_weight"))).scroll_into_view_if_needed()
    box = easel.locator(at(ids.option("style_weight"))).bounding_box()
    easel.mouse.move(box["x"] + box["width"] / 4, box["y"] + box["height"] / 2)
    easel.mouse.down()
    place = easel.input_value(at(ids.option("style_weight")))
    assert float(place) < 0
    ask(easel, {"options": {"style_weight": 10, "content_weight": 10}})
    stands(easel, "content_weight", "1")
    expect(easel.locator(at(ids.option("style_weight")))).to_have_value(place)
    easel.mouse.up()
    said(easel, "Style weight 10 →")
    expect(easel.locator(at(ids.option("style_weight")))).to_have_value(place)


def test_a_blend_is_mixed_anew_while_it_is_painted(page, studio):
    page.goto(studio.url)
    pick(page)
    page.locator("[id*='sample-add'][id*='\"wave\"']").click()
    page.locator(".blend-row").nth(1).wait_for()
    choose(page, 96, 4000)
    page.click(at(ids.START))
    wait_step(page, 3)
    page.locator(".blend-row input").first.fill("100")
    said(page, "Blend 50 : 50 → 67 : 33")
    assert [style["weight"] for style in job(page)["styles"]] == [2.0, 1.0]
    page.wait_for_timeout(1100)
    page.click(at(ids.STOP))
    wait_state(page, "cancelled")


def test_what_cannot_change_is_greyed_and_says_why(easel):
    fixed = [ids.option("size"), ids.option("optimizer"), *(ids.preset(preset.name) for preset in PRESETS)]
    for name in fixed:
        expect(easel.locator(at(name))).to_be_disabled()
    frame = easel.locator(at(ids.option_frame("size")))
    expect(frame).to_have_attribute("title", re.compile("cannot change while"))
    expect(easel.locator(at(ids.option("style_weight")))).to_be_enabled()
    easel.click(at(ids.STOP))
    wait_state(easel, "cancelled")
    easel.wait_for_selector(f"{at(ids.option('size'))}:enabled")
    for name in fixed:
        expect(easel.locator(at(name))).to_be_enabled()
    expect(frame).not_to_have_attribute("title", re.compile("."))
    expect(easel.locator(at(ids.STEER_HINT))).to_be_hidden()


def test_a_number_that_cannot_be_is_a_notice_and_changes_nothing(easel):
    easel.fill(at(ids.option("steps")), "0")
    easel.press(at(ids.option("steps")), "Tab")
    easel.locator(at(ids.NOTICE), has_text="Epochs takes a whole number").wait_for()
    assert changes(easel) == []
    easel.fill(at(ids.option("steps")), "3000")
    easel.press(at(ids.option("steps")), "Tab")
    said(easel, "Epochs 4,000 → 3,000")


def test_a_painting_rests_is_steered_at_rest_and_goes_on(easel):
    easel.click(at(ids.PAUSE))
    wait_state(easel, "paused")
    easel.locator(at(ids.PAUSE), has_text="Resume").wait_for()
    rests_at = job(easel)["step"]
    move(easel, "style_weight", 1)
    said(easel, "Takes effect when the painting goes on.")
    easel.wait_for_timeout(500)
    assert job(easel)["step"] == rests_at
    easel.keyboard.press("Control+Shift+Enter")
    wait_state(easel, "running")
    said(easel, f"Step {rests_at}: Style weight 1 → 10")
    wait_step(easel, rests_at + 2)


def test_a_finished_painting_goes_on_and_grows(page, studio):
    page.goto(studio.url)
    choose(page, 64, 4)
    page.click(at(ids.EXAMPLES[0]))
    wait_state(page, "done")
    page.wait_for_selector(f"{at(ids.MORE)}:enabled")
    page.click(at(ids.MORE))
    page.wait_for_function("id => document.getElementById(id).value === '50'", arg=ids.option("steps"))
    wait_state(page, "done")
    page.wait_for_selector(f"{at(ids.LARGER)}:enabled")
    page.click(at(ids.LARGER))
    page.wait_for_function("id => document.getElementById(id).value === '128'", arg=ids.option("size"))
    wait_state(page, "done", timeout=2 * SOON)
    assert (job(page)["width"], job(page)["options"]["steps"]) == (128, 50)


def test_presets_say_how_long_they_take_here(page, studio):
    page.goto(studio.url)
    for preset in PRESETS:
        page.locator(at(ids.preset_time(preset.name)), has_text=re.compile(r"\d")).wait_for(timeout=SOON)
        assert "on this machine" in page.get_attribute(at(ids.preset(preset.name)), "title")
    pick(page)
    page.locator(at(ids.EXPECTED), has_text="on this machine").wait_for(timeout=SOON)
