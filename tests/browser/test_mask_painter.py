"""assets/mask*.js: what is painted on the page is what the studio gets."""

import io

import numpy as np
import pytest
from browser.mask_hands import (
    HEIGHT,
    WIDTH,
    brush,
    distance_to_segment,
    drag,
    drag_by,
    is_empty,
    on_page,
    open_painter,
    pen,
    put_pictures,
    used,
)
from PIL import Image
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def content(site):
    put_pictures(site)


# What is painted


def test_a_stroke_paints_its_own_width_and_nothing_else(page, site, calls):
    open_painter(page, site)
    brush(page, size=20, softness=0)
    drag(page, (100, 100), (300, 200))
    mask = used(page, site, calls)
    distance = distance_to_segment((100, 100), (300, 200))
    assert mask.shape == (HEIGHT, WIDTH)
    assert (mask[distance < 38] == 255).all()
    assert (mask[distance > 42] == 0).all()


def test_the_store_hears_of_the_mask(page, site, calls):
    open_painter(page, site)
    page.get_by_role("button", name="Fill").click()
    used(page, site, calls)
    (call,) = calls(page, 1)
    assert call["id"] == "mask"
    assert call["data"]["id"] == "image1"
    assert call["data"]["url"] == "/api/v1/images/1"
    assert call["data"]["share"] == 1
    assert call["data"]["at"] > 0


@pytest.mark.parametrize("stage", [180, 1300])
def test_coordinates_hold_however_the_picture_is_scaled_and_scrolled(page, site, calls, stage):
    open_painter(page, site, before='<div style="height: 700px"></div>', style=f"width: {stage}px")
    page.locator(".mask-use").scroll_into_view_if_needed()
    assert page.evaluate("scrollY") > 0
    brush(page, size=10, softness=0)
    drag(page, (320, 60))
    mask = used(page, site, calls)
    distance = distance_to_segment((320, 60), (320, 60))
    assert (mask[distance < 17] == 255).all()
    assert (mask[distance > 23] == 0).all()


def test_a_large_picture_gets_a_mask_of_its_shape_at_most_1024_long(page, site, calls):
    open_painter(page, site, size=(600, 3000))
    brush(page, size=10, softness=0)
    drag(page, (102.5, 256), size=(205, 1024))
    mask = used(page, site, calls)
    assert mask.shape == (1024, 205)
    rows, columns = np.nonzero(mask)
    assert rows.mean() == pytest.approx(256, abs=3)
    assert columns.mean() == pytest.approx(102, abs=3)


def test_the_picture_is_not_distorted(page, site):
    open_painter(page, site, size=(600, 3000))
    box = page.locator(".mask-canvas").bounding_box()
    assert box["width"] / box["height"] == pytest.approx(205 / 1024, rel=0.01)


def test_erasing_takes_paint_away_where_it_passes(page, site, calls):
    open_painter(page, site)
    brush(page, size=20, softness=0)
    page.get_by_role("button", name="Fill").click()
    page.get_by_role("button", name="Erase").click()
    drag(page, (100, 150), (300, 150))
    mask = used(page, site, calls)
    distance = distance_to_segment((100, 150), (300, 150))
    assert (mask[distance < 38] == 0).all()
    assert (mask[distance > 42] == 255).all()


def test_invert_swaps_painted_and_unpainted(page, site, calls):
    open_painter(page, site)
    brush(page, softness=40)
    drag(page, (200, 150))
    painted = used(page, site, calls)
    page.get_by_role("button", name="Invert").click()
    assert np.array_equal(used(page, site, calls), 255 - painted)


def test_softening_spreads_every_edge_evenly_and_nothing_else(page, site, calls):
    open_painter(page, site)
    brush(page, size=40, softness=0)
    drag(page, (200, 150))
    hard = used(page, site, calls).astype(int)
    for _ in range(2):
        page.get_by_role("button", name="Soften").click()
    soft = used(page, site, calls).astype(int)
    distance = distance_to_segment((200, 150), (200, 150))
    assert (soft[distance < 60] == 255).all()
    assert (soft[distance > 100] == 0).all()
    assert ((soft > 20) & (soft < 235)).sum() > 3 * ((hard > 20) & (hard < 235)).sum()
    assert abs(soft.sum() - hard.sum()) < 0.01 * hard.sum()
    page.get_by_role("button", name="Fill").click()
    page.get_by_role("button", name="Soften").click()
    assert (used(page, site, calls) == 255).all()  # the picture's rim is no edge


def test_softness_makes_a_ramp_of_greys(page, site, calls):
    open_painter(page, site)
    brush(page, size=40, softness=100)
    drag(page, (200, 150))
    falling = used(page, site, calls)[150, 200:290].astype(int)
    assert falling[0] > 250
    assert falling[-1] == 0
    assert (np.diff(falling) <= 0).all()
    assert ((falling > 20) & (falling < 235)).sum() > 40


