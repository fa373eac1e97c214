"""The content security policy, as a real browser holds each page to it."""

import pytest
from browser.visitor import at

from components import ids

pytestmark = pytest.mark.browser
LISTEN = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) => {
    window.violations.push(`${event.violatedDirective}: ${event.blockedURI} ${event.sample}`);
});
"""


@pytest.mark.parametrize(
    ("path", "shown"),
    [("/", at(ids.START)), ("/camera", "main"), ("/device", "main"), ("/docs", ".opblock")],
)
def test_no_page_asks_for_what_its_policy_forbids(page, studio, path: str, shown: str) -> None:
    said = []
    page.on("console", lambda message: said.append(message.text))
    page.add_init_script(LISTEN)
    page.goto(studio.url + path)
    page.wait_for_selector(shown, state="visible")
    page.wait_for_load_state("load")
    page.wait_for_timeout(1000)
    assert page.evaluate("window.violations") == []
    assert [text for text in said if "Content Security Policy" in text] == []


def test_a_script_that_got_into_the_page_does_not_run(page, studio) -> None:
    page.add_init_script(LISTEN)
    page.goto(studio.url)
    page.wait_for_selector(at(ids.START), state="visible")
    page.evaluate("""() => {
        const script = document.createElement("script");
        script.textContent = "window.stolen = true";
        document.body.append(script);
        document.body.insertAdjacentHTML("beforeend", "<img src='/nope' onerror='window.stolen = true'>");
    }""")
    page.wait_for_function("window.violations.length >= 2")
    assert page.evaluate("window.stolen") is None
