"""How the studio stands as a whole, for whoever runs it: queue, workers, disk. Nobody's name is in it."""

import platform
import time
from datetime import datetime
from threading import Lock
from typing import NamedTuple

from sqlalchemy import func, select

from nst.jobs import metrics
from nst.jobs.filing.files import Files
from nst.jobs.models import State
from nst.jobs.painters.worker import Worker
from nst.jobs.records.leases import Leases
from nst.jobs.records.schema import jobs
from nst.jobs.records.store import Store
from nst.jobs.sweep import Sweep

UNDER_WAY = ("queued", "running", "paused", "interrupted")
_COUNT_AGAIN = 60.0  # seconds
_SHARE_OF_TIME = 0.01  # that may go into counting what is kept


class Standing(NamedTuple):
    """How many jobs of a kind are in a state, and since when the oldest of them is there."""

    kind: str
    state: State
    jobs: int
    oldest: datetime


class Disk(NamedTuple):
    """In bytes: what is kept, what that may come to (none: no limit), the disk that is written to here."""

    used: int
    quota: int | None
    free: int
    total: int


class WorkerState(NamedTuple):
    """Who paints where, since when, and what; `trouble` is why no engine can be had, if so."""

    name: str
    machine: str
    since: datetime | None
    ready: bool
    trouble: str | None
    job: str | None


class Running(NamedTuple):
    """A job under way."""

    job: str
    kind: str
    step: int
    steps: int


class Failure(NamedTuple):
    """A job that failed; `reason` is what its owner was told."""

    job: str
    kind: str
    finished: datetime | None
    reason: str | None


class Overview:
    """Every method may be called from any thread, and waits for the disk or the database."""

    def __init__(self, store: Store, files: Files, worker: Worker, sweep: Sweep) -> None:
        self._store = store
        self._leases = Leases(store)
        self._sweep = sweep
        self._files = files
        self._worker = worker
        self._counting = Lock()
        self._used = 0
        self._count_after = float("-inf")

    def queue(self) -> list[Standing]:
        """Jobs that are not finished, by kind (`picture`, `group`, `video`) and state."""
        in_group = jobs.c.group.is_not(None)
        found = (
            select(jobs.c.kind, in_group, jobs.c.state, func.count(), func.min(jobs.c.created))
            .where(jobs.c.state.in_(UNDER_WAY))
            .group_by(jobs.c.kind, in_group, jobs.c.state)
        )
        with self._store.read() as connection:
            return [
                Standing("group" if grouped else kind, state, count, oldest)
                for kind, grouped, state, count, oldest in connection.execute(found)
            ]

    def waiting_per_client(self) -> list[int]:
        """How many jobs wait of each client that has any, most first. Whose they are is not said."""
        count = func.count()
        found = select(count).where(jobs.c.state == "queued").group_by(jobs.c.owner).order_by(count.desc())
        with self._store.read() as connection:
            return list(connection.scalars(found))

    def running(self) -> list[Running]:
        """What is painted now, the oldest first."""
        found = select(jobs).where(jobs.c.state == "running").order_by(jobs.c.number)
        with self._store.read() as connection:
            rows = connection.execute(found).all()
        return [Running(row.id, metrics.kind_of(row), row.step, row.steps) for row in rows]

    def failures(self, limit: int = 20) -> list[Failure]:
        """The jobs that failed last, the newest first."""
        failed = select(jobs).where(jobs.c.state == "failed").order_by(jobs.c.number.desc()).limit(limit)
        with self._store.read() as connection:
            rows = connection.execute(failed).all()
        return [Failure(row.id, metrics.kind_of(row), row.finished, row.error) for row in rows]

    def newest(self, limit: int = 1000) -> dict[str, int]:
        """How many of the newest jobs are in each state."""
        newest = select(jobs.c.state).order_by(jobs.c.number.desc()).limit(limit).subquery()
        found = select(newest.c.state, func.count()).group_by(newest.c.state).order_by(newest.c.state)
        with self._store.read() as connection:
            return {str(row[0]): int(row[1]) for row in connection.execute(found)}

    def disk(self) -> Disk:
        disk = self._files.disk()
        return Disk(self._bytes(), self._sweep.quota, disk.free, disk.total)

    def workers(self) -> list[WorkerState]:
        """All who were heard of lately; where the studio is one process, the one in it."""
        live = [
            WorkerState(one.name, one.machine, one.started, one.is_ready, one.trouble, one.job)
            for one in self._leases.live()
        ]
        if live or not self._worker.is_alive:
            return live
        job = next((one.job for one in self.running()), None)
        how = self._worker.is_ready, self._worker.trouble, job
        return [WorkerState("of this process", platform.node(), None, *how)]

    def _bytes(self) -> int:
        """Counted anew once a minute at most, and less often where that takes long."""
        with self._counting:
            began = time.monotonic()
            if began >= self._count_after:
                self._used = self._sweep.stock.bytes()
                took = time.monotonic() - began
                self._count_after = began + max(_COUNT_AGAIN, took / _SHARE_OF_TIME)
            return self._used
