"""assets/mask*.js: what comes into the painter, what goes out, and what it says of both."""

import io

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
    reopen,
    show_painter,
    used,
)
from PIL import Image
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def content(site):
    put_pictures(site)


# Files


def test_a_mask_is_saved_as_a_picture_and_opened_again(page, site, calls):
    open_painter(page, site)
    brush(page, softness=60)
    drag(page, (120, 100), (300, 200))
    with page.expect_download() as started:
        page.get_by_role("button", name="Save").click()
    assert started.value.suggested_filename == "mask.png"
    saved = started.value.path()
    painted = used(page, site, calls)
    with Image.open(saved) as picture:
        assert np.array_equal(np.asarray(picture.convert("L")), painted)
    page.get_by_role("button", name="Clear").click()
    page.locator(".mask-foot input[type=file]").set_input_files(
        {"name": "again.png", "mimeType": "image/png", "buffer": saved.read_bytes()}
    )
    page.wait_for_function("!window.pentimento.mask.painter('mask').mask.isEmpty")
    assert np.array_equal(used(page, site, calls), painted)
    page.get_by_role("button", name="Undo").click()
    assert is_empty(page)


def test_a_file_that_is_no_picture_is_said_so(page, site):
    open_painter(page, site)
    page.locator(".mask-foot input[type=file]").set_input_files(
        {"name": "words.png", "mimeType": "image/png", "buffer": b"words"}
    )
    page.get_by_text("“words.png” is not a picture that can be opened here.").wait_for()


def test_colours_and_transparency_become_greys(page, site, calls):
    open_painter(page, site)
    picture = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
    picture[:, :200] = (0, 255, 0, 255)
    picture[:, 300:] = (255, 255, 255, 0)
    page.locator(".mask-foot input[type=file]").set_input_files(
        {"name": "m.png", "mimeType": "image/png", "buffer": png(picture)}
    )
    page.wait_for_function("!window.pentimento.mask.painter('mask').mask.isEmpty")
    mask = used(page, site, calls)
    assert (mask[:, :199] == 150).all()
    assert (mask[:, 301:] == 0).all()


# What it is for


def test_regions_and_guides_are_spoken_of_as_such(page, site, calls):
    open_painter(page, site, words="region", key="b")
    page.get_by_text("Select or paint what belongs to the region.").wait_for()
    page.get_by_role("button", name="Fill").click()
    page.get_by_role("button", name="Use this region").click()
    told = calls(page, 1)[0]["data"]
    assert (told["key"], told["of"]) == ("b", "photo")
    open_painter(page, site, words="guide")
    page.get_by_role("button", name="Copy this part").wait_for()


