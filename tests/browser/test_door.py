"""A private studio: its page asks for the password, and leads in and out again."""

import pytest
from browser.conftest import visit
from browser.test_policy import LISTEN
from browser.visitor import SOON, Studio, at
from playwright.sync_api import expect

from components import ids

pytestmark = pytest.mark.browser
PASSWORD = "open, sesame"


@pytest.fixture(scope="module")
def private(tmp_path_factory, vgg19_file):
    studio = Studio(tmp_path_factory.mktemp("private"), NST_PASSWORD=PASSWORD)
    studio.start()
    yield studio
    studio.end()


def sign_in(page, password=PASSWORD):
    page.get_by_label("Password").fill(password)
    page.keyboard.press("Enter")


def test_in_and_out_again(page, private):
    page.add_init_script(LISTEN)
    page.goto(f"{private.url}/?x=1")
    expect(page.get_by_label("Password")).to_be_focused()
    sign_in(page, "open, rice")
    expect(page.get_by_role("alert")).to_have_text("That is not the password.")
    sign_in(page)
    page.wait_for_selector(at(ids.START), state="visible")
    assert page.url == f"{private.url}/?x=1"
    # The feed comes over a websocket, whose handshake passes the door as well.
    page.wait_for_function("document.getElementById('disconnected').hidden", timeout=SOON)
    assert page.evaluate("fetch('/api/v1/jobs').then((answer) => answer.status)") == 200
    page.goto(f"{private.url}/camera")
    expect(page.get_by_role("main")).to_be_visible()
    page.goto(private.url)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("Password")).to_be_visible()
    assert page.evaluate("fetch('/api/v1/jobs').then((answer) => answer.status)") == 401
    assert page.evaluate("window.violations") == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
def test_the_page_that_asks_bars_nobody(browser, private, tmp_path, scheme, width):
    axe_playwright = pytest.importorskip("axe_playwright_python.sync_playwright")
    for page in visit(
        browser, viewport={"width": width, "height": 800}, color_scheme=scheme, bypass_csp=True
    ):
        page.goto(private.url)
        sign_in(page, "a wrong one")
        page.get_by_role("alert").wait_for()
        found = axe_playwright.Axe().run(page).response["violations"]
        assert [problem["id"] for problem in found] == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.screenshot(path=tmp_path / f"sign-in-{scheme}-{width}.png")
