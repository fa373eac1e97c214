"""How the studio stands as a whole, for whoever runs it: queue, workers, disk. Nobody's name is in it."""

import os
import shutil
import time
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from sqlalchemy import func, select

from nst.jobs import metrics
from nst.jobs.leases import Leases
from nst.jobs.models import State
from nst.jobs.schema import jobs
from nst.jobs.store import Store
from nst.jobs.sweep import Sweep
from nst.jobs.worker import Worker

UNDER_WAY = ("queued", "running", "paused", "interrupted")
_MEASURE_AGAIN = 60.0  # seconds
_SHARE_OF_TIME = 0.01  # that may go into measuring the folder


class Standing(NamedTuple):
    """How many jobs of a kind are in a state, and since when the oldest of them is there."""

    kind: str
    state: State
    jobs: int
    oldest: datetime


class Disk(NamedTuple):
    """In bytes; `used` is the studio's own folder, `quota` what all that is kept may come to."""

    used: int
    quota: int
    free: int
    total: int


class WorkerState(NamedTuple):
    """Who paints, and what; `trouble` is why no engine can be had, if so."""

    name: str
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

    def __init__(self, store: Store, folder: Path, worker: Worker, sweep: Sweep) -> None:
        self._store = store
        self._leases = Leases(store)
        self._sweep = sweep
        self._folder = folder
        self._worker = worker
        self._measuring = Lock()
        self._used = 0
        self._measure_after = float("-inf")

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
        usage = shutil.disk_usage(self._folder)
        return Disk(self._folder_bytes(), self._sweep.quota, usage.free, usage.total)

    def workers(self) -> list[WorkerState]:
        """All who were heard of lately; where the studio is one process, the one in it."""
        live = [WorkerState(one.name, one.is_ready, one.trouble, one.job) for one in self._leases.live()]
        if live or not self._worker.is_alive:
            return live
        job = next((one.job for one in self.running()), None)
        return [WorkerState("of this process", self._worker.is_ready, self._worker.trouble, job)]

    def _folder_bytes(self) -> int:
        """Looked at anew once a minute at most, and less often where that takes long."""
        with self._measuring:
            began = time.monotonic()
            if began >= self._measure_after:
                self._used = _bytes_under(self._folder)
                took = time.monotonic() - began
                self._measure_after = began + max(_MEASURE_AGAIN, took / _SHARE_OF_TIME)
            return self._used


def _bytes_under(folder: Path | str) -> int:
    """What the files in a folder take on the disk; those that go away meanwhile are not counted."""
    total = 0
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                try:
                    if entry.is_dir(follow_symlinks=False):
                        total += _bytes_under(entry.path)
                    else:
                        total += entry.stat(follow_symlinks=False).st_blocks * 512
                except FileNotFoundError:
                    continue
    except FileNotFoundError:
        return 0
    return total
