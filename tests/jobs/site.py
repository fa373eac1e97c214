"""The scaled-out studio as it runs: web processes, workers, PostgreSQL and Redis, each in its own process."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import httpx
from servers import free_port
from sqlalchemy import select

import nst
from jobs import fake_engine
from jobs.fake_engine import picture
from nst.jobs.records.database import open_postgres
from nst.jobs.records.schema import jobs
from nst.jobs.records.store import Store

PATIENCE = 120.0  # seconds; six processes start at once, perhaps on one core
ROOT = Path(nst.__file__).parent.parent
Json = dict

wait_until = partial(fake_engine.wait_until, patience=PATIENCE, pause=0.05)


@dataclass
class Site:
    """A studio and what runs of it."""

    environment: dict[str, str]
    store: Store
    folder: Path
    stack: ExitStack
    workers: list[subprocess.Popen] = field(default_factory=list)

    def start(self, *command: str) -> subprocess.Popen:
        log = self.stack.enter_context((self.folder / f"log-{time.monotonic_ns()}").open("wb"))
        process = subprocess.Popen(
            [sys.executable, "-m", *command], cwd=ROOT, env=self.environment, stdout=log, stderr=log
        )
        self.stack.callback(self._end, process)
        return process

    def start_web(self) -> str:
        port = free_port()
        self.start("uvicorn", "app:server", "--port", str(port), "--log-level", "warning")
        return f"http://127.0.0.1:{port}"

    def start_worker(self, *command: str) -> None:
        self.workers.append(self.start(*command))

    def browser(self, address: str, cookies: httpx.Cookies | None = None) -> httpx.Client:
        browser = httpx.Client(base_url=address, timeout=PATIENCE, cookies=cookies)
        self.stack.callback(browser.close)
        return browser

    def painter_of(self, job: Json) -> subprocess.Popen:
        """The process that paints it."""
        with self.store.read() as connection:
            name = connection.scalar(select(jobs.c.worker).where(jobs.c.id == job["id"]))
        pid = int(name.split("-")[-2])
        return next(worker for worker in self.workers if worker.pid == pid)

    @staticmethod
    def _end(process: subprocess.Popen) -> None:
        process.kill()
        process.wait()


@contextmanager
def scaled_out(database: str, redis: str, folder: Path) -> Iterator[Site]:
    """A site without any processes yet; they end with it."""
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")]),
        "NST_MODE": "scaled",
        "NST_DATABASE_URL": database,
        "NST_REDIS_URL": redis,
        "NST_DATA_DIR": str(folder / "data"),
        "NST_SECRET": "a key that is as long as keys must be",
        "NST_QUEUED_PER_CLIENT": "20",
    }
    with ExitStack() as stack:
        store = Store(open_postgres(database), lambda job, seq: None)
        stack.callback(store.close)
        yield Site(environment, store, folder, stack)


def is_up(browser: httpx.Client) -> bool:
    try:
        return browser.get("/healthz").status_code == 200
    except httpx.TransportError:
        return False


def submit(browser: httpx.Client, **options: object) -> Json:
    content, style = (
        browser.post("/api/v1/images", files={"file": ("a.png", picture())}).json()["id"] for _ in range(2)
    )
    asked = {"content": content, "styles": [{"image": style}], "options": {"size": 64, **options}}
    answer = browser.post("/api/v1/jobs", json=asked)
    assert answer.status_code == 202, answer.text
    return answer.json()


def now(browser: httpx.Client, job: Json) -> Json:
    return browser.get(f"/api/v1/jobs/{job['id']}").json()


def told(lines: Iterator[str]) -> Iterator[tuple[str, Json]]:
    """Kind and data of the events of a stream."""
    kind = ""
    for line in lines:
        if line.startswith("event:"):
            kind = line.removeprefix("event:").strip()
        elif line.startswith("data:"):
            yield kind, json.loads(line.removeprefix("data:"))
