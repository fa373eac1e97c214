"""A studio in a process of its own that is ended in every way, and started again on the same folder."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import httpx
from jobs.fake_engine import picture, wait_until

ROOT = Path(__file__).resolve().parents[2]
QUICK = ["-m", "inputs.studio_process"]  # all as it is shipped but the engine, which paints nothing
REAL = ["app.py"]
# Root minds no permissions; without its capabilities it does.
PREFIX = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.geteuid() == 0 else []
Json = dict[str, Any]


class Process:
    """Settings are the environment's NST_ variables. The visitor is the same one through all lives."""

    def __init__(self, folder: Path, command: list[str] = QUICK, **settings: object):
        self.folder = folder
        self._command = [*PREFIX, sys.executable, *command]
        self._environment = os.environ | {
            "NST_DATA_DIR": str(folder),
            "NST_PORT": "0",
            "PYTHONPATH": ".:tests",
            "NST_REQUESTS_PER_MINUTE": "1000000",  # tests are impatient visitors
        }
        self._environment |= {f"NST_{name.upper()}": str(value) for name, value in settings.items()}
        self.visitor = httpx.Client(timeout=60)
        self._log = tempfile.TemporaryFile("w+")  # noqa: SIM115

    def start(self, wait: bool = True) -> None:
        self.process = subprocess.Popen(
            self._command,
            cwd=ROOT,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )
        if wait:
            self.wait_for_greeting()

    def wait_for_greeting(self) -> None:
        assert self.process.stdout is not None
        greeting = self.process.stdout.readline()
        assert "http://" in greeting, self.complaints()
        port = greeting.rpartition(":")[2].strip()
        self.visitor.base_url = f"http://127.0.0.1:{port}"
        self.visitor.get("/api/v1/jobs").raise_for_status()

    def end(self, how: signal.Signals = signal.SIGTERM, timeout: float = 20) -> int:
        if self.process.poll() is None:
            self.process.send_signal(how)
        status = self.process.wait(timeout)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return status

    def complaints(self) -> str:
        """What was said on stderr, by all of its lives."""
        self._log.seek(0)
        return self._log.read()

    def __enter__(self) -> "Process":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.end(signal.SIGKILL)
        self.close()

    def close(self) -> None:
        self.visitor.close()
        self._log.close()

    # What a visitor does

    def image(self, width: int = 64, height: int = 48) -> str:
        answer = self.visitor.post("/api/v1/images", files={"file": picture(width, height)})
        answer.raise_for_status()
        return answer.json()["id"]

    def submit(self, **options: object) -> str:
        chosen = {"size": 64, "steps": 6} | options
        asked = {"content": self.image(), "styles": [{"image": self.image()}], "options": chosen}
        answer = self.visitor.post("/api/v1/jobs", json=asked)
        assert answer.status_code == 202, answer.text
        return f"/api/v1/jobs/{answer.json()['id']}"

    def get(self, address: str) -> Json:
        answer = self.visitor.get(address)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def wait_for(self, address: str, *states: str, step: int = 0) -> Json:
        wait_until(
            lambda: (job := self.get(address))["state"] in states and job["step"] >= step,
            patience=120,
            pause=0.05,
        )
        return self.get(address)

    def ready(self) -> dict[str, str]:
        """What is not in order, by part."""
        checks = self.visitor.get("/readyz").json()["checks"]
        return {part: words for part, words in checks.items() if words != "ok"}