def test_a_slow_hand_leaves_the_same_soft_edge_as_a_fast_one(page, site, calls):
    open_painter(page, site)
    brush(page, size=30, softness=80)
    drag(page, (100, 150), (300, 150), moves=1)
    fast = used(page, site, calls)
    page.get_by_role("button", name="Clear").click()
    drag(page, (100, 150), (300, 150), moves=80)
    slow = used(page, site, calls)
    assert np.abs(fast.astype(int) - slow).max() <= 3


def test_moves_that_the_browser_bundled_into_one_are_all_painted(page, site, calls):
    open_painter(page, site)
    brush(page, size=10, softness=0)
    page.mouse.move(*on_page(page, (50, 150)))
    page.mouse.down()
    detour = [on_page(page, point) for point in ((200, 50), (350, 150))]
    page.evaluate(
        """detour => {
            const at = ([clientX, clientY]) => ({ clientX, clientY, pointerId: 1 });
            const coalescedEvents = detour.map(point => new PointerEvent("pointermove", at(point)));
            const move = new PointerEvent("pointermove", { ...at(detour.at(-1)), coalescedEvents });
            document.querySelector(".mask-canvas").dispatchEvent(move);
        }""",
        detour,
    )
    page.mouse.up()
    mask = used(page, site, calls)
    assert mask[50, 200] == 255
    assert mask[150, 200] == 0


def test_shift_draws_a_straight_line_from_the_last_stroke(page, site, calls):
    open_painter(page, site)
    brush(page, size=10, softness=0)
    drag(page, (60, 60))
    page.keyboard.down("Shift")
    drag(page, (340, 240))
    page.keyboard.up("Shift")
    mask = used(page, site, calls)
    assert (mask[distance_to_segment((60, 60), (340, 240)) < 17] == 255).all()


