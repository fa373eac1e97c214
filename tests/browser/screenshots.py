"""Pictures of every state of the page, wide and narrow, light and dark, to be looked at: `make screenshots`.

A studio of its own, with a data folder that is thrown away, is walked through as a visitor would. Each state
is one function, in the order of the walk; some begin where the one before has ended.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from browser import visitor
from browser.conftest import FLAGS, chromium
from browser.visitor import SOON, at, choose, pick, wait_state, wait_step
from playwright.sync_api import sync_playwright

from components import ids

FOLDER = visitor.ROOT / ".cache" / "screenshots"
GALLERY = visitor.ROOT / "assets" / "gallery"
WIDE = {"width": 1440, "height": 1000}
NARROW = {"width": 390, "height": 844}
STILL = 500  # milliseconds until pictures and colours have come to rest
SIZE, STEPS = 320, 60
LONG = 5000  # steps of a painting that is not meant to end

State = Callable[["Walk"], None]
states: list[tuple[str, State]] = []


def state(function: State) -> State:
    states.append((function.__name__.replace("_", "-"), function))
    return function


class Walk:
    """One visitor in one studio."""

    def __init__(self, page: Any, studio: visitor.Studio, folder: Path) -> None:
        self.page = page
        self.studio = studio
        self.folder = folder  # of the studio's data

    def post(self, path: str, **body: Any) -> Any:
        # A connection that rested too long is closed from the other side just when it is used again.
        url = f"{self.studio.url}/api/v1{path}"
        return self.page.context.request.post(url, max_retries=2, **body).json()

    def go(self, path: str = "") -> None:
        self.page.goto(f"{self.studio.url}{path}")
        self.page.wait_for_selector(at(ids.START), state="attached")

    def begin(self, size: int, steps: int, style: str = "night-sky") -> None:
        self.go()
        pick(self.page, style=style)
        choose(self.page, size, steps)
        self.page.click(at(ids.START))

    def stop(self) -> None:
        self.page.wait_for_timeout(1100)  # at first, Stop takes a click for the second half of a double one
        self.page.click(at(ids.STOP))
        wait_state(self.page, "cancelled")

    def open(self, words: str) -> None:
        self.page.locator("summary", has_text=words).click()

    def shoot(self, name: str) -> None:
        """Four pictures: wide and narrow, light and dark."""
        for width, viewport in (("wide", WIDE), ("narrow", NARROW)):
            self.page.set_viewport_size(viewport)
            for theme in ("light", "dark"):
                self.page.evaluate("theme => { document.documentElement.dataset.bsTheme = theme; }", theme)
                self.page.wait_for_timeout(STILL)
                whole = not self.page.locator(".modal.show").count()
                self.page.screenshot(path=FOLDER / f"{name}-{width}-{theme}.png", full_page=whole)
        self.page.set_viewport_size(WIDE)
        self.page.evaluate("() => { document.documentElement.dataset.bsTheme = 'light'; }")


@state
def empty(walk: Walk) -> None:
    walk.go()


@state
def programs(walk: Walk) -> None:
    walk.page.click(at(ids.PROGRAMS_OPEN))
    walk.page.wait_for_selector(f"{at(ids.TOKENS)}:has-text('none yet')")
    walk.page.wait_for_timeout(STILL)


@state
def programs_token(walk: Walk) -> None:
    for name in ("the server in the cellar", "laptop"):
        walk.page.fill(at(ids.TOKEN_NAME), name)
        walk.page.click(at(ids.TOKEN_MAKE))
        walk.page.wait_for_selector(f"{at(ids.TOKENS)} li:has-text('{name}')")
    walk.page.locator(f"{at(ids.TOKENS)} [data-asks]").nth(1).click()


@state
def programs_refused(walk: Walk) -> None:
    walk.page.click(at(ids.TOKEN_MAKE))
    walk.page.wait_for_selector(f"{at(ids.TOKEN_NOTE)} [role=alert]")
    walk.page.locator(at(ids.TOKENS)).scroll_into_view_if_needed()


@state
def chosen(walk: Walk) -> None:
    walk.go()
    pick(walk.page)
    walk.page.locator(f"{at(ids.ADVANCED)} > summary").click()


@state
def mask_painter(walk: Walk) -> None:
    walk.open("Paint only a part")
    walk.page.click(at(ids.MASK_PAINT))
    canvas = walk.page.locator("[data-mask-painter] canvas").last
    canvas.wait_for(timeout=SOON)
    walk.page.wait_for_timeout(STILL)
    box = canvas.bounding_box()
    walk.page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + box["height"] * 0.4)
    walk.page.mouse.down()
    walk.page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + box["height"] * 0.6, steps=12)
    walk.page.mouse.up()


@state
def regions(walk: Walk) -> None:
    walk.go()
    pick(walk.page, style="wave")
    walk.page.locator("[id*='sample-add'][id*='\"cubism\"']").click(force=True)
    walk.page.click(at(ids.REGIONS_SUMMARY))
    suggestion = walk.page.locator("[id*='region-suggestion']").first
    suggestion.wait_for(timeout=2 * SOON)
    suggestion.click()
    walk.page.wait_for_selector(f"{at(ids.REGIONS_LIST)} li", timeout=SOON)


@state
def running(walk: Walk) -> None:
    walk.page.evaluate("() => sessionStorage.clear()")
    walk.begin(SIZE, LONG)
    wait_step(walk.page, 12)


@state
def paused(walk: Walk) -> None:
    walk.page.click(at(ids.PAUSE))
    wait_state(walk.page, "paused")


@state
def stopped(walk: Walk) -> None:
    walk.stop()


@state
def finished(walk: Walk) -> None:
    for style in ("wave", "night-sky"):
        walk.begin(SIZE, STEPS, style)
        wait_state(walk.page, "done", timeout=4 * SOON)
    walk.page.wait_for_timeout(4000)  # the curves come when the page is at rest


@state
def strength_half(walk: Walk) -> None:
    walk.page.locator(at(ids.STRENGTH)).fill("50")
    walk.page.wait_for_selector(f"{at(ids.OVER)} img", state="attached")


@state
def before_and_after(walk: Walk) -> None:
    walk.page.locator(at(ids.STRENGTH)).fill("100")
    walk.page.focus(at(ids.COMPARE))
    for _ in range(45):
        walk.page.keyboard.press("ArrowRight")


@state
def filmstrip(walk: Walk) -> None:
    walk.page.locator(at(ids.COMPARE)).fill("0")
    walk.page.locator("[data-stage]").nth(3).click()
    walk.page.wait_for_selector(f"{at(ids.OVER)} img", state="attached")


@state
def history(walk: Walk) -> None:
    walk.go()
    pickers = walk.page.locator("[data-pick]")
    pickers.first.wait_for()
    for place in (0, 1):
        pickers.nth(place).hover()
        pickers.nth(place).click()
    entry = walk.page.locator(".history-entry").nth(2)
    entry.hover()
    entry.locator("[data-asks]").click()


@state
def used_again(walk: Walk) -> None:
    walk.go()
    entry = walk.page.locator(".history-entry").first
    entry.hover()
    entry.locator(".history-again").click()
    walk.page.wait_for_selector(f"{at(ids.RESTORED)} .note")


@state
def side_by_side(walk: Walk) -> None:
    jobs = walk.page.evaluate("fetch('/api/v1/jobs').then(answer => answer.json()).then(all => all.jobs)")
    walk.go(f"/compare/{jobs[0]['id']}/{jobs[1]['id']}")
    walk.page.wait_for_selector(".side-of-pair")
    walk.page.locator(".side-of-pair input").first.fill("40")


@state
def variations(walk: Walk) -> None:
    walk.go()
    pick(walk.page, photo="coffee", style="stained-glass")
    choose(walk.page, SIZE, 12)
    walk.open("Try variations")
    walk.page.click(f"{at(ids.VARY_START)}:enabled")
    walk.page.wait_for_selector(".variations")
    walk.page.wait_for_function(
        "() => document.querySelectorAll('.cell.is-done').length > 3", timeout=4 * SOON
    )


@state
def variations_painted(walk: Walk) -> None:
    walk.page.wait_for_selector(".group-head.is-over", timeout=6 * SOON)


@state
def many_photographs(walk: Walk) -> None:
    walk.go()
    pick(walk.page, style="poppy-field")
    choose(walk.page, 192, 12)
    walk.open("many photographs")
    with walk.page.expect_file_chooser() as chooser:
        walk.page.click(at(ids.BATCH_CARD))
    chooser.value.set_files([GALLERY / f"{name}.jpg" for name in ("wave", "mosaic", "linocut")])
    walk.page.get_by_role("button", name="Paint all 3").wait_for(timeout=SOON)


@state
def many_painted(walk: Walk) -> None:
    walk.page.click(at(ids.BATCH_START))
    walk.page.wait_for_selector(".group-head.is-over", timeout=4 * SOON)


@state
def failed(walk: Walk) -> None:
    """A painting whose photograph is lost while it waits for its turn."""
    walk.begin(SIZE, LONG)
    wait_step(walk.page, 2)
    busy = walk.page.url.rpartition("/")[2]
    file = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": (GALLERY / "mosaic.jpg").read_bytes()}
    photo = walk.post("/images", multipart={"file": file})["id"]
    job = walk.post("/jobs", data={"content": photo, "styles": [{"image": photo}]})["id"]
    (walk.folder / "images" / f"{photo}.png").unlink()
    walk.go(f"/jobs/{job}")
    walk.post(f"/jobs/{busy}/cancel")
    wait_state(walk.page, "failed", timeout=2 * SOON)


@state
def no_such_painting(walk: Walk) -> None:
    walk.go("/jobs/" + "0" * 32)
    walk.page.wait_for_selector(at(ids.NOTICE))


def main(names: list[str]) -> None:
    path = chromium()
    if path is None:
        sys.exit("There is no Chromium here. Install one, or name it in NST_CHROMIUM.")
    if unknown := set(names) - {name for name, _ in states}:
        sys.exit(
            f"There is no state {', '.join(unknown)}. There are {', '.join(name for name, _ in states)}."
        )
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        log = (Path(folder) / "studio.log").open("w")  # one painting is made to fail, and says so at length
        studio = visitor.Studio(Path(folder), log)
        studio.start()
        try:
            chrome = playwright.chromium.launch(executable_path=path, args=FLAGS)
            page = chrome.new_page(viewport=WIDE)
            page.set_default_timeout(SOON)
            page.on("pageerror", lambda error: print(f"  the page stumbled: {error}", file=sys.stderr))
            walk = Walk(page, studio, Path(folder))
            for name, reach in states:
                began = time.monotonic()
                reach(walk)
                if not names or name in names:
                    walk.shoot(name)
                print(f"{name}, {time.monotonic() - began:.0f} s", flush=True)
            chrome.close()
        finally:
            studio.end()
            log.close()
    print(f"The pictures are in {FOLDER.relative_to(visitor.ROOT)}.")


if __name__ == "__main__":
    main(sys.argv[1:])
