"""What the page weighs, and how soon it is seen: a real browser, with an empty cache and with a full one."""

import time
from collections import defaultdict
from statistics import median
from typing import Any

from playwright.sync_api import Page
from rich.console import Console
from rich.table import Table

from bench.browser import DESK, chromium
from bench.server import ADDRESS, Client, studio
from components import ids

VISITS = 5
FIRST_PAINT = 2.0  # seconds at most
SETTLING = 2000  # milliseconds

_TIMES = """() => {
    const paint = performance.getEntriesByName("first-contentful-paint")[0];
    const all = performance.getEntriesByType("resource").concat(performance.getEntriesByType("navigation"));
    return {
        paint: paint.startTime / 1000,
        parts: all.map(one => [one.initiatorType, one.name, one.transferSize, one.decodedBodySize]),
    };
}"""


def report(console: Console) -> None:
    """Prints first paint and weight of the opening page."""
    with studio(), chromium() as browser:
        Client().seconds_to_ready()
        empty, full = [], []
        for _ in range(VISITS):
            page = browser.new_context(viewport=DESK).new_page()
            empty.append(_visit(page))
            full.append(_visit(page))
            page.context.close()
    table = Table(title=f"The opening page, median of {VISITS} visits")
    for column in ("cache", "first paint, s", "Start is there, s", "fetched, kB", "unpacked, kB", "requests"):
        table.add_column(column, justify="right")
    for name, visits in (("empty", empty), ("full", full)):
        parts = visits[-1]["parts"]
        table.add_row(
            name,
            f"{median(visit['paint'] for visit in visits):.2f} of {FIRST_PAINT:g}",
            f"{median(visit['whole'] for visit in visits):.2f}",
            f"{sum(part[2] for part in parts) / 1e3:.0f}",
            f"{sum(part[3] for part in parts) / 1e3:.0f}",
            str(len(parts)),
        )
    console.print(table)
    console.print(_by_kind(empty[-1]["parts"]))


def _visit(page: Page) -> dict[str, Any]:
    began = time.perf_counter()
    page.goto(ADDRESS)
    page.wait_for_selector(f"#{ids.START}", state="visible")
    whole = time.perf_counter() - began
    page.wait_for_timeout(SETTLING)  # the page goes on asking for news, so it is never quite idle
    found: dict[str, Any] = page.evaluate(_TIMES)
    return found | {"whole": whole}


def _by_kind(parts: list[list[Any]]) -> Table:
    fetched: dict[str, float] = defaultdict(float)
    for initiator, name, transferred, _ in parts:
        kind = name.split("?")[0].rsplit(".", 1)[-1] if "." in name.rsplit("/", 1)[-1] else initiator
        fetched[kind] += transferred
    table = Table(title="Fetched with an empty cache")
    table.add_column("kind")
    table.add_column("kB", justify="right")
    for kind, amount in sorted(fetched.items(), key=lambda item: -item[1]):
        table.add_row(kind, f"{amount / 1e3:.0f}")
    return table
