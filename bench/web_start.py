"""How soon a web process answers, and how much memory it takes.

Started as the environment says: with `NST_MODE=scaled` and its servers; or without, where the painter
loads TensorFlow beside it in a thread.
"""

import time
from pathlib import Path

import httpx
from rich.console import Console
from rich.table import Table

from bench.server import real_studio, wait

STARTS = 5
REQUESTS = 50


def report(console: Console) -> None:
    """Prints seconds and memory of a few starts."""
    table = Table(title=f"A web process: its first answer, its memory then and after {REQUESTS} requests")
    for column in ("start", "first answer, s", "resident, MB", "later, MB", "TensorFlow"):
        table.add_column(column, justify="right")
    for start in range(STARTS):
        began = time.perf_counter()
        with real_studio() as studio, httpx.Client(timeout=30) as client:
            client.base_url = f"http://127.0.0.1:{studio.port}"
            wait(lambda: client.get("/healthz").status_code == 200, every=0.02)
            seconds, first = time.perf_counter() - began, _resident(studio.process)
            for _ in range(REQUESTS // 2):
                client.get("/").raise_for_status()
                client.get("/api/v1/jobs").raise_for_status()
            is_loaded = "tensorflow" in Path(f"/proc/{studio.process}/maps").read_text()
            later = _resident(studio.process)
        words = "loaded" if is_loaded else "not loaded"
        table.add_row(str(start + 1), f"{seconds:.2f}", f"{first:.0f}", f"{later:.0f}", words)
    console.print(table)


def _resident(process: int) -> float:
    """MB."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))
