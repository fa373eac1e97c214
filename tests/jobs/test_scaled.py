"""The scaled-out studio as it runs: web processes, workers, PostgreSQL and Redis, each in its own process."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from servers import Redis, free_port
from sqlalchemy import select

import nst
from jobs.fake_engine import picture
from nst.jobs.database import open_postgres
from nst.jobs.leases import Leases
from nst.jobs.schema import jobs
from nst.jobs.store import Store

pytestmark = [pytest.mark.postgres, pytest.mark.redis]

PATIENCE = 120.0  # seconds; six processes start at once, perhaps on one core
ROOT = Path(nst.__file__).parent.parent
Json = dict


def wait_until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, "it never came to pass"
        time.sleep(0.05)


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


@pytest.fixture
def site(postgres_url: str, redis_here: Redis, tmp_path: Path) -> Iterator[Site]:
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")]),
        "NST_MODE": "scaled",
        "NST_DATABASE_URL": postgres_url,
        "NST_REDIS_URL": redis_here.url,
        "NST_DATA_DIR": str(tmp_path / "data"),
        "NST_SECRET": "a key that is as long as keys must be",
        "NST_QUEUED_PER_CLIENT": "20",
    }
    with ExitStack() as stack:
        store = Store(open_postgres(postgres_url), lambda job, seq: None)
        stack.callback(store.close)
        yield Site(environment, store, tmp_path, stack)


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


def test_two_web_processes_and_two_workers_are_one_studio(site: Site) -> None:
    addresses = [site.start_web() for _ in range(2)]
    for _ in range(2):
        site.start_worker("jobs.fake_worker", "0.03")
    ada = site.browser(addresses[0])
    wait_until(lambda: is_up(ada))
    wait_until(lambda: len(Leases(site.store).live()) == 2)
    wait_until(lambda: ada.get("/readyz").status_code == 200)
    bob = site.browser(addresses[1])
    wait_until(lambda: is_up(bob))

    # Started on the one, watched and steered on the other; its worker dies, another one finishes it.
    job = submit(ada, steps=150)
    ada_too = site.browser(addresses[1], ada.cookies)
    steered = killed = False
    seen: list[tuple[str, Json]] = []
    with ada_too.stream("GET", f"/api/v1/jobs/{job['id']}/events") as stream:
        assert stream.status_code == 200
        for kind, data in told(stream.iter_lines()):
            seen.append((kind, data))
            if kind == "step" and not steered:
                change = {"options": {"style_weight": 3.0}}
                assert ada_too.patch(f"/api/v1/jobs/{job['id']}", json=change).status_code == 200
                steered = True
            if kind == "change" and not killed:
                assert data["changed"] == {"style_weight": 3.0}
                victim = site.painter_of(job)
                victim.send_signal(signal.SIGKILL)
                killed = True
    states = [data["state"] for kind, data in seen if kind == "state"]
    assert states == ["queued", "running", "interrupted", "queued", "running", "done"]
    steps = [data["step"] for kind, data in seen if kind == "step"]
    again = next(index for index in range(1, len(steps)) if steps[index] <= steps[index - 1])
    assert steps[again] > 1, "it went on from its checkpoint"
    assert steps[-1] == 150
    done = now(ada, job)
    assert (done["state"], done["options"]["style_weight"]) == ("done", 3.0)
    assert ada.get(f"/api/v1/jobs/{job['id']}/result.png").content.startswith(b"\x89PNG")

    # One worker is left. Nobody waits for all the jobs of somebody else.
    many = [submit(ada, steps=20) for _ in range(8)]
    late = submit(bob, steps=20)
    assert now(bob, late)["position"] <= 2
    wait_until(lambda: all(now(ada, one)["state"] == "done" for one in many))
    with site.store.read() as connection:
        begun = select(jobs.c.owner).where(jobs.c.id.in_([one["id"] for one in [*many, late]]))
        owners = list(connection.scalars(begun.order_by(jobs.c.started)))
    assert len(set(owners)) == 2
    assert owners.index(next(owner for owner in owners if owners.count(owner) == 1)) < 4

    # It is told to stop: its job is put back, with a checkpoint, for whoever comes next.
    last = submit(ada, steps=400)
    wait_until(lambda: now(ada, last)["step"] > 10)
    (left,) = [worker for worker in site.workers if worker.poll() is None]
    asked = time.monotonic()
    left.send_signal(signal.SIGTERM)
    assert left.wait(PATIENCE) == 0
    assert time.monotonic() - asked < 10
    assert now(ada, last)["state"] == "interrupted"
    wait_until(lambda: not Leases(site.store).live())  # at the latest when its lease has run out
    site.start_worker("jobs.fake_worker", "0.0")
    wait_until(lambda: now(ada, last)["state"] == "done")
    with site.store.read() as connection:
        assert connection.scalar(select(jobs.c.crashes).where(jobs.c.id == last["id"])) == 0


def test_without_redis_jobs_are_painted_all_the_same(site: Site, redis_here: Redis) -> None:
    address = site.start_web()
    site.start_worker("jobs.fake_worker", "0.01")
    ada = site.browser(address)
    wait_until(lambda: is_up(ada))
    wait_until(lambda: ada.get("/readyz").status_code == 200)
    redis_here.stop()
    try:
        job = submit(ada, steps=30)
        with ada.stream("GET", f"/api/v1/jobs/{job['id']}/events") as stream:
            last = list(told(stream.iter_lines()))[-1]
        assert last == ("state", {"state": "done"})
    finally:
        redis_here.start()
    job = submit(ada, steps=5)
    wait_until(lambda: now(ada, job)["state"] == "done")


def test_previews_are_a_workers_and_files_are_in_an_object_store(bucket: str, site: Site) -> None:
    site.environment |= {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    site.environment["NST_FILES_URL"] = f"s3://{bucket}/studio"
    addresses = [site.start_web() for _ in range(2)]
    ada = site.browser(addresses[0])
    wait_until(lambda: is_up(ada))
    ids = [ada.post("/api/v1/images", files={"file": ("a.png", picture())}).json()["id"] for _ in range(2)]
    asked = {"content": ids[0], "styles": [{"image": ids[1]}], "size": 64}
    nobody = ada.post("/api/v1/preview", json=asked)
    assert (nobody.status_code, nobody.json()["error"]["code"]) == (503, "no_painter")

    site.start_worker("jobs.fake_worker", "0.0")
    ada_too = site.browser(addresses[1], ada.cookies)
    wait_until(lambda: is_up(ada_too))
    wait_until(lambda: ada_too.post("/api/v1/preview", json=asked).status_code == 200)
    assert ada.post("/api/v1/preview", json=asked).content.startswith(b"\xff\xd8")
    sheet = ada.post("/api/v1/preview/sheet", json={"content": ids[0], "size": 64})
    assert sheet.content.startswith(b"\xff\xd8"), sheet.text

    job = submit(ada, steps=20)
    wait_until(lambda: now(ada_too, job)["state"] == "done")
    result = f"/api/v1/jobs/{job['id']}/result.png"
    assert ada_too.get(result).content == ada.get(result).content
    assert list((site.folder / "data").glob("jobs/*")) == []
