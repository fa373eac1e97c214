"""What is painted in a moment: previews over the API and on the page, and a camera's frames.

A real studio in a process of its own, asked as the page asks it; alone, and while it paints a picture too.
"""

import io
import json
import time
from collections.abc import Iterator
from functools import partial
from statistics import median, quantiles

import httpx
import numpy as np
from rich.console import Console
from rich.table import Table
from websockets.sync.client import ClientConnection, connect

from bench.browser import DESK, chromium
from bench.server import ADDRESS, Client, studio, wait
from nst import images
from nst.gallery.catalogue import samples

LOOKS = 30
SECONDS = 8.0
FRAME = (384, 288)
PAINTING = 512  # size of what is painted meanwhile
LIMITS = {"known": 0.2, "new": 0.35}  # seconds, alone, over HTTP
LEAST_RATE = 8.0  # frames a second
PAGE_LIMITS = {"both": 0.5, "slider": 0.2}  # seconds from the hand to the picture

# How long it takes from what a hand does until another preview is in the canvas.
_UNTIL_SEEN = """([element, value]) => new Promise((resolve) => {
    const began = performance.now();
    const place = document.getElementById("preview-picture");
    new MutationObserver((_, observer) => {
        if (!place.firstChild) return;
        observer.disconnect();
        requestAnimationFrame(() => resolve((performance.now() - began) / 1000));
    }).observe(place, { childList: true });
    const hand = document.querySelector(element);
    if (value === null) return hand.click();
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(hand, value);
    hand.dispatchEvent(new Event("input", { bubbles: true }));
})"""


class Visitor:
    """One visitor who looks, with the pictures of the gallery in hand."""

    def __init__(self) -> None:
        self._http = httpx.Client(base_url=ADDRESS, timeout=60)
        self._pictures: dict[str, str] = {}

    def picture(self, name: str) -> str:
        """The id of a sample."""
        if name not in self._pictures:
            self._pictures[name] = self._http.post(f"/api/v1/samples/{name}").json()["id"]
        return self._pictures[name]

    def preview(self, style: str, strength: float = 1.0, size: int = 512) -> float:
        """How many seconds one takes."""
        wanted = {
            "content": self.picture("chelsea"),
            "styles": [{"image": self.picture(style)}],
            "strength": strength,
            "size": size,
        }
        began = time.perf_counter()
        self._http.post("/api/v1/preview", json=wanted).raise_for_status()
        return time.perf_counter() - began

    def sheet(self) -> float:
        began = time.perf_counter()
        self._http.post("/api/v1/preview/sheet", json={"content": self.picture("chelsea")}).raise_for_status()
        return time.perf_counter() - began

    def camera(self) -> ClientConnection:
        cookie = f"nst_client={self._http.cookies['nst_client']}"
        address = ADDRESS.replace("http", "ws") + "/api/v1/camera"
        return connect(address, additional_headers={"Cookie": cookie}, compression=None)


def report(console: Console) -> None:
    """Prints the seconds of previews, and the rates and delays of a camera."""
    previews = _table("Previews at 512 over HTTP", "what", "median", "95%", "worst", "limit", "unit")
    cameras = _table(
        f"Camera of {FRAME[0]}×{FRAME[1]}", "meanwhile", "frames a second", "median", "95%", "unit"
    )
    with studio() as lags:
        client, visitor = Client(), Visitor()
        client.seconds_to_ready()
        wait(lambda: visitor.preview("wave") < LIMITS["known"], every=0.5)  # the networks are there
        news = [sample.name for sample in samples() if sample.kind == "style" and sample.name != "wave"]
        row = partial(_row, previews)
        row(
            "another strength",
            [visitor.preview("wave", step / LOOKS) for step in range(LOOKS)],
            LIMITS["known"],
        )
        row("a new painting", [visitor.preview(name) for name in news], LIMITS["new"])
        row("26 styles at 256", [visitor.sheet() for _ in range(4)][1:], None)
        for what, seconds, limit in _on_the_page(news[:8]):
            row(what, seconds, limit)
        _camera(cameras, "nothing else", visitor, 1.0)
        _camera(cameras, "nothing else, strength 0.6", visitor, 0.6)
        job, _ = client.first_picture(PAINTING, steps=2000)
        wait(lambda: client.job(job)["width"] == PAINTING)  # the finest scale
        pace = _pace(client, job)
        row(
            f"another strength, while painting at {PAINTING}",
            [visitor.preview("wave", step / LOOKS) for step in range(LOOKS)],
            None,
        )
        before = client.job(job)["step"]
        _camera(cameras, f"painting at {PAINTING}", visitor, 1.0)
        steps = client.job(job)["step"] - before
        client.cancel(job)
    console.print(previews, cameras)
    console.print(
        f"The painting: {pace:.2f} steps a second alone, {steps / SECONDS:.2f} beside the camera. "
        f"Event loop's lag: {quantiles(lags(), n=100)[98] * 1e3:.1f} ms in 99 of 100."
    )


