"""Tokens for programs, made and revoked on the page, and used by a program in between."""

import urllib.error
import urllib.request

import pytest
from browser.visitor import at, pick, without_websocket

from components import ids

pytestmark = pytest.mark.browser


@pytest.fixture
def dialog(page, studio):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=studio.url)
    page.goto(studio.url)
    page.wait_for_selector(at(ids.START))
    pick(page)  # so that there is something of this visitor's
    opened(page)
    return page


def opened(page):
    page.click(at(ids.PROGRAMS_OPEN))
    page.wait_for_selector(at(ids.TOKEN_NAME))
    page.wait_for_selector(f"{at(ids.TOKENS)} .hint:has-text('none yet'), {at(ids.TOKENS)} li")


def made(page, name="laptop"):
    page.fill(at(ids.TOKEN_NAME), name)
    page.press(at(ids.TOKEN_NAME), "Enter")
    page.wait_for_selector(at(ids.TOKEN_SHOWN))
    return page.text_content(at(ids.TOKEN_TEXT))


def answered(address, token):
    """The status of a program's request, and its body."""
    request = urllib.request.Request(address, headers={"Authorization": f"Bearer {token}"})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_a_token_is_made_used_and_revoked(dialog, studio):
    token = made(dialog)
    images = dialog.evaluate("fetch('/api/v1/images').then(answer => answer.text())")
    assert answered(f"{studio.url}/api/v1/images", token) == (200, images)
    assert '"id"' in images
    row = dialog.locator(f"{at(ids.TOKENS)} li")
    row.get_by_role("button", name="Revoke laptop").click()
    row.get_by_role("button", name="Keep").click()
    assert answered(f"{studio.url}/api/v1/images", token)[0] == 200
    row.get_by_role("button", name="Revoke laptop").click()
    row.get_by_role("button", name="Revoke", exact=True).click()
    dialog.wait_for_selector(f"{at(ids.TOKENS)} .hint:has-text('none yet')")
    status, body = answered(f"{studio.url}/api/v1/images", token)
    assert (status, "bad_token" in body) == (401, True)


def test_token_and_line_are_copied_and_the_line_works(dialog, studio):
    token = made(dialog)
    focused = "document.activeElement.dataset.copies"
    dialog.wait_for_function(f"() => {focused} === '{ids.TOKEN_TEXT}'")
    dialog.keyboard.press("Enter")
    dialog.wait_for_selector("[data-copies]:has-text('Copied')")
    assert dialog.evaluate("navigator.clipboard.readText()") == token
    dialog.get_by_role("button", name="Copy the line").click()
    dialog.wait_for_selector(f"[data-copies={ids.TOKEN_LINE}]:has-text('Copied')")
    line = dialog.evaluate("navigator.clipboard.readText()")
    assert line == f'curl -H "Authorization: Bearer {token}" {studio.url}/api/v1/jobs'
    assert answered(line.rpartition(" ")[2], token)[0] == 200


def test_what_cannot_be_copied_by_itself_is_chosen(dialog):
    dialog.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    token = made(dialog)
    dialog.get_by_role("button", name="Copy the token").click()
    dialog.wait_for_selector("[data-copies]:has-text('Press Ctrl+C')")
    assert dialog.evaluate("getSelection().toString()") == token


def test_a_token_is_shown_once(dialog):
    token = made(dialog)
    dialog.keyboard.press("Escape")
    dialog.wait_for_selector(at(ids.PROGRAMS), state="hidden")
    opened(dialog)
    dialog.wait_for_selector(f"{at(ids.TOKENS)} li:has-text('laptop')")
    assert dialog.is_hidden(at(ids.TOKEN_SHOWN))
    assert token not in dialog.content()


def test_all_of_it_by_keyboard(dialog):
    dialog.focus(at(ids.TOKEN_NAME))
    dialog.keyboard.press("Enter")
    dialog.wait_for_selector(f"{at(ids.TOKEN_NOTE)} [role=alert]:has-text('Give it a name first')")
    made(dialog, "one")
    made(dialog, "two")
    dialog.wait_for_function("text => document.activeElement.dataset.copies === text", arg=ids.TOKEN_TEXT)
    rows = dialog.locator(f"{at(ids.TOKENS)} li")
    dialog.wait_for_function("() => document.querySelectorAll('.token').length === 2")
    dialog.get_by_role("button", name="Revoke two").focus()
    dialog.keyboard.press("Enter")
    dialog.keyboard.press("Escape")  # the question closes, the dialog stays
    assert rows.first.locator(".token-question").is_hidden()
    dialog.keyboard.press("Enter")
    dialog.keyboard.press("Tab")
    dialog.keyboard.press("Enter")
    dialog.wait_for_function("() => document.querySelectorAll('.token').length === 1")
    dialog.wait_for_function("() => document.activeElement.ariaLabel === 'Revoke one'")
    dialog.keyboard.press("Escape")
    dialog.wait_for_selector(at(ids.PROGRAMS), state="hidden")
    dialog.wait_for_function(f"() => document.activeElement.id === '{ids.PROGRAMS_OPEN}'")


def test_a_studio_that_is_silent_is_told_in_the_dialog(page, studio):
    without_websocket(page)  # Chromium, offline, leaves open ones alone: the studio would still be heard
    page.goto(studio.url)
    page.wait_for_selector(at(ids.START))
    pick(page)
    opened(page)
    page.fill(at(ids.TOKEN_NAME), "laptop")
    page.context.set_offline(True)
    page.click(at(ids.TOKEN_MAKE))
    page.wait_for_selector(f"{at(ids.TOKEN_SILENT)}:has-text('does not answer')")
    page.context.set_offline(False)
    page.wait_for_selector(at(ids.TOKEN_SILENT), state="hidden")
    page.wait_for_selector(f"{at(ids.TOKEN_MAKE)}:enabled")


def test_on_a_phone_nothing_sticks_out(phone, studio):
    phone.goto(studio.url)
    phone.wait_for_selector(at(ids.START))
    opened(phone)
    made(phone, "a telephone that has a name of one hundred letters " + "x" * 49)
    phone.wait_for_selector(f"{at(ids.TOKENS)} li")
    for part in (at(ids.TOKEN_SHOWN), ".token", ".token-fields"):
        box = phone.locator(part).first.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