def test_what_is_painted_is_seen(page, site):
    open_painter(page, site)
    brush(page, size=20, softness=0)
    drag(page, (200, 150))
    page.mouse.move(5, 5)
    shown = np.asarray(Image.open(io.BytesIO(page.locator(".mask-canvas").screenshot())).convert("RGB"), int)
    middle, corner = shown[shown.shape[0] // 2, shown.shape[1] // 2], shown[20, 20]
    assert corner == pytest.approx([70, 110, 150], abs=2)
    assert middle[0] > corner[0] + 60  # the veil is red, and lets the picture through
    assert 20 < middle[1] < 110


# Undo


def test_undo_and_redo_walk_through_every_kind_of_edit(page, site, calls):
    open_painter(page, site)
    brush(page, softness=50)
    drag(page, (120, 150))
    first = used(page, site, calls)
    drag(page, (280, 150))
    second = used(page, site, calls)
    page.get_by_role("button", name="Invert").click()

    page.keyboard.press("Control+z")
    assert np.array_equal(used(page, site, calls), second)
    page.get_by_role("button", name="Undo").click()
    assert np.array_equal(used(page, site, calls), first)
    page.keyboard.press("Control+Shift+z")
    assert np.array_equal(used(page, site, calls), second)
    page.get_by_role("button", name="Redo").click()
    assert np.array_equal(used(page, site, calls), 255 - second)


def test_there_is_nothing_to_redo_after_a_new_stroke(page, site):
    open_painter(page, site)
    undo, redo = page.get_by_role("button", name="Undo"), page.get_by_role("button", name="Redo")
    expect(undo).to_be_disabled()
    drag(page, (120, 150))
    undo.click()
    expect(undo).to_be_disabled()
    expect(redo).to_be_enabled()
    drag(page, (280, 150))
    expect(redo).to_be_disabled()


def test_what_changes_nothing_is_not_a_step_to_undo(page, site):
    open_painter(page, site)
    page.get_by_role("button", name="Clear").click()
    page.get_by_role("button", name="Erase").click()
    drag(page, (120, 150))
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()


def test_history_keeps_only_what_a_stroke_touched_and_stays_within_its_bound(page, site):
    open_painter(page, site)
    kept = page.evaluate("""() => {
        const { Mask, History } = window.pentimento.maskModel;
        const mask = new Mask({ width: 500, height: 400 });
        mask.beginStroke({ erase: false, radius: 10, softness: 0 });
        mask.strokeTo({ x: 50, y: 50 });
        mask.endStroke();
        const stroke = mask.history.bytes;
        mask.history.limit = 3 * 500 * 400;
        for (let i = 0; i < 10; i++) mask.invert();
        const [bytes, steps] = [mask.history.bytes, mask.history.done.length];
        for (let i = 0; i < steps; i++) mask.undo();
        return { stroke, bytes, steps, undone: mask.undo(), share: mask.share };
    }""")
    assert kept["stroke"] < 30 * 30
    assert kept["bytes"] == 3 * 500 * 400
    assert kept["steps"] == 3
    assert kept["undone"] is None
    assert kept["share"] > 0.9  # seven inversions are beyond recall


# Other hands


def test_a_finger_paints_without_scrolling_the_page(phone, site, calls):
    open_painter(phone, site, after='<div style="height: 2000px"></div>')
    brush(phone, size=15, softness=0)
    touch = phone.context.new_cdp_session(phone)
    stroke = [(100, 250 - 20 * i) for i in range(10)]
    for i, point in enumerate(stroke):
        x, y = on_page(phone, point)
        kind = "touchMove" if i else "touchStart"
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    assert phone.evaluate("scrollY") == 0
    mask = used(phone, site, calls)
    distance = distance_to_segment(stroke[0], stroke[-1])
    assert (mask[distance < 26] == 255).all()
    assert (mask[distance > 34] == 0).all()


def test_only_the_canvas_holds_the_finger(phone, site):
    open_painter(phone, site)
    action = "selector => getComputedStyle(document.querySelector(selector)).touchAction"
    assert phone.evaluate(action, ".mask-canvas") == "none"
    assert phone.evaluate(action, ".mask-tools") == "auto"
    assert phone.evaluate(action, ".mask-stage") == "auto"


def test_a_pen_paints_as_broadly_as_it_is_pressed(page, site, calls):
    open_painter(page, site)
    brush(page, size=20, softness=0)
    pen(page, [(60, 150, 1.0), (340, 150, 0.2)])
    mask = used(page, site, calls)
    widths = [(mask[:, column] > 127).sum() for column in (60, 130, 200, 270, 340)]
    assert widths[0] == pytest.approx(80, abs=3)
    assert widths[-1] < 0.4 * widths[0]
    assert (np.diff(widths) < 0).all()


def test_the_other_end_of_a_pen_erases(page, site, calls):
    open_painter(page, site)
    brush(page, size=20, softness=0)
    page.get_by_role("button", name="Fill").click()
    pen(page, [(100, 150, 1.0), (300, 150, 1.0)], buttons=32)
    mask = used(page, site, calls)
    assert mask[150, 200] == 0
    assert mask[20, 20] == 255


def test_two_fingers_zoom_about_what_they_hold_and_paint_nothing(phone, site):
    open_painter(phone, site)
    held = {"x": 100, "y": 150}, {"x": 300, "y": 150}
    spread = {"x": 50, "y": 150}, {"x": 350, "y": 150}
    touch = phone.context.new_cdp_session(phone)
    points = [dict(zip("xy", on_page(phone, tuple(point.values())), strict=True)) for point in held]
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{**points[0], "id": 1}]})
    goal = [dict(zip("xy", on_page(phone, tuple(point.values())), strict=True)) for point in spread]
    for kind, places in (("touchStart", points), ("touchMove", goal)):
        both = [{**place, "id": number} for number, place in enumerate(places, 1)]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": both})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    for place, point in zip(goal, held, strict=True):
        assert on_page(phone, tuple(point.values())) == pytest.approx(tuple(place.values()), abs=2)
    assert shown_zoom(phone) == 150
    assert is_empty(phone)
    expect(phone.get_by_role("button", name="Undo")).to_be_disabled()


def test_the_keyboard_alone_can_paint(page, site, calls):
    open_painter(page, site)
    brush(page, size=10, softness=0)
    page.locator(".mask-canvas").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    mask = used(page, site, calls)
    distance = distance_to_segment((210, 150), (210, 150))  # half a radius right of the middle
    assert (mask[distance < 17] == 255).all()
    assert (mask[distance > 23] == 0).all()


