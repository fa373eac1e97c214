"""The page for whoever runs the studio, in a real browser."""

from collections.abc import Iterator
from typing import Any

import pytest
from browser import visitor
from browser.conftest import visit
from browser.visitor import still

PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory, vgg19_file: object) -> Iterator[visitor.Studio]:
    studio = visitor.Studio(tmp_path_factory.mktemp("studio"))
    studio.environment["NST_ADMIN_PASSWORD"] = PASSWORD
    studio.start()
    yield studio
    studio.end()


@pytest.fixture(params=[(1440, 900), (390, 844)], ids=["wide", "narrow"])
def admin(browser: Any, studio: visitor.Studio, request: pytest.FixtureRequest) -> Iterator[Any]:
    """The page, once it is let in."""
    width, height = request.param
    credentials = {"username": "admin", "password": PASSWORD}
    for page in visit(browser, viewport={"width": width, "height": height}, http_credentials=credentials):
        page.goto(f"{studio.url}/admin")
        yield page


def test_it_looks_again_by_itself_until_it_is_told_not_to(admin: Any) -> None:
    seen = "document.querySelector('#standing').innerText"
    first = admin.evaluate(seen)
    admin.wait_for_function(f"first => {seen} !== first", arg=first)
    with admin.expect_event("requestfinished", lambda request: request.url.endswith("/admin")):
        pass  # the next one is seconds away
    admin.uncheck("#follow")
    admin.wait_for_timeout(1000)  # for a look that was under way
    second = admin.evaluate(seen)
    admin.wait_for_timeout(6000)
    assert admin.evaluate(seen) == second


def test_it_fits_and_bars_nobody_by_day_and_by_night(admin: Any) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    assert admin.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for theme in ("light", "dark"):
        admin.evaluate("theme => (document.documentElement.dataset.bsTheme = theme)", theme)
        still(admin)
        found = axe.Axe().run(admin).response["violations"]
        assert [(one["id"], one["impact"]) for one in found] == []
