"""From the hand to the eye: how soon, once a slider is let go of, the picture on the page is another one.

And how soon a step is given up, which is what Pause and Stop wait for too.
"""

import json
from itertools import cycle, pairwise
from statistics import median, quantiles
from threading import Timer
from time import perf_counter
from typing import TYPE_CHECKING, Any

from playwright.sync_api import Page
from rich.console import Console
from rich.table import Table

from bench.browser import DESK, chromium
from bench.server import ADDRESS, Client, studio
from components import ids
from nst import Options, images
from nst.errors import Interrupted

if TYPE_CHECKING:
    from nst.engine.painting import Painting

SIZE = 512
SLIDERS = ("style_weight", "content_weight", "tv_weight")
MOVES = 4  # of each, all in one run at its finest scale
LIMIT = 1.0  # seconds
STEPS = 900  # more than will be painted; a twelfth of them at the finest scale
PAUSE = 2000  # milliseconds between two moves
SIZES = (512, 1024, 2048)  # of the steps that are given up
MOMENTS = (0.1, 0.3, 0.5, 0.7, 0.9)  # of a step, in which it is

# Keeps when each picture of the painting was seen, and which it was.
_WATCH = """() => {
    window.seen = [];
    document.addEventListener("load", ({ target }) => {
        const number = target.id === "%s" && Number(new URL(target.src).searchParams.get("seq"));
        if (number) requestAnimationFrame(() => window.seen.push([performance.now(), number]));
    }, true);
}"""
# Lets go of a slider somewhere else; when that was.
_LET_GO = """([id, share]) => {
    const slider = document.getElementById(id);
    const place = Number(slider.min) + share * (slider.max - slider.min);
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(slider, place);
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    slider.dispatchEvent(new Event("change", { bubbles: true }));
    return performance.now();
}"""
_JOB = "fetch('/api/v1' + location.pathname).then(answer => answer.json())"
_LOG = "fetch('/api/v1' + location.pathname + '/events').then(answer => answer.text())"  # of a finished job


def report(console: Console) -> None:
    """Prints the seconds from slider to picture, of several sliders."""
    with studio(), chromium() as browser:
        Client().seconds_to_ready()
        page = browser.new_page(viewport=DESK)
        let_go = _steered(page)
        seen: list[tuple[float, int]] = page.evaluate("window.seen")
        log = _entries(page.evaluate(_LOG))
    seconds = [
        (next(when for when, number in seen if number >= first) - moved) / 1e3
        for (_, moved), first in zip(let_go, _first_pictures(log), strict=True)
    ]
    table = Table(title=f"From a slider let go of to another picture, size {SIZE}, limit {LIMIT:g} s")
    for column in ("slider", "first", "median", "95%", "worst"):
        table.add_column(column, justify="left" if column == "slider" else "right")
    for slider in SLIDERS:
        times = [one for (name, _), one in zip(let_go, seconds, strict=True) if name == slider]
        spread = times[0], median(times), quantiles(times, n=20, method="inclusive")[-1], max(times)
        table.add_row(slider, *(f"{one:.2f}" for one in spread))
    console.print(table)
    console.print(f"A step took {_step(log):.2f} s meanwhile.")

    _report_given_up(console)


def _report_given_up(console: Console) -> None:
    from skimage import data

    from nst import StyleTransfer  # imports TensorFlow, and the studio was measured beside this process

    table = Table(title="From asked to given up, seconds")
    for column in ("size", "a step takes", "median", "worst"):
        table.add_column(column, justify="right")
    engine = StyleTransfer()
    for size in SIZES:
        photograph = images.resize(data.chelsea(), (size, size * 3 // 4))
        options = Options(size=size, steps=100)
        run = engine.run(photograph, [data.coffee()], options, onward=photograph)
        next(run), next(run)  # the second one takes two gradients
        began = perf_counter()
        next(run)
        step = perf_counter() - began
        times = [_seconds_to_give_up(run, moment * step) for moment in MOMENTS]
        table.add_row(f"{size}x{size * 3 // 4}", *(f"{one:.2f}" for one in (step, median(times), max(times))))
    console.print(table)


def _seconds_to_give_up(run: "Painting", after: float) -> float:
    """From being asked so many seconds into a step."""
    next(run)  # what was given up before is finished now, whatever is asked
    asked: list[float] = []

    def ask() -> None:
        asked.append(perf_counter())
        run.interrupt()

    Timer(after, ask).start()
    try:
        while True:
            next(run)
    except Interrupted:
        return perf_counter() - asked[0]


def _steered(page: Page) -> list[tuple[str, float]]:
    """Which slider was let go of, and when (the page's milliseconds), in a run that is then stopped."""
    page.goto(ADDRESS)
    page.evaluate(_WATCH % ids.PICTURE)
    for kind, name in (("photo", "chelsea"), ("style", "night-sky")):
        page.locator(f"[id*='sample-{kind}'][id*='\"{name}\"']").click()
    for option, value in (("size", SIZE), ("steps", STEPS)):
        page.fill(f"#{ids.option(option)}", str(value))
        page.press(f"#{ids.option(option)}", "Tab")
    page.locator(f"#{ids.START}:enabled").click()
    page.wait_for_url("**/jobs/*")
    while page.evaluate(_JOB)["width"] != SIZE:
        page.wait_for_timeout(500)
    let_go: list[tuple[str, float]] = []
    for place, _ in zip(cycle((0.55, 0.45)), range(MOVES), strict=False):
        for slider in SLIDERS:
            page.wait_for_timeout(PAUSE)
            let_go.append((slider, page.evaluate(_LET_GO, [ids.option(slider), place])))
            while len(page.evaluate(_JOB)["changes"]) < len(let_go):  # two at once would count as one
                page.wait_for_timeout(200)
    page.wait_for_timeout(PAUSE)
    page.click(f"#{ids.STOP}")
    page.wait_for_function(f"() => document.getElementById('{ids.PAGE}').dataset.state === 'cancelled'")
    return let_go


def _entries(log: str) -> list[tuple[str, dict[str, Any]]]:
    """What kind each is of, and what it says."""
    told = (
        dict(line.split(": ", 1) for line in entry.splitlines() if ": " in line)
        for entry in log.split("\n\n")
    )
    return [(fields["event"], json.loads(fields["data"])) for fields in told if "event" in fields]


def _first_pictures(log: list[tuple[str, dict[str, Any]]]) -> list[int]:
    """Of each change in a job's log, the number of the first picture after it."""
    first: list[int] = []
    waiting = 0
    for kind, data in log:
        if kind == "change":
            waiting += 1
        elif kind == "preview" and waiting:
            first += [data["seq"]] * waiting
            waiting = 0
    return first


def _step(log: list[tuple[str, dict[str, Any]]]) -> float:
    """Seconds of a step at the finest scale."""
    times = [data["seconds"] for kind, data in log if kind == "step" and data["width"] == SIZE]
    return median(later - earlier for earlier, later in pairwise(times))
