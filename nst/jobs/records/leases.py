"""Who paints which job, and who still lives: each worker tells the database now and then that it does.

A worker that has not been heard of for `LEASE_SECONDS` is taken for dead, and its job is anybody's. Should it
come back, its writing is refused: a running job is changed by the worker that claimed it, and by no other.
Times are the database's own, for the clocks of several machines differ.
"""

import platform
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, func, insert, or_, select, type_coerce, update
from sqlalchemy import delete as delete_from

from nst.jobs.models import Job
from nst.jobs.records import rows
from nst.jobs.records.schema import Moment, jobs, rounds, workers
from nst.jobs.records.store import Store
from nst.jobs.video_models import VideoJob

BEAT_SECONDS = 5.0
LEASE_SECONDS = 20.0
_FORGET = timedelta(days=1)
_NOW = type_coerce(func.current_timestamp(), Moment)


@dataclass(frozen=True)
class LiveWorker:
    """A worker that was heard of lately. `job` is what it paints, `trouble` why it has no engine."""

    name: str
    machine: str
    started: datetime
    is_ready: bool
    trouble: str | None
    speed: dict[str, Any]
    job: str | None


class Leases:
    """Every method asks the database."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def beat(self, *, is_ready: bool, trouble: str | None, speed: dict[str, Any]) -> None:
        """Say that the worker of this store lives, and how it is."""
        told = {"beat": func.current_timestamp(), "ready": is_ready, "trouble": trouble, "speed": speed}
        mine = workers.c.name == self._store.worker
        with self._store.write() as change:
            if change.connection.execute(update(workers).where(mine).values(told)).rowcount == 0:
                who = {"name": self._store.worker, "machine": platform.node()[:64]}
                first = {**who, **told, "started": func.current_timestamp()}
                change.connection.execute(insert(workers).values(first))
                dead = workers.c.beat < _now(change.connection) - _FORGET
                change.connection.execute(delete_from(workers).where(dead))

    def leave(self) -> None:
        """Say that the worker of this store is no more."""
        with self._store.write() as change:
            mine = workers.c.name == self._store.worker
            change.connection.execute(delete_from(workers).where(mine))

    def live(self) -> list[LiveWorker]:
        """The workers that were heard of lately, in the order they came."""
        painted = select(jobs.c.id).where(jobs.c.state == "running", jobs.c.worker == workers.c.name).limit(1)
        with self._store.read() as connection:
            lately = workers.c.beat > _since(connection)
            found = select(workers, painted.scalar_subquery().label("job")).where(lately)
            return [
                LiveWorker(
                    row.name, row.machine, row.started, row.ready, row.trouble, row.speed or {}, row.job
                )
                for row in connection.execute(found.order_by(workers.c.started, workers.c.name))
            ]

    def is_my_turn(self) -> bool:
        """Whether to look for `abandoned` jobs now: of all who ask, one in `BEAT_SECONDS` is told so.

        A look reads all that is running: if everybody did, that would grow with the square of the workers.
        """
        with self._store.write() as change:
            before = _now(change.connection) - timedelta(seconds=BEAT_SECONDS)
            due = rounds.c.name == "recovery", rounds.c.begun <= before
            begin = update(rounds).where(*due).values(begun=func.current_timestamp())
            return change.connection.execute(begin).rowcount == 1

    def abandoned(self) -> list[tuple[Job | VideoJob, int]]:
        """Jobs whose worker is gone, or that were handed back, with how often each crashed."""
        with self._store.read() as connection:
            live = select(workers.c.name).where(workers.c.beat > _since(connection))
            orphan = or_(jobs.c.worker.is_(None), jobs.c.worker.not_in(live))
            lost = or_(jobs.c.state == "interrupted", and_(jobs.c.state == "running", orphan))
            found = select(jobs).where(jobs.c.state.in_(("running", "interrupted")), lost)
            every = connection.execute(found.order_by(jobs.c.number)).all()
        return [(rows.any_job_of(row, {}), row.crashes) for row in every]

    def take(self, job: Job | VideoJob) -> bool:
        """Take a running job, as `abandoned` told of it, from the worker that is gone; counts a crash.

        False if it moved meanwhile: of several who try, one succeeds.
        """
        with self._store.write() as change:
            row = change.locked(job.id)
            if row is None or row.state != "running":
                return False
            live = select(workers.c.name).where(
                workers.c.name == row.worker, workers.c.beat > _since(change.connection)
            )
            if change.connection.execute(live).first() is not None:  # somebody took it up already
                return False
            crashes = jobs.c.crashes + 1
            change.move(job.id, ("running",), "interrupted", whoever=True, crashes=crashes)
        return True

    def hand_back(self) -> bool:
        """Interrupt what the worker of this store has claimed, and does not paint; whether there was such."""
        mine = select(jobs.c.id).where(jobs.c.state == "running", jobs.c.worker == self._store.worker)
        with self._store.read() as connection:
            claimed = list(connection.scalars(mine))
        for job_id in claimed:
            self._store.move(job_id, ("running",), "interrupted")
        return bool(claimed)


def _now(connection: Connection) -> datetime:
    now: datetime = connection.execute(select(_NOW)).scalar_one()
    return now


def _since(connection: Connection) -> datetime:
    """When a worker must have been heard of to be taken for alive."""
    return _now(connection) - timedelta(seconds=LEASE_SECONDS)
