"""axe-core in the real browser: nothing on the page keeps anybody out, in any state, by day and by night."""

import contextlib
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest
from browser.visitor import ROOT, SOON, Studio, at, choose, pick, still, wait_state, wait_step
from playwright.sync_api import expect

from components import ids

pytestmark = pytest.mark.browser

Axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe
BARS = ("serious", "critical")  # what axe calls an obstacle, and not an annoyance


class Broken(Studio):
    """A studio whose network has no weights: it opens, but every painting fails."""

    def start(self):
        environment = self.environment | {"NST_VGG19_WEIGHTS": "nowhere.bin"}
        self.process = subprocess.Popen(
            [sys.executable, "app.py"], cwd=ROOT, env=environment, stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            with contextlib.suppress(urllib.error.URLError, ConnectionError):
                urllib.request.urlopen(f"{self.url}/healthz", timeout=5).close()
                return
            time.sleep(0.2)
        raise TimeoutError("the studio did not open")


@pytest.fixture
def broken(tmp_path):
    studio = Broken(tmp_path)
    studio.start()
    yield studio
    studio.end()


@pytest.fixture(params=[1440, 390], ids=["wide", "narrow"])
def home(page, studio, request):
    page.set_viewport_size({"width": request.param, "height": 900})
    page.goto(studio.url)
    page.wait_for_selector(at(ids.START))
    return page


def bars(page):
    """What keeps somebody out, by day and by night."""
    found = []
    for theme in ("light", "dark"):
        page.evaluate("theme => (document.documentElement.dataset.bsTheme = theme)", theme)
        still(page)
        for rule in Axe().run(page).response["violations"]:
            if rule["impact"] in BARS:
                places = [" ".join(map(str, node["target"])) for node in rule["nodes"]]
                found.append(f"{theme}: {rule['id']} ({rule['help']}) at {places}")
    return found


def unfold(page):
    page.evaluate("document.querySelectorAll('details').forEach(fold => (fold.open = true))")


def test_an_empty_easel(home):
    assert bars(home) == []


def test_pictures_chosen_and_everything_unfolded(home):
    pick(home)
    home.locator("[id*='sample-add'][id*='\"wave\"']").click()
    home.locator(".blend-row").nth(1).wait_for()
    unfold(home)
    assert bars(home) == []


def test_a_painting_under_way_at_rest_and_finished(home):
    pick(home)
    choose(home, 96, 4000)
    home.click(at(ids.START))
    wait_step(home, 3)
    home.locator(at(ids.option("style_weight"))).fill("0.3")
    home.locator(f"{at(ids.LOSSES_CHANGES)} li").wait_for(timeout=SOON)
    unfold(home)
    assert bars(home) == []
    home.click(at(ids.PAUSE))
    wait_state(home, "paused")
    assert bars(home) == []
    home.click(at(ids.STOP))
    wait_state(home, "cancelled")
    home.wait_for_selector(f"{at(ids.MORE)}:enabled")
    assert bars(home) == []


def test_a_painting_that_failed(page, broken):
    page.goto(broken.url)
    pick(page)
    page.click(at(ids.START))
    wait_state(page, "failed", timeout=2 * SOON)
    expect(page.locator(at(ids.MORE))).to_be_disabled()
    expect(page.locator(at(ids.ONWARD_REASON))).to_contain_text("no picture of this painting")
    assert bars(page) == []


def test_the_mask_painter(home):
    pick(home)
    unfold(home)
    home.click(at(ids.MASK_PAINT))
    home.locator("[data-mask-painter] canvas").last.wait_for(timeout=SOON)
    still(home)
    assert bars(home) == []


def test_the_dialog_for_programs(home):
    home.click(at(ids.PROGRAMS_OPEN))
    home.fill(at(ids.TOKEN_NAME), "laptop")
    home.click(at(ids.TOKEN_MAKE))
    home.locator(f"{at(ids.TOKENS)} li [data-asks]").first.click()
    home.click(at(ids.TOKEN_MAKE))
    home.wait_for_selector(f"{at(ids.TOKEN_NOTE)} [role=alert]")
    still(home)
    assert bars(home) == []
