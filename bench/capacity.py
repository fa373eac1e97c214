"""The scaled-out studio without its engines: what PostgreSQL and Redis take, with workers that do not paint.

Both servers are started here, and PostgreSQL waits for the disk as it would in earnest. Each worker, and a
web process that submits and reads meanwhile, is a process of its own with the studio's own code; all of them
and the servers share this machine's cores.
"""

import argparse
import multiprocessing
import shutil
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import redis
from rich.console import Console
from rich.table import Table
from sqlalchemy import Engine, create_engine, text

from bench.simulated import (
    CLIENTS,
    MANY,
    PREVIEW_EVERY,
    Clock,
    Diary,
    Site,
    add_picture,
    claim_all,
    new_job,
    visit,
    work,
)
from nst import images
from nst.gallery import catalogue
from nst.jobs.painters.painting import PREVIEW_SIDE
from nst.jobs.records.database import open_postgres
from nst.jobs.records.schema import jobs
from nst.jobs.records.store import Store
from nst.jobs.records.thinning import thin_one
from tests.servers import Postgres, Redis, postgres, postgres_programs, redis_server

PACE = 1 / 3.5  # seconds a step, at which a thousand workers paint a million pictures of 300 steps a day
VISIT = 0.1  # seconds between two submits
BACKLOG, CLAIM_SECONDS, LOOKS = 20_000, 3.0, 40
_PROCESSES = multiprocessing.get_context("forkserver")
_PATIENCE = 300.0  # seconds


@dataclass(frozen=True)
class Round:
    workers: int
    steps: int
    jobs: int
    apart: float = 0.0

    @property
    def title(self) -> str:
        pace = f", {1 / self.apart:g} a second" if self.apart else ""
        return f"{self.workers} workers, {self.steps} steps{pace}"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--jobs", type=int, default=60, help="jobs of 30 steps in each round")


