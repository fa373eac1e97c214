"""A real Chromium, as a visitor of the studio has one."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

DESK = {"width": 1440, "height": 900}
_FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run"]
_NAMES = ("chromium", "chromium-browser", "google-chrome")


@contextmanager
def chromium() -> Iterator[Browser]:
    """The one that `NST_CHROMIUM` names, or that is installed."""
    path = os.environ.get("NST_CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_FLAGS)
        yield browser
        browser.close()