def test_keys_choose_tool_and_size(page, site):
    open_painter(page, site)
    brush(page, size=10)
    page.keyboard.press("]")
    expect(page.get_by_label("Size")).to_have_value("12")
    page.keyboard.press("[")
    expect(page.get_by_label("Size")).to_have_value("10")
    page.keyboard.press("e")
    expect(page.get_by_role("button", name="Erase")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("b")
    expect(page.get_by_role("button", name="Erase")).to_have_attribute("aria-pressed", "false")


def test_keys_are_left_to_someone_who_is_typing(page, site):
    open_painter(page, site, before='<input id="name">')
    page.locator("#name").press_sequentially("be[")
    expect(page.locator("#name")).to_have_value("be[")
    expect(page.get_by_role("button", name="Brush")).to_have_attribute("aria-pressed", "true")


def test_the_ring_shows_where_and_how_large_the_brush_is(page, site):
    open_painter(page, site)
    brush(page, size=25)
    page.mouse.move(*on_page(page, (120, 90)))
    ring, canvas = (page.locator(f".mask-{name}").bounding_box() for name in ("ring", "canvas"))
    middle = (ring["x"] + ring["width"] / 2, ring["y"] + ring["height"] / 2)
    assert middle == pytest.approx(on_page(page, (120, 90)), abs=1)
    assert ring["width"] == pytest.approx(canvas["width"] / 4, rel=0.03)
    assert ring["width"] == pytest.approx(ring["height"])


def test_every_tool_has_a_name(page, site):
    open_painter(page, site)
    tools = page.locator(".mask-painter button, .mask-painter input, .mask-painter canvas")
    assert tools.count() > 20
    for tool in tools.all():
        name = tool.evaluate("tool => tool.ariaLabel || tool.textContent || tool.labels?.[0]?.textContent")
        assert name or tool.get_attribute("type") == "file"
        assert tool.get_attribute("title") or tool.evaluate(
            "tool => tool.matches('canvas, .mask-use, [type=file]')"
        )


# Zoom


def shown_zoom(page):
    return int(page.locator(".mask-zoom").text_content().split()[0])


def test_the_wheel_zooms_about_the_pointer_and_painting_still_hits(page, site, calls):
    open_painter(page, site)
    brush(page, size=4, softness=0)
    before = on_page(page, (300, 100))
    page.mouse.move(*before)
    for _ in range(4):
        page.mouse.wheel(0, -250)
    page.wait_for_function("parseInt(document.querySelector('.mask-zoom').textContent) > 300")
    assert on_page(page, (300, 100)) == pytest.approx(before, abs=1)
    drag(page, (300, 100), (320, 100))
    mask = used(page, site, calls)
    distance = distance_to_segment((300, 100), (320, 100))
    assert (mask[distance < 7] == 255).all()
    assert (mask[distance > 9] == 0).all()


def test_buttons_and_keys_zoom_and_the_picture_always_fills_its_frame(page, site):
    open_painter(page, site)
    closer, out = (page.get_by_role("button", name=f"Zoom {way}") for way in ("in", "out"))
    expect(out).to_be_disabled()
    closer.click()
    assert shown_zoom(page) == 150
    page.get_by_role("button", name="Move").click()
    drag_by(page, (300, 200))  # further than the picture reaches
    frame, canvas = (page.locator(f".mask-{name}").bounding_box() for name in ("frame", "canvas"))
    assert canvas["x"] == pytest.approx(frame["x"], abs=1)
    assert canvas["y"] == pytest.approx(frame["y"], abs=1)
    page.keyboard.press("+")
    assert shown_zoom(page) == 225
    page.keyboard.press("-")
    assert shown_zoom(page) == 150
    page.keyboard.press("0")
    assert shown_zoom(page) == 100
    expect(page.get_by_role("button", name="Brush")).to_have_attribute("aria-pressed", "true")


def test_the_hand_and_the_middle_button_move_the_picture_and_paint_nothing(page, site):
    open_painter(page, site)
    expect(page.get_by_role("button", name="Move")).to_be_disabled()
    page.keyboard.press("+")
    start = on_page(page, (200, 150))
    page.keyboard.press("h")
    drag_by(page, (-40, -25))
    assert on_page(page, (200, 150)) == pytest.approx((start[0] - 40, start[1] - 25), abs=1)
    page.keyboard.press("b")
    drag_by(page, (40, 25), button="middle")
    assert on_page(page, (200, 150)) == pytest.approx(start, abs=1)
    assert is_empty(page)


def test_the_view_follows_the_keyboard(page, site):
    open_painter(page, site)
    page.locator(".mask-canvas").focus()
    for _ in range(4):
        page.keyboard.press("+")
    for _ in range(40):
        page.keyboard.press("ArrowRight")
    frame = page.locator(".mask-frame").bounding_box()
    ring = page.locator(".mask-ring").bounding_box()
    middle = ring["x"] + ring["width"] / 2
    assert frame["x"] <= middle <= frame["x"] + frame["width"] + 1


# Geometry


@pytest.mark.parametrize(
    ("picture", "mask"),
    [
        ((400, 300), (400, 300)),
        ((4000, 3000), (1024, 768)),
        ((100, 8000), (13, 1024)),
        ((20000, 4), (1024, 1)),
        ((4000, 200), (1024, 52)),
    ],
)
def test_mask_size_keeps_the_shape_within_1024(page, site, picture, mask):
    open_painter(page, site)
    size = page.evaluate("([w, h]) => window.pentimento.maskGeometry.maskSize(w, h)", list(picture))
    assert (size["width"], size["height"]) == mask
