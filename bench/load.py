"""The studio under load: many open pages that follow one painting, and a thousand jobs within a minute.

Visitors and studio share the machine's cores, and the studio paints all the while.
"""

import argparse
import asyncio
import itertools
import sqlite3
import time
from collections.abc import Coroutine
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.server import Real, real_studio
from bench.visitors import Arrivals, Page, Shown, Visitor, follow_events, follow_page

READ_TARGET, DELAY_TARGET = 0.1, 0.5  # seconds, of 95% of reads and events
SIZE, STEPS = 512, 10_000
LOOK_EVERY = 5.0  # seconds between two looks at the server's memory
PER_CLIENT = 3
MINUTE = 60.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seconds", type=float, default=60, help="how long the painting is followed")
    parser.add_argument("--streams", type=int, default=200, help="open event streams")
    parser.add_argument("--pages", type=int, default=0, help="open pages of the studio, over websockets")
    parser.add_argument("--reads", type=float, default=20, help="requests a second to the API meanwhile")
    parser.add_argument("--jobs", type=int, default=1000, help="jobs submitted within a minute; 0: none")


def report(
    console: Console,
    seconds: float = 60,
    streams: int = 200,
    pages: int = 0,
    reads: float = 20,
    jobs: int = 1000,
) -> None:
    """Prints how soon reads and events come, what becomes of the server's memory, and of a thousand jobs."""
    limits = {"NST_QUEUED_TOTAL": str(max(jobs, 1)), "NST_QUEUED_PER_CLIENT": str(PER_CLIENT)}
    limits["NST_CLIENTS_PER_ADDRESS"] = str(max(jobs, streams + pages, 8))  # all of them come from here,
    limits["NST_WEBSOCKETS_PER_CLIENT"] = str(max(pages, 1))  # and those who follow have one cookie
    limits["NST_REQUESTS_PER_MINUTE"] = str(60_000)
    with real_studio(**limits) as studio:
        asyncio.run(_load(console, studio, seconds, streams, pages, reads, jobs))


async def _load(
    console: Console,
    studio: Real,
    seconds: float,
    streams: int,
    pages: int,
    reads: float,
    jobs: int,
) -> None:
    visitor = Visitor(studio.port)
    await _until(visitor, "/readyz", lambda answer: answer.status == 200)
    pictures = await _pictures(visitor)
    job = await _paint_at_full_size(visitor, pictures)
    if seconds:
        console.print(await _followed(visitor, studio, job, pictures, seconds, streams, pages, reads))
    if jobs:
        console.print(await _submitted(visitor, studio.folder, job, jobs))


async def _followed(
    visitor: Visitor,
    studio: Real,
    job: str,
    pictures: list[str],
    seconds: float,
    streams: int,
    pages: int,
    reads: float,
) -> Table:
    events, shown = Arrivals(), Shown(Arrivals(), [], [])
    newest = await _newest_event(studio.folder, job)
    page = await Page.load(visitor)
    following: list[Coroutine[Any, Any, None]] = [
        follow_events(visitor, job, newest, events) for _ in range(streams)
    ]
    following += [follow_page(visitor, page, job, shown) for _ in range(pages)]
    tasks = []
    for one in following:  # people do not all come at once
        tasks.append(asyncio.create_task(one))
        await asyncio.sleep(0.02)
    await asyncio.sleep(LOOK_EVERY)
    began = time.time()
    answers: dict[str, list[float]] = {}
    memory: list[float] = []
    readers = [
        asyncio.create_task(_read(visitor, job, pictures, reads, answers)),
        asyncio.create_task(_look(studio.process, memory)),
    ]
    shown.pictures.clear()
    shown.refused.clear()
    cpu, loop = _cpu_seconds(studio.process), _loop_seconds(studio.process)
    await asyncio.sleep(seconds)
    used = (_cpu_seconds(studio.process) - cpu) / seconds
    used_by_loop = (_loop_seconds(studio.process) - loop) / seconds
    broken = [task for task in tasks if task.done()]
    for task in (*readers, *tasks):
        task.cancel()
    done = await asyncio.gather(*readers, *tasks, return_exceptions=True)
    failures = [one for one in done if isinstance(one, Exception)]
    if failures:
        raise failures[0]

    table = Table(
        title=f"{streams} event streams and {pages} pages for {seconds:g} s, {reads:g} reads a second"
    )
    for column in ("what", "count", "median", "95%", "worst", "target"):
        table.add_column(column, justify="left" if column == "what" else "right")
    for path, times in sorted(answers.items()):
        table.add_row(path, *_spread(times), f"95% < {READ_TARGET * 1e3:.0f} ms")
    for what, arrivals, kind in (
        ("event, written to read", events, "seq"),
        ("step, written to shown", shown.steps, "step"),
    ):
        delays = _delays(studio.folder, job, arrivals, began, kind)
        if delays:
            table.add_row(what, *_spread(delays), f"95% < {DELAY_TARGET * 1e3:.0f} ms")
    if shown.pictures:
        table.add_row("pictures of pages, asked to read", *_spread(shown.pictures), "")
        table.add_row("pictures of pages, refused", str(len(shown.refused)), "", "", "", "0")
    table.add_row(
        "server's memory",
        "",
        f"{memory[0]:.0f} MB at first",
        f"{memory[len(memory) // 2]:.0f} MB halfway",
        f"{memory[-1]:.0f} MB at last",
        "flat",
    )
    table.add_row("processor, painting and all", "", f"{used:.2f} cores", "", "", "")
    table.add_row("of it the event loop's thread", "", f"{used_by_loop:.2f} cores", "", "", "")
    table.add_row("streams and pages that broke off", str(len(broken)), "", "", "", "0")
    return table


