"""A studio in a process of its own, asked over a socket as everybody asks it."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from jobs.fake_engine import PATIENCE, picture, wait_until

from .studio_process import MEMORY_GONE

ROOT = Path(__file__).resolve().parents[2]
Json = dict[str, Any]


class Running(NamedTuple):
    address: str
    folder: Path
    process: subprocess.Popen[str]

    @contextmanager
    def visitor(self) -> Iterator[httpx.Client]:
        """A browser of its own, known from its first answer on."""
        with httpx.Client(base_url=self.address, timeout=PATIENCE) as browser:
            assert browser.get("/api/v1/jobs").status_code == 200
            yield browser

    def files(self) -> set[str]:
        """All that lies in the data folder but what always is there."""
        found = (path.relative_to(self.folder) for path in self.folder.rglob("*") if path.is_file())
        return {str(path) for path in found if not path.name.startswith(("studio.", "speed.", "secret"))}

    def most_memory(self) -> float:
        """MB that the process held at its peak, since the last call of `forget_memory`."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) / 1024

    def forget_memory(self) -> None:
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")


@contextmanager
def running(folder: Path, *arguments: str, **settings: str) -> Iterator[Running]:
    """A studio with this data folder; `settings` are its environment's NST_ variables."""
    environment = os.environ | {f"NST_{name.upper()}": value for name, value in settings.items()}
    environment |= {"NST_DATA_DIR": str(folder), "NST_PORT": "0", "PYTHONPATH": ".:tests"}
    process = subprocess.Popen(
        [sys.executable, "-m", "inputs.studio_process", *arguments],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        greeting = process.stdout.readline()
        assert "http://" in greeting, process.communicate()[1]
        port = greeting.rpartition(":")[2].strip()
        yield Running(f"http://127.0.0.1:{port}", folder, process)
    finally:
        process.terminate()
        _, complaints = process.communicate(timeout=PATIENCE)
    # Only what nobody foresaw is worth a traceback.
    assert complaints.count("Traceback") == complaints.count(f"MemoryError: {MEMORY_GONE}"), complaints


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("studio") / "data") as one:
        yield one


@pytest.fixture
def visitor(studio: Running) -> Iterator[httpx.Client]:
    with studio.visitor() as browser:
        yield browser


@pytest.fixture
def send(visitor: httpx.Client) -> Callable[..., httpx.Response]:
    """Upload a file."""

    def send_one(data: bytes, name: str = "a.png") -> httpx.Response:
        return visitor.post("/api/v1/images", files={"file": (name, data)})

    return send_one


@pytest.fixture
def stored(send: Callable[..., httpx.Response]) -> Callable[..., Json]:
    """Upload a good file; the answer."""

    def stored_one(data: bytes | None = None) -> Json:
        answer = send(picture() if data is None else data)
        assert answer.status_code == 201, answer.text
        return answer.json()

    return stored_one


@pytest.fixture
def ask(stored: Callable[..., Json]) -> Callable[..., Json]:
    """The body of a request for a painting."""

    def body(**options: object) -> Json:
        chosen = {"size": 64, "steps": 6} | options
        return {"content": stored()["id"], "styles": [{"image": stored()["id"]}], "options": chosen}

    return body


@pytest.fixture
def paint(visitor: httpx.Client, ask: Callable[..., Json]) -> Callable[..., Json]:
    """A painting that is finished, or has come to `state`."""

    def paint_one(state: str | None = None, **options: object) -> Json:
        answer = visitor.post("/api/v1/jobs", json=ask(**options))
        assert answer.status_code == 202, answer.text
        address = f"/api/v1/jobs/{answer.json()['id']}"

        def now() -> Json:
            return visitor.get(address).json()

        wait_until(lambda: now()["state"] in ((state,) if state else ("done", "failed", "cancelled")))
        return now()

    return paint_one


def refused(answer: httpx.Response, status: int, code: str, field: str | None) -> str:
    """The words of a refusal of this status, code and field, which are fit for a person."""
    assert answer.headers["content-type"] == "application/json"
    problem = answer.json()["error"]
    assert (answer.status_code, problem["code"], problem["field"]) == (status, code, field)
    words: str = problem["message"]
    assert words[0].isupper()
    assert words.endswith(".")
    for stain in ("Traceback", "Error", "Exception", "<", "{", "/tmp", "None"):
        assert stain not in words
    return words
