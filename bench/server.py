"""A real studio in a process of its own, to be asked as a browser asks it, with a probe of its event loop."""

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
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from bench.children import ROOT

PORT = 8059
ADDRESS = f"http://127.0.0.1:{PORT}"
_PATIENCE = 120.0  # seconds for the server to warm up, and for a job to begin


class Client:
    """One visitor of the studio, with one photograph and one painting in hand."""

    def __init__(self) -> None:
        self._http = httpx.Client(base_url=ADDRESS, timeout=30)
        self._pictures: dict[str, str] = {}

    def seconds_to_ready(self) -> float:
        """How long the studio took, from now, until its engine is loaded and warm."""
        return wait(lambda: self._http.get("/readyz").status_code == 200)

    def first_picture(self, size: int, steps: int) -> tuple[str, float]:
        """Starts a job; its id, and the seconds until its first preview is in hand."""
        wanted = {
            "content": self._picture("photo"),
            "styles": [{"image": self._picture("style")}],
            "options": {"size": size, "steps": steps},
        }
        began = time.perf_counter()
        answer = self._http.post("/api/v1/jobs", json=wanted)
        answer.raise_for_status()
        job: str = answer.json()["id"]
        preview = f"/api/v1/jobs/{job}/preview.jpg"
        wait(lambda: self._http.get(preview).status_code == 200, every=0.01)
        return job, time.perf_counter() - began

    def job(self, job: str) -> dict[str, Any]:
        answer: dict[str, Any] = self._http.get(f"/api/v1/jobs/{job}").json()
        return answer

    def cancel(self, job: str) -> None:
        """Stops a job, and waits until the worker is free again."""
        self._http.post(f"/api/v1/jobs/{job}/cancel").raise_for_status()
        wait(lambda: self.job(job)["state"] in ("cancelled", "done"), every=0.02)

    def seconds(self, path: str) -> float:
        """How long a page takes."""
        began = time.perf_counter()
        self._http.get(path).raise_for_status()
        return time.perf_counter() - began

    def _picture(self, kind: str) -> str:
        """The id of the first sample of that kind, taken in on first use."""
        if kind not in self._pictures:
            samples = self._http.get("/api/v1/samples").json()["samples"]
            name = next(sample["name"] for sample in samples if sample["kind"] == kind)
            self._pictures[kind] = self._http.post(f"/api/v1/samples/{name}").json()["id"]
        return self._pictures[kind]


def wait(ready: Callable[[], bool], every: float = 0.1) -> float:
    """Asks until it is so; how many seconds that took."""
    began = time.perf_counter()
    while time.perf_counter() - began < _PATIENCE:
        with contextlib.suppress(httpx.ConnectError):
            if ready():
                return time.perf_counter() - began
        time.sleep(every)
    raise TimeoutError("the studio did not get there in time")


@contextlib.contextmanager
def studio() -> Iterator[Callable[[], list[float]]]:
    """A studio without any pictures; gives a function that reads its loop's lags once it has stopped."""
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"NST_PORT": str(PORT), "NST_DATA_DIR": folder}
        process = subprocess.Popen(
            [sys.executable, "-m", "bench.server"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        lags: list[float] = []
        try:
            yield lambda: lags
        finally:
            process.terminate()
            output, _ = process.communicate(timeout=30)
            lags.extend(json.loads(output.splitlines()[-1]))


class Real(NamedTuple):
    """A studio as `python app.py` serves it: its process, its port, and its data folder."""

    process: int
    port: int
    folder: Path


@contextlib.contextmanager
def real_studio(**settings: str) -> Iterator[Real]:
    """A studio without any pictures, on a port that was free. What it logs is seen."""
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"NST_PORT": "0", "NST_DATA_DIR": folder} | settings
        process = subprocess.Popen(
            [sys.executable, "app.py"], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        try:
            greeting = process.stdout.readline().strip()
            if not greeting:
                raise RuntimeError("the studio ended before it was there")
            yield Real(process.pid, int(greeting.rpartition(":")[2]), Path(folder))
        finally:
            process.terminate()
            process.wait(timeout=30)


async def _serve_and_probe() -> None:
    import uvicorn

    from app import server
    from nst.api.serving import configured

    async def probe() -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(0.01)
            lags.append(time.perf_counter() - began - 0.01)

    # The server passes SIGTERM on when it has stopped; what it measured is still to be told.
    signal.signal(signal.SIGTERM, lambda *_: None)
    lags: list[float] = []
    probing = asyncio.create_task(probe())
    await uvicorn.Server(configured(server, port=PORT)).serve()
    probing.cancel()
    print(json.dumps(lags))


if __name__ == "__main__":
    asyncio.run(_serve_and_probe())
