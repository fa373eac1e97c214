"""How the studio answers while it paints: a real server in a process of its own, real requests."""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from statistics import median, quantiles
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table

PORT = 8059
ADDRESS = f"http://127.0.0.1:{PORT}"
LOADS = 50
WARM_STARTS = 5
_PATIENCE = 120.0  # seconds for the server to warm up, and for a job to begin


def report(console: Console) -> None:
    """Prints the time to the first changed picture, page-load times and the event loop's lag."""
    table = Table(title="Studio: one job painting in the background")
    for column in ("what", "median", "95%", "worst", "unit"):
        table.add_column(column, justify="left" if column in ("what", "unit") else "right")
    with tempfile.TemporaryDirectory() as folder, _server(folder) as lag_of:
        client = httpx.Client(base_url=ADDRESS, timeout=30)
        ready = _wait(lambda: client.get("/readyz").status_code == 200)
        pictures = [client.post(f"/api/v1/samples/{name}").json()["id"] for name in _samples(client)]
        firsts = []
        for _ in range(1 + WARM_STARTS):
            job, seconds = _first_picture(client, pictures, size=256, steps=40)
            firsts.append(seconds)
            _wait(lambda job=job: _job(client, job)["state"] == "done")
        for size in (256, 512):
            job, _ = _first_picture(client, pictures, size=size, steps=400)
            _wait(lambda job=job, size=size: _job(client, job)["width"] == size)  # the finest scale
            for path in ("/healthz", "/", "/_dash-layout"):
                times = [_timed(client, path) for _ in range(LOADS)]
                assert _job(client, job)["state"] == "running"
                table.add_row(f"GET {path} at size {size}", *_spread(times), "ms")
            client.post(f"/api/v1/jobs/{job}/cancel").raise_for_status()
            _wait(lambda job=job: _job(client, job)["state"] == "cancelled")
    table.add_row("event loop's lag over the whole run", *_spread(lag_of()), "ms")
    table.add_row(
        "Start to first changed picture, size 256, first job", f"{firsts[0] * 1e3:.0f}", "", "", "ms"
    )
    table.add_row("Start to first changed picture, size 256, later", *_spread(firsts[1:]), "ms")
    table.add_row("server start to ready, engine loaded and warm", f"{ready * 1e3:.0f}", "", "", "ms")
    console.print(table)


def _spread(seconds: list[float]) -> tuple[str, str, str]:
    tail = quantiles(seconds, n=20)[-1] if len(seconds) > 5 else max(seconds)
    return tuple(f"{value * 1e3:.1f}" for value in (median(seconds), tail, max(seconds)))  # type: ignore[return-value]


def _samples(client: httpx.Client) -> tuple[str, str]:
    """The first sample photograph and the first sample style."""
    samples = client.get("/api/v1/samples").json()["samples"]
    first = {kind: next(s["name"] for s in samples if s["kind"] == kind) for kind in ("photo", "style")}
    return first["photo"], first["style"]


def _first_picture(client: httpx.Client, pictures: list[str], size: int, steps: int) -> tuple[str, float]:
    """Starts a job; its id, and the seconds until its first preview is in hand."""
    content, style = pictures
    wanted = {"content": content, "styles": [{"image": style}], "options": {"size": size, "steps": steps}}
    began = time.perf_counter()
    answer = client.post("/api/v1/jobs", json=wanted)
    answer.raise_for_status()
    job = answer.json()["id"]
    _wait(lambda: client.get(f"/api/v1/jobs/{job}/preview.jpg").status_code == 200, every=0.01)
    return job, time.perf_counter() - began


def _job(client: httpx.Client, job: str) -> dict[str, Any]:
    answer: dict[str, Any] = client.get(f"/api/v1/jobs/{job}").json()
    return answer


def _timed(client: httpx.Client, path: str) -> float:
    began = time.perf_counter()
    client.get(path).raise_for_status()
    return time.perf_counter() - began


def _wait(ready: Callable[[], bool], every: float = 0.1) -> float:
    began = time.perf_counter()
    while time.perf_counter() - began < _PATIENCE:
        with contextlib.suppress(httpx.ConnectError):
            if ready():
                return time.perf_counter() - began
        time.sleep(every)
    raise TimeoutError("the studio did not get there in time")


@contextlib.contextmanager
def _server(data_dir: str) -> Iterator[Callable[[], list[float]]]:
    """A studio with a probe of its event loop; gives a function that reads the lags once it has stopped."""
    environment = os.environ | {"NST_PORT": str(PORT), "NST_DATA_DIR": data_dir}
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.studio"], env=environment, stdout=subprocess.PIPE, text=True
    )
    lags: list[float] = []
    try:
        yield lambda: lags
    finally:
        process.terminate()
        output, _ = process.communicate(timeout=30)
        lags.extend(json.loads(output.splitlines()[-1]))


async def _serve_and_probe() -> None:
    import uvicorn

    from app import server

    async def probe() -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(0.01)
            lags.append(time.perf_counter() - began - 0.01)

    # The server passes SIGTERM on when it has stopped; what it measured is still to be told.
    signal.signal(signal.SIGTERM, lambda *_: None)
    lags: list[float] = []
    probing = asyncio.create_task(probe())
    config = uvicorn.Config(server, port=PORT, log_level="warning", timeout_graceful_shutdown=3)
    await uvicorn.Server(config).serve()
    probing.cancel()
    print(json.dumps(lags))


if __name__ == "__main__":
    asyncio.run(_serve_and_probe())
