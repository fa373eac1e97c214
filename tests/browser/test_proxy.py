"""A studio behind nginx, under a path of its own: watched through it, in a real browser."""

import urllib.request

import pytest
from browser import proxy, visitor
from browser.visitor import SOON, at, choose, pick, wait_state, wait_step

from components import ids

pytestmark = pytest.mark.browser

PREFIX = "/studio"


@pytest.fixture(scope="module")
def studio(tmp_path_factory, vgg19_file):
    studio = visitor.Studio(tmp_path_factory.mktemp("studio"), NST_PREFIX=PREFIX)
    studio.start()
    yield studio
    studio.end()


@pytest.fixture
def address(studio, tmp_path):
    with proxy.nginx(tmp_path, studio.port) as host:
        yield host + PREFIX


def cookie(address, **headers):
    request = urllib.request.Request(address, headers=headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.headers["Set-Cookie"]


def test_a_painting_is_watched_through_a_proxy(page, address):
    asked, failed = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("response", lambda answer: answer.status >= 400 and failed.append((answer.status, answer.url)))
    page.goto(address)
    with page.expect_response(f"{address}/api/v1/preview", timeout=2 * SOON) as preview:
        pick(page)
    assert preview.value.status == 200
    choose(page, 96, 40)
    page.click(at(ids.START))
    wait_step(page, 3)  # steps are told over the websocket
    assert page.url.startswith(f"{address}/jobs/")
    wait_state(page, "done", timeout=2 * SOON)
    page.wait_for_selector(at(ids.DOWNLOAD))  # what is taken home is offered under a prefix too
    page.wait_for_selector(at(ids.TIMELAPSE))
    page.reload()
    wait_state(page, "done", timeout=2 * SOON)
    page.click(at(ids.NEW_BUTTON))
    page.wait_for_url(f"{address}/")
    host = address.removesuffix(PREFIX)
    outside = [url for url in asked if url.startswith(host) and not url.startswith(f"{address}/")]
    assert outside in ([], [address])
    assert failed == []
    [known] = page.context.cookies()
    assert known["path"] == f"{PREFIX}/"


def test_the_studio_can_be_installed_from_there(browser, address):
    context = browser.new_context(service_workers="allow")
    page = context.new_page()
    page.goto(f"{address}/")
    scope = page.evaluate("navigator.serviceWorker.ready.then((worker) => worker.scope)")
    assert scope == f"{address}/"
    context.close()


def test_what_a_trusted_proxy_says_of_https_makes_the_cookie_secure(studio, tmp_path):
    with proxy.nginx(tmp_path, studio.port) as host:
        assert "Secure" not in cookie(f"{host}{PREFIX}/api/v1/jobs")
    (tmp_path / "tls").mkdir()
    with proxy.nginx(tmp_path / "tls", studio.port, scheme="https") as host:
        assert "; Secure" in cookie(f"{host}{PREFIX}/api/v1/jobs")


def test_what_anybody_else_says_of_it_is_not_believed(tmp_path, vgg19_file):
    studio = visitor.Studio(tmp_path, NST_TRUSTED_PROXIES="192.0.2.1")
    studio.start()
    try:
        found = cookie(f"{studio.url}/api/v1/jobs", **{"X-Forwarded-Proto": "https"})
        assert "Secure" not in found
    finally:
        studio.end()
