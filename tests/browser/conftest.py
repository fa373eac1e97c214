"""Real Chromium for the tests of the browser's scripts, and a tiny site for it to visit.

The site serves pages, the files of assets/ and a stand-in for the upload route that keeps what it was sent.
"""

from __future__ import annotations

import email
import email.policy
import json
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from browser import visitor
from playwright.sync_api import expect, sync_playwright

expect.set_options(timeout=visitor.SOON)

ASSETS = Path(__file__).resolve().parents[2] / "assets"
TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".png": "image/png",
    ".html": "text/html; charset=utf-8",
}
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def chromium() -> str | None:
    names = [os.environ.get("NST_CHROMIUM"), "chromium", "chromium-browser", "google-chrome"]
    return next((path for name in names if name and (path := shutil.which(name))), None)


@contextmanager
def launched(*flags: str) -> Iterator[Any]:
    """Chromium with these flags besides."""
    path = chromium()
    if path is None:
        pytest.skip("no Chromium found: install one, or name it in NST_CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*FLAGS, *flags])
        yield browser
        browser.close()


# One browser for each file of tests, closed on leaving it: Playwright's synchronous face keeps an event loop
# running in this thread, in which tests elsewhere could not start their own.
@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with launched() as browser:
        yield browser


def visit(browser: Any, **options: Any) -> Iterator[Any]:
    """A page in a context of its own; a script's uncaught error on it fails the test.

    Without a service worker, unless one is asked for: it would come between the page and what a test has
    arranged for it.
    """
    context = browser.new_context(**{"service_workers": "block"} | options)
    context.set_default_timeout(visitor.SOON)
    page = context.new_page()
    # Chromium needs a moment to hand its file choosers to us: asked for only with the key that opens one,
    # they come too late.
    page.on("filechooser", lambda chooser: None)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert not errors, f"uncaught errors on the page: {errors}"


@pytest.fixture(scope="module")
def studio(tmp_path_factory, vgg19_file):
    studio = visitor.Studio(tmp_path_factory.mktemp("studio"))
    studio.start()
    yield studio
    studio.end()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A desktop."""
    yield from visit(browser, viewport={"width": 1440, "height": 900})


@pytest.fixture
def phone(browser: Any) -> Iterator[Any]:
    """A telephone, held upright."""
    yield from visit(
        browser,
        viewport={"width": 390, "height": 844},
        device_scale_factor=3,
        is_mobile=True,
        has_touch=True,
    )


@dataclass
class Upload:
    name: str
    data: bytes


@dataclass
class Site:
    """What the browser sees.

    `pages` maps paths to bodies; `answers` says what the next uploads get (201 when it is empty). `said` maps
    paths to what is answered to a body that is sent there; those bodies are kept in `asked`.
    """

    url: str = ""
    pages: dict[str, bytes] = field(default_factory=dict)
    uploads: list[Upload] = field(default_factory=list)
    answers: list[tuple[int, bytes]] = field(default_factory=list)
    said: dict[str, Callable[[bytes], object]] = field(default_factory=dict)
    asked: list[bytes] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)  # uploads are answered while it is set
    arriving: int = 0  # uploads received, answered or not

    def show(self, page: Any, body: str, *, theme: str = "light") -> None:
        """Opens a page with `body`, our stylesheets and scripts, and a stand-in for Dash's set_props."""
        styles = "".join(f'<link rel="stylesheet" href="/assets/{path.name}">' for path in ours("css"))
        scripts = "".join(f'<script src="/assets/{path.name}"></script>' for path in ours("js"))
        self.pages["/"] = f"""<!doctype html>
            <html lang="en" data-bs-theme="{theme}">
            <head><meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">{styles}</head>
            <body>{body}
            <script id="_dash-config" type="application/json">{{"requests_pathname_prefix": "/"}}</script>
            <script>
              window.calls = [];
              const set_props = (id, {{ data }}) => window.calls.push({{ id, data }});
              window.dash_clientside = {{ set_props }};
            </script>
            {scripts}</body></html>""".encode()
        page.goto(self.url)

    def refuse(self, status: int, message: str) -> None:
        self.answers.append((status, json.dumps({"error": {"code": "test", "message": message}}).encode()))


def ours(extension: str) -> list[Path]:
    """The files under test, in the order in which Dash loads them."""
    return sorted(
        path
        for name in ("address", "intake", "mask", "regions")
        for path in ASSETS.glob(f"{name}*.{extension}")
    )


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    site.released.set()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            asset = ASSETS / path.removeprefix("/assets/")
            if path in site.pages:
                self.answer(200, site.pages[path], TYPES.get(Path(path).suffix, TYPES[".html"]))
            elif path.startswith("/assets/") and asset.is_file():
                self.answer(200, asset.read_bytes(), TYPES[asset.suffix])
            else:
                self.answer(404, b"", "text/plain")

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.path in site.said:
                self.say(site.said[self.path], body)
                return
            site.arriving += 1
            site.released.wait(10)
            if self.path != "/api/v1/images":
                self.answer(404, b"{}", "application/json")
                return
            upload = uploaded(self.headers["Content-Type"], body)
            site.uploads.append(upload)
            number = len(site.uploads)
            answer = {
                "id": f"image{number}",
                "width": 60,
                "height": 40,
                "url": f"/api/v1/images/{number}",
                "notes": [],
            }
            status, text = site.answers.pop(0) if site.answers else (201, json.dumps(answer).encode())
            self.answer(status, text, "application/json")

        def say(self, answer: Callable[[bytes], object], body: bytes) -> None:
            site.asked.append(body)
            try:
                self.answer(200, json.dumps(answer(body)).encode(), "application/json")
            except LookupError:
                self.answer(500, b"", "application/json")

        def answer(self, status: int, body: bytes, kind: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site.url = (
        f"http://localhost:{server.server_port}"  # by this name the browser trusts it with the clipboard
    )
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield site
    site.released.set()
    server.shutdown()
    server.server_close()
    thread.join()


def uploaded(content_type: str, body: bytes) -> Upload:
    """The multipart field "file"."""
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    message = email.message_from_bytes(head + body, policy=email.policy.HTTP)
    (part,) = (
        part
        for part in message.iter_parts()
        if part.get_param("name", header="content-disposition") == "file"
    )
    return Upload(part.get_filename() or "", part.get_payload(decode=True))


@pytest.fixture
def calls() -> Callable[..., list[dict[str, Any]]]:
    """Waits until `set_props` was called so often, and says with what."""

    def read(page: Any, count: int) -> list[dict[str, Any]]:
        page.wait_for_function("count => window.calls.length >= count", arg=count)
        return page.evaluate("window.calls")

    return read
