"""Workers and visitors of a simulated studio: what real ones ask of PostgreSQL and Redis, and no painting."""

import math
import random
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier, Event
from typing import TypeVar

from nst.jobs.ids import new_id
from nst.jobs.models import Job, JobSpec, Stage, StoredImage, StyleRef
from nst.jobs.painters import stages
from nst.jobs.records.database import open_postgres
from nst.jobs.records.store import Store
from nst.jobs.redis_wake import RedisWake
from nst.options import Options

CLIENTS = 40
PREVIEW_EVERY = 3  # steps
MANY = 10**9  # jobs that may wait
PICTURE = "0" * 32  # id of the one that all are painted with
_LOOK = 0.01  # seconds until an idle worker looks again
_PAGE = 200  # events that a reader asks for

T = TypeVar("T")


@dataclass(frozen=True)
class Site:
    """Where the servers are, and how fast each worker takes steps (seconds apart; 0: as fast as it can)."""

    database: str
    redis: str
    apart: float = 0.0


@dataclass(frozen=True)
class Diary:
    """What one process did: seconds of each call by its name, of its processor, and when it was done."""

    times: dict[str, list[float]]
    cpu: float
    ended: float


class Clock:
    """Times calls."""

    def __init__(self) -> None:
        self.times: dict[str, list[float]] = defaultdict(list)
        self._cpu = time.process_time()

    def take(self, name: str, call: Callable[[], T]) -> T:
        began = time.perf_counter()
        made = call()
        self.times[name].append(time.perf_counter() - began)
        return made

    def diary(self) -> Diary:
        return Diary(dict(self.times), time.process_time() - self._cpu, time.monotonic())


def new_job(owner: str, steps: int) -> Job:
    spec = JobSpec(content=PICTURE, styles=[StyleRef(image=PICTURE)], options=Options(steps=steps))
    return Job(id=new_id(), owner=owner, spec=spec, state="queued", steps=steps, created=datetime.now(UTC))


def add_picture(store: Store) -> None:
    store.add_image(StoredImage(id=PICTURE, owner="", width=1, height=1, created=datetime.now(UTC)), PICTURE)


def work(site: Site, go: Barrier, drained: Event, out: Connection) -> None:
    """Work off jobs as a worker does, until none is left and none will come."""
    wake = RedisWake(site.redis)
    store = Store(open_postgres(site.database), wake.announce)
    _warm_up(store)
    go.wait()
    clock = Clock()
    time.sleep(random.random() * site.apart)
    while True:
        is_drained = drained.is_set()
        began = time.perf_counter()
        job = store.claim()
        if isinstance(job, Job):
            clock.times["claim"].append(time.perf_counter() - began)
            _paint(store, job, site.apart, clock)
        elif is_drained:
            break
        else:
            time.sleep(_LOOK)
    out.send(clock.diary())
    wake.close()
    store.close()


def visit(
    site: Site, count: int, steps: int, apart: float, go: Barrier, drained: Event, out: Connection
) -> None:
    """Submit so many jobs, seconds apart, as a web process does, and read jobs and their logs meanwhile."""
    wake = RedisWake(site.redis)
    store = Store(open_postgres(site.database), wake.announce)
    go.wait()
    clock = Clock()
    for number in range(count):
        job = new_job(f"visitor {number % CLIENTS}", steps)
        clock.take("submit", lambda job=job: store.add_job(job, MANY, MANY))
        clock.take("read", lambda job=job: store.job(job.id, job.owner))
        clock.take("log", lambda job=job: store.log(job.id, 0, _PAGE))
        time.sleep(apart)
    drained.set()
    out.send(clock.diary())
    wake.close()
    store.close()


def claim_all(site: Site, seconds: float, go: Barrier, out: Connection) -> None:
    """Claim jobs and leave them, for so many seconds."""
    store = Store(open_postgres(site.database), lambda job, seq: None)
    go.wait()
    clock = Clock()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        clock.take("claim", store.claim)
    out.send(clock.diary())
    store.close()


def _warm_up(store: Store) -> None:
    """Connect, and compile the statements, which a process does once in its life."""
    store.job("none")
    store.record_step("none", _step(1, 1))
    store.record_preview("none")
    store.move("none", ("running",), "done", result=(1, 1))


def _paint(store: Store, job: Job, apart: float, clock: Clock) -> None:
    """As `nst.jobs.painters.painting` does, with every picture already drawn."""
    store.job(job.id)
    kept: list[Stage] = []
    for index in range(1, job.steps + 1):
        began = time.perf_counter()
        told = _step(index, job.steps)
        clock.take("step", lambda told=told: store.record_step(job.id, told))
        if stages.is_due(index, job.steps):
            kept = stages.thinned([*kept, Stage(step=index, scale=0)])
            store.record_stages(job.id, kept)
        if index % PREVIEW_EVERY == 1:
            clock.take("preview", lambda: store.record_preview(job.id))
        if index == 1:
            store.forget_crashes(job.id)
        time.sleep(max(0.0, apart - (time.perf_counter() - began)))
    clock.take("move", lambda: store.move(job.id, ("running",), "done", result=(512, 384)))


def _step(index: int, steps: int) -> dict[str, object]:
    """Numbers as long as real ones."""
    parts = {
        name: share / math.sqrt(index + 1) for name, share in (("content", 1.7), ("style", 5.3), ("tv", 0.1))
    }
    return {
        "step": index,
        "steps": steps,
        "scale": 3,
        "scales": 4,
        "width": 512,
        "height": 384,
        "seconds": round(index * 0.123, 3),
        "seconds_left": round((steps - index) * 0.123, 1),
        "losses": {"total": sum(parts.values()), **parts},
    }