async def _read(
    visitor: Visitor, job: str, pictures: list[str], rate: float, answers: dict[str, list[float]]
) -> None:
    """What a page asks for now and then, at an even rate whether or not earlier answers are there."""
    paths = {
        "/jobs/ID": f"/api/v1/jobs/{job}",
        "/jobs": "/api/v1/jobs?limit=20",
        "/jobs/ID/preview.jpg": f"/api/v1/jobs/{job}/preview.jpg",
        "/images/ID/thumbnail.jpg": f"/api/v1/images/{pictures[0]}/thumbnail.jpg",
    }
    idle: list[Visitor] = []
    at_work: set[asyncio.Task[None]] = set()

    async def ask(name: str, path: str) -> None:
        reader = idle.pop() if idle else Visitor(visitor.port, visitor.cookie)
        answer = await reader.ask("GET", path)
        assert answer.status == 200, (path, answer.status, answer.body)
        answers.setdefault(name, []).append(answer.seconds)
        idle.append(reader)

    for name, path in itertools.cycle(paths.items()):
        task = asyncio.create_task(ask(name, path))
        at_work.add(task)
        task.add_done_callback(at_work.discard)
        await asyncio.sleep(1 / rate)


async def _look(process: int, memory: list[float]) -> None:
    while True:
        memory.append(_megabytes(process))
        await asyncio.sleep(LOOK_EVERY)


