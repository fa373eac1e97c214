"""assets/intake.js: every way in which a picture can come, and what is said when it cannot."""

import base64
import time

import pytest
from jobs.fake_engine import wait_until
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

# A real picture, as the browser decodes what it puts on the clipboard.
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
CARD = '<div id="{store}" data-intake="{store}" {more} style="height: 100px">Drop a picture</div>'


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "boat.png"
    path.write_bytes(PNG)
    return path


# Choosing


def test_a_click_opens_the_chooser_and_sends_the_file_as_it_is(page, site, calls, picture):
    site.show(page, card("content"))
    with page.expect_file_chooser() as chooser:
        page.click("#content")
    assert not chooser.value.is_multiple()
    assert chooser.value.element.get_attribute("accept") == "image/jpeg,image/png,image/webp"
    before = time.time() * 1000
    chooser.value.set_files(picture)
    (call,) = calls(page, 1)
    assert [(upload.name, upload.data) for upload in site.uploads] == [("boat.png", PNG)]
    assert call["id"] == "content"
    assert call["data"].pop("at") == pytest.approx(before, abs=20_000)
    assert call["data"] == {
        "id": "image1",
        "width": 60,
        "height": 40,
        "url": "/api/v1/images/1",
        "thumbnail": "/api/v1/images/1/thumbnail.jpg",
        "notes": [],
    }


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_the_keyboard_opens_the_chooser(page, site, key):
    site.show(page, card("content"))
    page.keyboard.press("Tab")
    with page.expect_file_chooser():
        page.keyboard.press(key)


def test_the_same_file_can_be_chosen_twice(page, site, calls, picture):
    site.show(page, card("content"))
    for count in (1, 2):
        choose(page, "#content", picture)
        calls(page, count)
    assert len(site.uploads) == 2


@pytest.mark.parametrize(
    "part", ["<button>Remove</button>", "<a href='#x'>About</a>", "<i data-intake-ignore>i</i>"]
)
def test_controls_inside_a_card_mind_their_own_clicks(page, site, part):
    site.show(page, f'<div data-intake="content">Drop {part}</div>')
    opened = []
    page.on("filechooser", lambda chooser: opened.append(chooser))
    page.locator("[data-intake] > *").click()
    with page.expect_file_chooser():
        page.locator("[data-intake]").click(position={"x": 2, "y": 2})  # the card itself still opens
    page.wait_for_timeout(100)
    assert len(opened) == 1


def test_a_button_can_be_an_intake_itself(page, site, calls, picture):
    site.show(page, '<button data-intake="mask">Use <b>a picture</b></button>')
    choose(page, "b", picture)
    assert calls(page, 1)[0]["id"] == "mask"


def test_a_camera_button_asks_the_phone_for_its_camera(phone, site):
    site.show(phone, '<div data-intake="content">Drop<br><button data-intake-capture>Camera</button></div>')
    with phone.expect_file_chooser() as chooser:
        phone.tap("button")
    assert chooser.value.element.get_attribute("capture") == "environment"
    with phone.expect_file_chooser() as chooser:
        phone.locator("[data-intake]").tap(position={"x": 2, "y": 2})
    assert chooser.value.element.get_attribute("capture") is None


def test_cards_that_appear_later_work_and_are_reachable(page, site, calls, picture):
    site.show(page, "<main></main>")
    page.evaluate(
        "html => document.querySelector('main').innerHTML = html", card("late") + card("chosen", "role='img'")
    )
    page.wait_for_function("document.querySelector('#late').tabIndex === 0")
    expect(page.locator("#late")).to_have_attribute("role", "button")
    expect(page.locator("#chosen")).to_have_attribute("role", "img")
    page.evaluate("document.querySelector('#late').innerHTML = '<button>Remove</button>'")
    page.wait_for_function("document.querySelector('#late').getAttribute('role') === 'group'")
    choose(page, "#late", picture)
    assert calls(page, 1)[0]["id"] == "late"