def test_other_regions_are_seen_faintly_and_in_the_way_of_nothing(page, site, calls):
    half = np.zeros((HEIGHT, WIDTH), np.uint8)
    half[:, :200] = 255
    site.pages["/half.png"] = png(half)
    open_painter(page, site, others="c /half.png", key="b")
    page.wait_for_timeout(300)
    shown = np.asarray(Image.open(io.BytesIO(page.locator(".mask-frame").screenshot())).convert("RGB"), int)
    middle, width = shown.shape[0] // 2, shown.shape[1]
    assert shown[middle, width * 3 // 4] == pytest.approx([70, 110, 150], abs=2)
    assert shown[middle, width // 4][1] > 115  # green is the third region's colour
    brush(page, size=10, softness=0)
    drag(page, (100, 150))
    assert used(page, site, calls)[150, 100] == 255


def test_each_key_has_a_draft_of_its_own(page, site):
    open_painter(page, site, key="a")
    page.get_by_role("button", name="Fill").click()
    reopen(page, key="b")
    assert is_empty(page)
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()
    reopen(page, key="a")
    page.get_by_text("100 % of the picture").wait_for()


# What can go wrong


@pytest.mark.parametrize("steps", [[], ["Fill", "Clear"]])
def test_an_empty_mask_is_not_sent(page, site, steps):
    open_painter(page, site)
    for name in steps:
        page.get_by_role("button", name=name).click()
    page.get_by_role("button", name="Use this mask").click()
    page.get_by_text("Nothing is painted yet.").wait_for()
    assert not site.uploads
    assert page.evaluate("window.calls") == []


def test_a_refusal_is_shown_and_leaves_the_store_alone(page, site):
    open_painter(page, site)
    site.refuse(507, "The studio's disk is full.")
    page.get_by_role("button", name="Fill").click()
    page.get_by_role("button", name="Use this mask").click()
    page.get_by_text("The studio's disk is full.").wait_for()
    assert page.evaluate("window.calls") == []
    expect(page.get_by_role("button", name="Use this mask")).to_be_enabled()


def test_a_picture_that_cannot_be_shown_is_said_so(page, site):
    show_painter(page, site, content="/gone.png")
    page.get_by_text("The picture could not be shown.").wait_for()


# Coming and going


def test_a_mask_is_loaded_back_and_painted_on(page, site, calls):
    half = np.zeros((HEIGHT, WIDTH), np.uint8)
    half[:, :100] = 255
    half[:, 100:120] = 128
    site.pages["/half.png"] = png(half)
    open_painter(page, site, current="/half.png")
    page.wait_for_function("window.pentimento.mask.painter('mask').mask.share > 0")
    brush(page, size=10, softness=0)
    drag(page, (300, 150))
    mask = used(page, site, calls)
    assert np.array_equal(mask[:, :200], half[:, :200])
    assert mask[150, 300] == 255


def test_another_current_mask_is_an_edit_that_can_be_undone(page, site, calls):
    site.pages["/full.png"] = png(np.full((30, 40), 255, np.uint8))
    open_painter(page, site)
    drag(page, (300, 150))
    painted = used(page, site, calls)
    page.evaluate("document.querySelector('[data-mask-painter]').dataset.maskCurrent = '/full.png'")
    page.get_by_text("100 % of the picture").wait_for()
    assert (used(page, site, calls) == 255).all()
    page.get_by_role("button", name="Undo").click()
    assert np.array_equal(used(page, site, calls), painted)


def test_the_used_mask_named_as_current_is_not_loaded_again(page, site, calls):
    open_painter(page, site)
    drag(page, (300, 150))
    used(page, site, calls)
    requested = []
    page.on("request", lambda request: requested.append(request.url))
    page.evaluate("document.querySelector('[data-mask-painter]').dataset.maskCurrent = '/api/v1/images/1'")
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("Paint where the style should go.", exact=False).wait_for()
    assert not [url for url in requested if "/api/" in url]


def test_closing_the_dialog_keeps_the_painting_and_its_history(page, site, calls):
    open_painter(page, site)
    drag(page, (300, 150))
    painted = used(page, site, calls)
    reopen(page, current="/api/v1/images/1")
    assert np.array_equal(used(page, site, calls), painted)
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("Paint where the style should go.", exact=False).wait_for()


def test_another_picture_starts_with_an_empty_mask(page, site):
    open_painter(page, site)
    page.get_by_role("button", name="Fill").click()
    reopen(page, content="/other.png")
    page.get_by_text("Paint where the style should go.", exact=False).wait_for()
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()


def test_a_picture_changed_in_the_middle_of_a_stroke_does_no_harm(page, site):
    open_painter(page, site)
    page.mouse.move(*on_page(page, (100, 100)))
    page.mouse.down()
    page.evaluate("document.querySelector('[data-mask-painter]').dataset.maskContent = '/other.png'")
    page.get_by_text("Paint where the style should go.", exact=False).wait_for()
    page.wait_for_function("document.querySelector('.mask-picture').src.endsWith('/other.png')")
    page.mouse.move(*on_page(page, (200, 100)))
    page.mouse.up()
    assert page.evaluate("window.pentimento.mask.painter('mask').mask.isEmpty")
