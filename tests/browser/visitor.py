"""A studio of its own for the browser tests, and what a visitor does there."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from components import ids

ROOT = Path(__file__).resolve().parents[2]
SOON = 30_000  # milliseconds a slow machine may take


class Studio:
    """`python app.py` in a process of its own, with a data folder that outlives it."""

    def __init__(self, folder, log=None, **settings):
        """`settings`: further ones, by their names in the environment."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://localhost:{self.port}"
        self.environment = os.environ | {"NST_PORT": str(self.port), "NST_DATA_DIR": str(folder), **settings}
        self.log = log  # where what it says goes, instead of here
        self.process = None

    def start(self):
        command = [sys.executable, "app.py"]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=self.environment, stdout=self.log, stderr=self.log
        )
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
                urllib.request.urlopen(f"{self.url}/readyz", timeout=5).close()
                return
            assert self.process.poll() is None, "the studio ended by itself"
            time.sleep(0.2)
        raise TimeoutError("the studio did not become ready")

    def end(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        self.process.wait(15)


def at(name):
    return f"#{name}"


def choose(page, size, steps):
    """Sets size and epochs."""
    for option, value in (("size", size), ("steps", steps)):
        page.fill(at(ids.option(option)), str(value))
        page.press(at(ids.option(option)), "Tab")


def pick(page, photo="chelsea", style="night-sky"):
    """A photograph and a painting from the gallery."""
    for kind, name in (("photo", photo), ("style", style)):
        page.locator(f"[id*='sample-{kind}'][id*='\"{name}\"']").click()
    page.wait_for_selector(f"{at(ids.START)}:enabled")


def still(page):
    """Until dialogs have slid in and colours have faded."""
    # What is out of sight does not move on, and would never end.
    page.evaluate(
        "async () => { for (const _ of [1, 2]) await new Promise(requestAnimationFrame);"
        " const moving = document.getAnimations().filter(one => one instanceof CSSTransition);"
        " const ended = Promise.all(moving.map(one => one.finished.catch(() => {})));"
        " await Promise.race([ended, new Promise(resolve => setTimeout(resolve, 1500))]); }"
    )


def without_websocket(page):
    """Whatever this page opens from now on has to ask for its news."""
    page.add_init_script(
        "delete window.WebSocket; window.SharedWorker = undefined; window.Worker = undefined;"
    )


def wait_state(page, *states, timeout=SOON):
    page.wait_for_function(
        "([id, states]) => states.includes(document.getElementById(id)?.dataset.state)",
        arg=[ids.PAGE, states],
        timeout=timeout,
    )


def painted_step(page):
    found = re.search(r"step (\d+)", page.text_content(at(ids.STATUS)) or "")
    return int(found[1]) if found else 0


def wait_step(page, step):
    page.wait_for_function(
        "([id, step]) => Number(/step (\\d+)/.exec(document.getElementById(id)?.textContent)?.[1]) >= step",
        arg=[ids.STATUS, step],
        timeout=SOON,
    )