# Dropping


def test_a_dropped_file_is_sent_and_the_card_shows_that_it_would_take_it(page, site, calls, picture):
    site.show(page, card("content") + card("style"))
    drag = Drag(page, picture)
    drag.over("#style")
    assert lit(page) == ["style"]
    drag.over("#content")
    assert lit(page) == ["content"]
    drag.drop("#content")
    (call,) = calls(page, 1)
    assert call["id"] == "content"
    assert site.uploads[0].data == PNG
    assert lit(page) == []


def test_a_drag_that_leaves_the_window_leaves_no_light_on(page, site, picture):
    site.show(page, card("content"))
    drag = Drag(page, picture)
    drag.over("#content")
    assert lit(page) == ["content"]
    # What Chromium says when the pointer leaves; the protocol's own dragCancel says nothing to the page.
    page.dispatch_event("#content", "dragleave")
    assert lit(page) == []


def test_a_file_dropped_beside_a_card_does_not_leave_the_page(page, site, picture):
    site.show(page, card("content") + '<p id="beside">Beside</p>')
    page.evaluate("window.stillHere = true")
    Drag(page, picture).drop("#beside")
    page.wait_for_timeout(300)
    assert page.evaluate("window.stillHere") is True
    assert page.url == site.url + "/"
    assert len(page.context.pages) == 1
    assert not site.uploads


def test_a_picture_dragged_from_another_page_gets_a_sentence(page, site, calls):
    site.show(page, card("content"))
    Drag(page, link="https://example.org/boat.png").drop("#content")
    (call,) = calls(page, 1)
    assert call["data"]["error"].startswith("That is a link to a picture, not a file.")
    assert not site.uploads


def test_a_folder_gets_a_sentence(page, site, calls, tmp_path):
    site.show(page, card("content"))
    Drag(page, tmp_path).drop("#content")
    (call,) = calls(page, 1)
    assert "could not be read. Is it a folder" in call["data"]["error"]
    assert not site.uploads


def test_of_several_files_a_card_for_one_takes_the_first_and_says_so(page, site, calls, tmp_path):
    site.show(page, card("content"))
    Drag(page, *files(tmp_path, "a.png", "b.png")).drop("#content")
    (call,) = calls(page, 1)
    assert [upload.name for upload in site.uploads] == ["a.png"]
    assert call["data"]["notes"] == ["One picture fits here: the first of them is used."]


# Several


def test_several_files_go_one_after_the_other(page, site, calls, tmp_path):
    site.show(page, card("styles", "data-intake-multiple"))
    site.released.clear()
    Drag(page, *files(tmp_path, "a.png", "b.png", "c.png")).drop("#styles")
    wait_until(lambda: site.arriving)
    page.wait_for_timeout(200)
    assert site.arriving == 1  # the others wait
    site.released.set()
    assert together(calls(page, 1)) == ["image1", "image2", "image3"]
    assert [upload.name for upload in site.uploads] == ["a.png", "b.png", "c.png"]


def test_one_bad_file_among_several_is_named_and_the_others_arrive(page, site, calls, tmp_path):
    site.show(page, card("styles", "data-intake-multiple"))
    site.refuse(415, "This is not a picture.")
    Drag(page, *files(tmp_path, "notes.txt", "b.png")).drop("#styles")
    told = calls(page, 1)
    assert together(told) == ["image2"]
    assert told[0]["data"]["error"] == "notes.txt: This is not a picture."


def test_files_that_come_while_others_travel_wait_for_their_turn(page, site, calls, tmp_path):
    site.show(page, card("styles", "data-intake-multiple"))
    site.released.clear()
    for path in files(tmp_path, "a.png", "b.png"):
        choose(page, "#styles", path)
    wait_until(lambda: site.arriving)
    site.released.set()
    assert together(calls(page, 1)) == ["image1", "image2"]