async def _submitted(visitor: Visitor, folder: Path, running: str, count: int) -> Table:
    """Many clients submit `count` small jobs within a minute, and then more than are taken."""
    clients = [Visitor(visitor.port) for _ in range(-(-count // PER_CLIENT))]
    spec: dict[Visitor, dict[str, Any]] = {}
    for client in clients:
        content, style = await _pictures(client)
        spec[client] = {"content": content, "styles": [{"image": style}], "options": {"size": 32, "steps": 1}}
    turns = itertools.islice(itertools.cycle(clients), count)
    asked: list[tuple[Visitor, str]] = []
    times: list[float] = []
    began = time.perf_counter()
    at_once = asyncio.Semaphore(8)

    async def submit(client: Visitor, due: float) -> None:
        await asyncio.sleep(due - (time.perf_counter() - began))
        async with at_once:
            answer = await client.ask("POST", "/api/v1/jobs", spec[client])
        assert answer.status == 202, (answer.status, answer.body)
        times.append(answer.seconds)
        asked.append((client, answer.json()["id"]))

    await asyncio.gather(*(submit(client, MINUTE * number / count) for number, client in enumerate(turns)))
    took = time.perf_counter() - began
    refused = [await client.ask("POST", "/api/v1/jobs", spec[client]) for client in clients[:20]]
    stranger = Visitor(visitor.port)
    content, style = await _pictures(stranger)
    wanted = {"content": content, "styles": [{"image": style}]}
    refused.append(await stranger.ask("POST", "/api/v1/jobs", wanted))
    places = {}
    for client, job in asked:
        places[job] = (await client.ask("GET", f"/api/v1/jobs/{job}")).json()["position"]
    await visitor.ask("POST", f"/api/v1/jobs/{running}/cancel")
    painting = time.perf_counter()
    while (left := _unfinished(folder)) and time.perf_counter() - painting < 10 * MINUTE:
        await asyncio.sleep(0.5)
    painted = _painted(folder, set(places))
    order = [job for job, _ in sorted(places.items(), key=lambda item: item[1])]

    table = Table(
        title=f"{count} jobs of {len(clients)} clients, submitted within a minute while one is painted"
    )
    for column in ("what", "", "target"):
        table.add_column(column, justify="left" if column == "what" else "right")
    table.add_row("submitted in", f"{took:.0f} s", f"{MINUTE:.0f} s")
    table.add_row("answered, median and 95%", "{1}, {2}".format(*_spread(times)), "")
    table.add_row(
        "places told: 1 to the last, each once",
        str(sorted(places.values()) == list(range(1, count + 1))),
        "True",
    )
    polite = [one for one in refused if one.status == 429 and int(one.headers.get("retry-after", 0)) > 0]
    table.add_row("429 with Retry-After beyond the limits", f"{len(polite)} of {len(refused)}", "all")
    table.add_row("painted to the end", f"{len(painted)} of {count}, {left} left", "all")
    table.add_row("in the order of their places", str(painted == order), "True")
    table.add_row("painted in", f"{time.perf_counter() - painting:.0f} s", "")
    return table


async def _pictures(visitor: Visitor) -> list[str]:
    """A photograph and a painting of the gallery, taken in: their ids."""
    samples = (await visitor.ask("GET", "/api/v1/samples")).json()["samples"]
    names = [next(one["name"] for one in samples if one["kind"] == kind) for kind in ("photo", "style")]
    return [(await visitor.ask("POST", f"/api/v1/samples/{name}")).json()["id"] for name in names]


async def _paint_at_full_size(visitor: Visitor, pictures: list[str]) -> str:
    """A painting under way that stays at its finest scale for hours: it goes on with a short one."""
    content, style = pictures
    short = {"content": content, "styles": [{"image": style}], "options": {"size": SIZE, "steps": 10}}
    job = (await visitor.ask("POST", "/api/v1/jobs", short)).json()["id"]
    await _until(visitor, f"/api/v1/jobs/{job}", lambda answer: answer.json()["state"] == "done")
    long: str = (await visitor.ask("POST", f"/api/v1/jobs/{job}/continue", {"steps": STEPS})).json()["id"]
    await _until(visitor, f"/api/v1/jobs/{long}", lambda answer: answer.json()["width"] == SIZE)
    return long


async def _until(visitor: Visitor, path: str, true: Any) -> None:
    for _ in range(1200):
        with suppress(ConnectionError):
            if true(await visitor.ask("GET", path)):
                return
        await asyncio.sleep(0.1)
    raise TimeoutError(path)


# What the server's own database knows, read beside it


def _rows(folder: Path, query: str, *values: object) -> list[tuple[Any, ...]]:
    database = sqlite3.connect(f"file:{folder / 'studio.db'}?mode=ro", uri=True)
    try:
        return database.execute(query, values).fetchall()
    finally:
        database.close()


async def _newest_event(folder: Path, job: str) -> int:
    return int(_rows(folder, "SELECT max(seq) FROM events WHERE job = ?", job)[0][0])


def _delays(folder: Path, job: str, arrivals: Arrivals, began: float, kind: str) -> list[float]:
    """From the moment that stands in the log to each arrival since `began`, in seconds."""
    column = "seq" if kind == "seq" else "json_extract(data, '$.step')"
    query = f"SELECT {column}, created FROM events WHERE job = ?" + (
        "" if kind == "seq" else " AND kind = 'step'"
    )
    written = {number: _moment(created) for number, created in _rows(folder, query, job)}
    pairs = zip(arrivals.numbers, arrivals.times, strict=True)
    return [moment - written[number] for number, moment in pairs if written[number] >= began]


def _moment(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def _unfinished(folder: Path) -> int:
    return int(_rows(folder, "SELECT count(*) FROM jobs WHERE finished IS NULL")[0][0])


def _painted(folder: Path, among: set[str]) -> list[str]:
    """Jobs that were finished with a result, in the order in which they were begun."""
    query = "SELECT id FROM jobs WHERE state = 'done' AND has_result ORDER BY started"
    return [job for (job,) in _rows(folder, query) if job in among]


# What the system knows of the server's process


def _megabytes(process: int) -> float:
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def _cpu_seconds(process: int) -> float:
    return _used(Path(f"/proc/{process}/stat"))


def _loop_seconds(process: int) -> float:
    """Those of its first thread, which has the event loop."""
    return _used(Path(f"/proc/{process}/task/{process}/stat"))


def _used(stat: Path) -> float:
    fields = stat.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def _spread(seconds: list[float]) -> tuple[str, str, str, str]:
    tail = quantiles(seconds, n=20)[-1] if len(seconds) > 5 else max(seconds)
    return str(len(seconds)), *(f"{value * 1e3:.0f} ms" for value in (median(seconds), tail, max(seconds)))
