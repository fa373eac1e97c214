"""How soon a web process answers, and how much memory it takes: by itself, and scaled out.

PostgreSQL, Redis and an object store are started here. By itself, a thread loads TensorFlow beside it.
"""

import shutil
import time
from pathlib import Path
from statistics import median

import httpx
from rich.console import Console
from rich.table import Table

from bench.server import real_studio, wait
from tests.jobs import object_server
from tests.servers import Postgres, Redis, postgres, postgres_programs, redis_server

STARTS = 5
REQUESTS = 50
BUCKET = "studio"


def report(console: Console) -> None:
    """Prints seconds and memory of a few starts of each form."""
    programs = postgres_programs()
    if programs is None or shutil.which("redis-server") is None:
        console.print("web_start: needs PostgreSQL and Redis (apt-get install postgresql redis-server)")
        return
    table = Table(
        title=f"A web process: first answer, memory then and after {REQUESTS} requests, {STARTS} starts"
    )
    for column in ("form", "s, median", "worst", "MB", "later", "TensorFlow"):
        table.add_column(column, justify="left" if column == "form" else "right")
    with postgres(programs) as database, redis_server() as wakes, object_server.running() as store:
        store.make_bucket(BUCKET)
        scaled = _scaled(database, wakes)
        for form, settings in {
            "by itself": {},
            "scaled out, a folder": scaled,
            "scaled out, an object store": scaled | store.environment | {"NST_FILES_URL": f"s3://{BUCKET}"},
        }.items():
            seconds, first, later, loaded = zip(*(_start(settings) for _ in range(STARTS)), strict=True)
            memory = [f"{min(each):.0f} to {max(each):.0f}" for each in (first, later)]
            words = "loaded" if any(loaded) else "not loaded"
            table.add_row(form, f"{median(seconds):.2f}", f"{max(seconds):.2f}", *memory, words)
    console.print(table)


def _scaled(database: Postgres, wakes: Redis) -> dict[str, str]:
    return {
        "NST_MODE": "scaled",
        "NST_DATABASE_URL": database.new_database(),
        "NST_REDIS_URL": wakes.url,
        "NST_SECRET": "0" * 32,
    }


def _start(settings: dict[str, str]) -> tuple[float, float, float, bool]:
    """Seconds to the first answer, MB then and later, and whether TensorFlow is in memory."""
    began = time.perf_counter()
    with real_studio(**settings) as studio, httpx.Client(timeout=30) as client:
        client.base_url = f"http://127.0.0.1:{studio.port}"
        wait(lambda: client.get("/healthz").status_code == 200, every=0.02)
        seconds, first = time.perf_counter() - began, _resident(studio.process)
        for _ in range(REQUESTS // 2):
            client.get("/").raise_for_status()
            client.get("/api/v1/jobs").raise_for_status()
        is_loaded = "tensorflow" in Path(f"/proc/{studio.process}/maps").read_text()
        return seconds, first, _resident(studio.process), is_loaded


def _resident(process: int) -> float:
    """MB."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))