def test_a_newer_picture_takes_the_place_of_one_still_on_its_way(page, site, calls, tmp_path):
    first, second = files(tmp_path, "first.png", "second.png")
    site.show(page, card("content"))
    site.released.clear()
    choose(page, "#content", first)
    wait_until(lambda: site.arriving == 1)
    choose(page, "#content", second)
    wait_until(lambda: site.arriving == 2)
    site.released.set()
    calls(page, 1)
    page.wait_for_timeout(200)
    (call,) = page.evaluate("window.calls")
    newest = next(i for i, upload in enumerate(site.uploads, 1) if upload.name == "second.png")
    assert call["data"]["id"] == f"image{newest}"
    expect(page.locator(".is-uploading")).to_have_count(0)


# Pasting


def test_a_paste_goes_to_the_card_under_the_pointer(page, site, calls):
    site.show(page, card("content") + card("style"))
    page.hover("#style")
    paste_picture(page)
    assert calls(page, 1)[0]["id"] == "style"
    assert site.uploads[0].data.startswith(b"\x89PNG")


def test_a_paste_goes_to_the_card_reached_by_keyboard_rather_than_the_one_hovered(page, site, calls):
    site.show(page, card("content") + card("style"))
    page.hover("#style")
    page.keyboard.press("Tab")
    paste_picture(page)
    assert calls(page, 1)[0]["id"] == "content"


def test_a_paste_at_no_card_goes_to_the_first_that_is_empty_and_seen(page, site, calls):
    cards = (
        card("content", "data-intake-filled='true'") + f"<div hidden>{card('hidden')}</div>" + card("style")
    )
    site.show(page, cards + card("more"))
    paste_picture(page)
    assert calls(page, 1)[0]["id"] == "style"


def test_a_paste_when_every_card_is_filled_asks_where(page, site, calls):
    site.show(page, card("content", "data-intake-filled") + card("style", "data-intake-filled"))
    paste_picture(page)
    assert calls(page, 1)[0]["data"]["error"].startswith("Every place holds a picture already.")
    assert not site.uploads


def test_pasted_text_is_left_to_the_field_it_is_meant_for(page, site):
    site.show(page, '<div data-intake="content">Drop <input id="name"></div>')
    put_on_clipboard(page, "new Blob(['boat'], { type: 'text/plain' })")
    page.click("#name")
    page.keyboard.press("Control+v")
    page.wait_for_function("document.querySelector('#name').value === 'boat'")
    assert page.evaluate("window.calls") == []


def test_pasted_text_on_a_card_gets_a_sentence(page, site, calls):
    site.show(page, card("content"))
    put_on_clipboard(page, "new Blob(['boat'], { type: 'text/plain' })")
    page.hover("#content")
    page.keyboard.press("Control+v")
    assert calls(page, 1)[0]["data"]["error"] == "There is no picture on the clipboard."


# On the way


def test_progress_is_seen_while_a_picture_travels_and_gone_after(page, site, calls, tmp_path):
    site.show(page, card("content"))
    site.released.clear()
    large = tmp_path / "large.png"
    large.write_bytes(PNG + bytes(3_000_000))
    choose(page, "#content", large)
    page.wait_for_function(
        "document.querySelector('#content').style.getPropertyValue('--intake-progress') === '1.000'"
    )
    expect(page.locator("#content")).to_have_attribute("class", "is-uploading")
    expect(page.locator("#content")).to_have_attribute("aria-busy", "true")
    assert page.evaluate("getComputedStyle(document.querySelector('#content'), '::after').content") == '""'
    site.released.set()
    calls(page, 1)
    page.wait_for_function("!document.querySelector('#content').classList.contains('is-uploading')")
    assert page.get_attribute("#content", "aria-busy") is None
    expect(page.locator("#content")).to_have_attribute("style", "height: 100px;")