def _on_the_page(styles: list[str]) -> Iterator[tuple[str, list[float], float]]:
    """From the hand to the picture, in a real browser."""
    with chromium() as browser:
        page = browser.new_page(viewport=DESK)
        page.goto(ADDRESS)
        page.locator("[id*='sample-photo'][id*='\"chelsea\"']").click()
        page.wait_for_selector("#content-view img")
        page.wait_for_timeout(5000)  # the chart's large script is read once, a few seconds after the page
        times = [
            page.evaluate(_UNTIL_SEEN, [f"[id*='sample-style'][id*='\"{name}\"']", None]) for name in styles
        ]
        yield "on the page: a painting is chosen", times, PAGE_LIMITS["both"]
        times = [page.evaluate(_UNTIL_SEEN, ["#strength-slider", str(80 - step)]) for step in range(LOOKS)]
        yield "on the page: a slider is moved", times, PAGE_LIMITS["slider"]


def _pace(client: Client, job: str) -> float:
    before = client.job(job)["step"]
    time.sleep(SECONDS)
    return float(client.job(job)["step"] - before) / SECONDS


def _camera(table: Table, meanwhile: str, visitor: Visitor, strength: float) -> None:
    """One frame under way at a time, as the page does it, the next as soon as it is back."""
    rng = np.random.default_rng(0)
    scene = images.read(next(s.path for s in samples() if s.name == "chelsea"), field="scene").pixels
    scene = images.resize(scene, (FRAME[0] + 64, FRAME[1] + 48))
    times = []
    with visitor.camera() as camera:
        look = {"styles": [{"image": visitor.picture("wave")}], "strength": strength}
        camera.send(json.dumps(look))
        ends = time.perf_counter() + SECONDS
        while time.perf_counter() < ends:
            left, top = rng.integers(0, 48, 2)
            frame = images.encode_jpeg(scene[top : top + FRAME[1], left : left + FRAME[0]])
            began = time.perf_counter()
            camera.send(frame)
            painted = images.load(io.BytesIO(bytes(camera.recv())))  # type: ignore[arg-type]
            times.append(time.perf_counter() - began)
            assert painted.shape[1::-1] == FRAME
    rate = len(times) / SECONDS
    delays = _ms(median(times)), _ms(quantiles(times, n=20)[-1])
    table.add_row(meanwhile, f"{rate:.1f} of {LEAST_RATE:g}", *delays, "ms")


def _row(table: Table, what: str, seconds: list[float], limit: float | None) -> None:
    tail = quantiles(seconds, n=20)[-1] if len(seconds) > 5 else max(seconds)
    spread: list[str] = [_ms(value) for value in (median(seconds), tail, max(seconds))]
    table.add_row(what, *spread, "" if limit is None else _ms(limit), "ms")


def _ms(seconds: float) -> str:
    return f"{seconds * 1e3:.0f}"


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title)
    for column in columns:
        table.add_column(column, justify="left" if column in ("what", "meanwhile", "unit") else "right")
    return table