def report(console: Console, jobs: int = 60) -> None:
    """Prints rates, times and bytes of jobs that are worked off, and of a long line."""
    programs = postgres_programs()
    if programs is None or shutil.which("redis-server") is None:
        console.print("capacity: needs PostgreSQL and Redis (apt-get install postgresql redis-server)")
        return
    _PROCESSES.set_forkserver_preload(["bench.simulated"])
    rounds = [Round(workers, 30, jobs) for workers in (2, 8, 32)]
    rounds += [Round(8, 300, max(jobs // 8, 8)), Round(32, 30, max(jobs, 64), PACE)]
    with postgres(programs, durable=True) as database, redis_server() as wakes:
        done = [(one.title, _worked(database, wakes, one)) for one in rounds]
        console.print(_table(f"Jobs worked off, a preview every {PREVIEW_EVERY} steps", done))
        console.print(_table(f"{BACKLOG} jobs of {BACKLOG // 4} clients wait", [("", _backlog(database))]))
    console.print(
        f"A preview of {PREVIEW_SIDE} pixels, median of the gallery's paintings: {_preview_bytes()} bytes"
    )


def _worked(database: Postgres, wakes: Redis, asked: Round) -> dict[str, str]:
    """A fresh database's worth of jobs, two thirds of them there when the workers begin."""
    address = database.new_database()
    engine = open_postgres(address)
    store = Store(engine, lambda job, seq: None)
    add_picture(store)
    empty = _bytes(engine)
    visits = asked.jobs // 3
    for number in range(asked.jobs - visits):
        store.add_job(new_job(f"client {number % CLIENTS}", asked.steps), MANY, MANY)
    site = Site(address, wakes.url, asked.apart)
    drained = _PROCESSES.Event()
    before: list[_Used] = []
    calls: list[tuple[Callable[..., None], tuple[Any, ...]]] = [(work, (site,))] * asked.workers
    calls.append((visit, (site, visits, asked.steps, VISIT)))
    seconds, diaries = _run(calls, (drained,), lambda: before.append(_Used.of(database, wakes, engine)))
    clock = Clock()
    while clock.take("thinning", lambda: thin_one(store, datetime.now(UTC))):
        pass
    used = _Used.of(database, wakes, engine).since(before[0])
    (events,) = _numbers(engine, "SELECT sum(seq) FROM jobs")
    kept, done = _numbers(engine, "SELECT count(*), count(*) FILTER (WHERE kind = 'state') FROM events")
    updates, hot = _numbers(
        engine, "SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = 'jobs'"
    )
    loose = _bytes(engine) - empty
    _alone(engine, "VACUUM FULL")
    whole = _bytes(engine) - empty
    (log_bytes,) = _numbers(engine, "SELECT pg_total_relation_size('events')")
    store.close()
    assert done == 3 * asked.jobs, "a job was not worked off"
    times = _merged(diaries)
    return {
        "jobs a second": f"{asked.jobs / seconds:.1f}",
        "step events a second": f"{len(times['step']) / seconds:.0f}",
        "all events a second": f"{events / seconds:.0f}",
        "transactions an event": f"{used.commits / events:.2f}",
        "a claim, median and 95%": _spread(times["claim"]),
        "a recorded step": _spread(times["step"]),
        "a submit": _spread(times["submit"]),
        "a job read": _spread(times["read"]),
        "a log read": _spread(times["log"]),
        "PostgreSQL's processor an event": f"{used.cpu / events * 1e3:.2f} ms",
        "the workers' processor an event": f"{sum(one.cpu for one in diaries) / events * 1e3:.2f} ms",
        "events written for a job": f"{events / asked.jobs:.0f}",
        "thinning its log": _spread(clock.times["thinning"][:-1]),
        "rows that are left of it (events, and 3)": f"{kept / asked.jobs:.0f} + 3",
        "bytes a job, all tables": f"{whole / asked.jobs:,.0f}",
        "not vacuumed": f"{loose / asked.jobs:,.0f}",
        "bytes an event that is left, its index too": f"{log_bytes / kept:.0f}",
        "write-ahead log an event": f"{used.wal / events:,.0f} bytes",
        "updates of jobs that touch no index": f"{hot / max(updates, 1):.0%}",
        "Redis messages a job": f"{used.messages / asked.jobs:.0f}",
        "Redis's processor a message": f"{used.redis_cpu / max(used.messages, 1) * 1e6:.0f} µs",
    }


def _backlog(database: Postgres) -> dict[str, str]:
    address = database.new_database()
    engine = open_postgres(address)
    store = Store(engine, lambda job, seq: None)
    add_picture(store)
    now = datetime.now(UTC)
    waiting = [new_job(f"client {number % (BACKLOG // 4)}", 300) for number in range(BACKLOG)]
    table = jobs.insert().values(state="queued", steps=300, created=now, lane=2)
    with engine.begin() as connection:
        for start in range(0, BACKLOG, 1000):
            rows = [
                {"id": job.id, "owner": job.owner, "spec": job.spec.model_dump(mode="json"), "turn": turn}
                for turn, job in (
                    (place // (BACKLOG // 4), waiting[place]) for place in range(start, start + 1000)
                )
            ]
            connection.execute(table, rows)
    _alone(engine, "VACUUM ANALYZE")  # as PostgreSQL would by itself within a minute
    clock = Clock()
    for number in range(LOOKS):
        job = new_job(f"visitor {number}", 300)
        clock.take("submit", lambda job=job: store.add_job(job, MANY, MANY))
        clock.take("first", lambda number=number: store.job(waiting[number].id))
        clock.take("last", lambda number=number: store.job(waiting[-1 - number].id))
    seconds, diaries = _run([(claim_all, (Site(address, ""), CLAIM_SECONDS))] * 8, (), lambda: None)
    store.close()
    claims = _merged(diaries)["claim"]
    return {
        "a submit, median and 95%": _spread(clock.times["submit"]),
        "a read of a job that is soon next": _spread(clock.times["first"]),
        "a read of a job at the end": _spread(clock.times["last"]),
        "claims a second, of 8 workers": f"{len(claims) / seconds:.0f}",
        "a claim": _spread(claims),
    }


def _run(
    calls: list[tuple[Callable[..., None], tuple[Any, ...]]],
    shared: tuple[Any, ...],
    begin: Callable[[], None],
) -> tuple[float, list[Diary]]:
    """Each call in a process of its own, all at once; seconds until the last is done, and what they tell."""
    go = _PROCESSES.Barrier(len(calls) + 1)
    pipes, processes = [], []
    for call, arguments in calls:
        here, there = _PROCESSES.Pipe(duplex=False)
        process = _PROCESSES.Process(target=call, args=(*arguments, go, *shared, there), daemon=True)
        process.start()
        there.close()
        pipes.append(here)
        processes.append(process)
    try:
        begin()
        go.wait(_PATIENCE)
        began = time.monotonic()
        diaries: list[Diary] = [pipe.recv() for pipe in pipes]
        for process in processes:
            process.join(_PATIENCE)
    finally:
        for process in processes:
            process.kill()
    return max(one.ended for one in diaries) - began, diaries


@dataclass(frozen=True)
class _Used:
    """Of the servers, since they started: seconds of processor, bytes of write-ahead log, and counts."""

    cpu: float
    wal: int
    commits: int
    messages: int
    redis_cpu: float

    @classmethod
    def of(cls, database: Postgres, wakes: Redis, engine: Engine) -> "_Used":
        wal, commits = _numbers(
            engine,
            "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0'), xact_commit FROM pg_stat_database "
            "WHERE datname = current_database()",
        )
        with redis.Redis.from_url(wakes.url) as client:
            known: Any = client.info("all")
        messages = known.get("cmdstat_publish", {}).get("calls", 0)
        postmaster = int((Path(database.data) / "postmaster.pid").read_text().split()[0])
        return cls(_cpu(postmaster), wal, commits, messages, known["used_cpu_user"] + known["used_cpu_sys"])

    def since(self, earlier: "_Used") -> "_Used":
        return _Used(*(now - then for now, then in zip(_fields(self), _fields(earlier), strict=True)))


def _fields(used: _Used) -> list[Any]:
    return list(vars(used).values())


def _cpu(parent: int) -> float:
    """Seconds of a process, of its children that live, and of those that are gone."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            if stat.parent.name == str(parent):
                ticks += sum(map(int, fields[11:15]))
            elif int(fields[1]) == parent:
                ticks += sum(map(int, fields[11:13]))
    return ticks / 100


def _numbers(engine: Engine, query: str) -> list[int]:
    with engine.begin() as connection:
        return [int(value) for value in connection.execute(text(query)).one()]


def _alone(engine: Engine, statement: str) -> None:
    """Outside of any transaction."""
    apart = create_engine(engine.url, isolation_level="AUTOCOMMIT")
    with apart.connect() as connection:
        connection.execute(text(statement))
    apart.dispose()


def _bytes(engine: Engine) -> int:
    """Of all tables with their indexes."""
    return _numbers(engine, "SELECT sum(pg_total_relation_size(relid)) FROM pg_stat_user_tables")[0]


def _merged(diaries: list[Diary]) -> dict[str, list[float]]:
    merged: dict[str, list[float]] = defaultdict(list)
    for diary in diaries:
        for name, times in diary.times.items():
            merged[name] += times
    return merged


def _preview_bytes() -> int:
    sizes = []
    for sample in catalogue.styles():
        pixels = images.load(sample.path)
        height, width = pixels.shape[:2]
        small = images.resize(pixels, images.fitted(width, height, PREVIEW_SIDE))
        sizes.append(len(images.encode_jpeg(small, 80)))
    return round(median(sizes))


def _spread(seconds: list[float]) -> str:
    return f"{median(seconds) * 1e3:.1f}, {quantiles(seconds, n=20)[-1] * 1e3:.1f} ms"


def _table(title: str, columns: list[tuple[str, dict[str, str]]]) -> Table:
    table = Table(title=title)
    table.add_column("")
    for name, _ in columns:
        table.add_column(name, justify="right")
    for row in columns[0][1]:
        table.add_row(row, *(values[row] for _, values in columns))
    return table