def test_a_card_redrawn_in_the_middle_is_not_left_uploading(page, site, calls, picture):
    site.show(page, card("content"))
    site.released.clear()
    choose(page, "#content", picture)
    page.wait_for_selector(".is-uploading")
    page.evaluate("(card => card.replaceWith(card.cloneNode(true)))(document.querySelector('#content'))")
    site.released.set()
    calls(page, 1)
    page.wait_for_function("!document.querySelector('.is-uploading, [aria-busy]')")


# What can go wrong


def test_the_studios_own_sentence_reaches_the_page(page, site, calls, picture):
    site.show(page, card("content"))
    site.refuse(422, "The picture is 40 megapixels; the limit is 25.")
    choose(page, "#content", picture)
    (call,) = calls(page, 1)
    assert call["data"]["error"] == "The picture is 40 megapixels; the limit is 25."
    assert call["data"]["at"] > 0
    assert "id" not in call["data"]
    expect(page.locator(".is-uploading")).to_have_count(0)


def test_a_studio_that_does_not_answer_is_said_in_words(page, site, calls, picture):
    site.show(page, card("content"))
    page.route("**/api/v1/images", lambda route: route.abort())
    choose(page, "#content", picture)
    assert calls(page, 1)[0]["data"]["error"] == "The studio did not answer. Is it still running?"


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (200, "The studio could not take the picture (status 200)."),
        (502, "The studio could not take the picture (status 502)."),
        (413, "The file is too large for the studio."),
    ],
)
def test_a_proxys_page_is_not_shown_as_an_answer(page, site, calls, picture, status, sentence):
    site.show(page, card("content"))
    site.answers.append((status, b"<html>Something else</html>"))
    choose(page, "#content", picture)
    assert calls(page, 1)[0]["data"]["error"].startswith(sentence)


def test_a_file_over_the_limit_is_refused_before_it_travels(page, site, calls, tmp_path):
    site.show(page, card("content", 'data-max-bytes="15728640"'))
    large = tmp_path / "large.png"
    large.write_bytes(bytes(16_500_000))
    choose(page, "#content", large)
    sentence = "The file has 15.7 MB; the limit is 15 MB. Save it smaller and try again."
    assert calls(page, 1)[0]["data"]["error"] == sentence
    assert not site.arriving


# Hands


def card(store, more=""):
    return CARD.format(store=store, more=more)


def choose(page, selector, path):
    with page.expect_file_chooser() as chooser:
        page.click(selector)
    chooser.value.set_files(path)


def files(folder, *names):
    for name in names:
        (folder / name).write_bytes(PNG)
    return [folder / name for name in names]


def together(told):
    """The pictures of a round, which is told of once."""
    (call,) = told
    return [picture["id"] for picture in call["data"]["together"]]


def lit(page):
    return page.evaluate("[...document.querySelectorAll('.is-dragover')].map(card => card.id)")


def put_on_clipboard(page, blob):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate(
        f"(blob => navigator.clipboard.write([new ClipboardItem({{ [blob.type]: blob }})]))({blob})"
    )


def paste_picture(page):
    put_on_clipboard(page, f"new Blob([new Uint8Array({list(PNG)})], {{ type: 'image/png' }})")
    page.keyboard.press("Control+v")


class Drag:
    """A drag from outside, as the system hands it to the browser.

    Unlike an event made by a script, it has the browser do what it does by itself, such as leaving the page
    for a dropped file.
    """

    def __init__(self, page, *paths, link=None):
        self.page = page
        self.session = page.context.new_cdp_session(page)
        items = [{"mimeType": "text/uri-list", "data": link}] if link else []
        self.data = {"items": items, "files": [str(path) for path in paths], "dragOperationsMask": 1}

    def send(self, kind, x=0, y=0):
        self.session.send("Input.dispatchDragEvent", {"type": kind, "x": x, "y": y, "data": self.data})

    def over(self, selector):
        box = self.page.locator(selector).bounding_box()
        at = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        self.send("dragEnter", *at)
        self.send("dragOver", *at)
        return at

    def drop(self, selector):
        self.send("drop", *self.over(selector))
