"""Lines of a real studio, as who runs it would read or collect them."""

import json
import logging
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from jobs.fake_engine import picture, wait_until

from nst import logs
from nst.settings import settings

ROOT = Path(__file__).resolve().parents[1]
NAME = "aunt-berta-at-the-lake.png"
LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ (WARNING|ERROR|INFO) [\w.]+: .+")


class Run:
    """A studio from its start to its end, in which a painting failed and a page was looked at."""

    def __init__(self, folder: Path, command: list[str], **environment: str) -> None:
        self.folder = folder
        self.said = ""
        chosen = {"NST_DATA_DIR": str(folder), "NST_PORT": "0", "NST_LOG_LEVEL": "info"} | environment
        self.errors = (folder.parent / "stderr").open("w+")
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=os.environ | chosen, stdout=subprocess.PIPE, stderr=self.errors, text=True
        )

    def fail_a_painting(self) -> str:
        assert self.process.stdout is not None
        address = self.process.stdout.readline().removeprefix("Pentimento is at ").strip()
        with httpx.Client(base_url=address, timeout=60) as browser:
            wait_until(lambda: browser.get("/readyz").status_code == 200, patience=180)
            sent = {"file": (NAME, picture())}
            ids = [browser.post("/api/v1/images", files=sent).json()["id"] for _ in range(2)]
            self.cookie = browser.cookies["nst_client"]
            for file in (self.folder / "images").glob("*.png"):
                file.unlink()
            wanted = {"content": ids[0], "styles": [{"image": ids[1]}], "options": {"size": 32, "steps": 1}}
            job = browser.post("/api/v1/jobs", json=wanted).json()
            wait_until(lambda: browser.get(f"/api/v1/jobs/{job['id']}").json()["state"] == "failed")
            browser.get(f"/api/v1/jobs/{job['id']}/result.png", params={"download": NAME})
            return str(job["id"])

    def end(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=60)
        self.errors.seek(0)
        self.said = self.errors.read()
        self.errors.close()


@pytest.fixture
def run(tmp_path: Path, vgg19_file: Path) -> Iterator:
    started: list[Run] = []

    def begin(**environment: str) -> tuple[str, str, str]:
        """A run's lines, the id of the job that failed, and the visitor's cookie."""
        one = Run(tmp_path / "data", [sys.executable, "app.py"], **environment)
        started.append(one)
        job = one.fail_a_painting()
        one.end()
        return one.said, job, one.cookie

    yield begin
    for one in started:
        one.process.kill()
        one.process.wait()


def test_every_line_of_json_is_an_object_and_tells_of_nobody(run) -> None:
    said, job, cookie = run(NST_LOG_FORMAT="json", NST_LOG_REQUESTS="1")
    lines = [json.loads(line) for line in said.splitlines()]
    assert all({"time", "level", "logger", "message"} <= line.keys() for line in lines)
    (failed,) = [line for line in lines if line["level"] == "ERROR"]
    assert (failed["logger"], failed["job"]) == ("nst.jobs.painters.painting", job)
    assert failed["exception"].startswith("Traceback")
    assert "\n" in failed["exception"]
    requests = [line["message"] for line in lines if line["logger"] == "nst.requests"]
    assert any(text.startswith("POST /api/v1/images 201 in ") for text in requests)
    assert any(text.startswith("GET /api/v1/jobs/{job_id} 200 in ") for text in requests)
    assert any(line["logger"].startswith("uvicorn") for line in lines)
    for secret in (NAME, "aunt-berta", "127.0.0.1:", cookie, cookie.partition(".")[0]):
        assert secret not in said
    assert not any({"client", "address"} & line.keys() for line in lines)


def test_text_is_a_line_with_its_traceback_below_and_requests_get_none(run) -> None:
    said, job, _ = run()
    first = [line for line in said.splitlines() if LINE.fullmatch(line)]
    assert any("ERROR nst.jobs.painters.painting: " in line and job in line for line in first)
    assert "Traceback (most recent call last):" in said
    assert "nst.requests" not in said
    assert NAME not in said


def test_who_asked_is_told_only_if_it_is_wanted_and_then_not_by_the_key_itself(run) -> None:
    said, _, cookie = run(NST_LOG_FORMAT="json", NST_LOG_CLIENTS="1", NST_LOG_REQUESTS="1")
    lines = [json.loads(line) for line in said.splitlines()]
    (failed,) = [line for line in lines if line["level"] == "ERROR"]
    asked = next(line for line in lines if "GET /api/v1/jobs/{job_id} " in line["message"])
    assert re.fullmatch("[0-9a-f]{12}", failed["client"])
    assert failed["client"] == asked["client"]
    assert asked["address"] == "127.0.0.1"
    assert cookie.partition(".")[0] not in said


@pytest.fixture
def logging_restored() -> Iterator[None]:
    """Logging is left as it was found."""
    root = logging.getLogger()
    level, handlers, requests = root.level, list(root.handlers), logs.REQUESTS.level
    yield
    root.setLevel(level)
    root.handlers[:] = handlers
    logs.REQUESTS.setLevel(requests)
    logging.captureWarnings(False)


@pytest.mark.usefixtures("logging_restored")
def test_to_configure_again_doubles_nothing(capsys: pytest.CaptureFixture) -> None:
    logs.configure(settings())
    logs.configure(settings())
    logging.getLogger("nst.anything").warning("once")
    assert capsys.readouterr().err.count("once") == 1


@pytest.mark.usefixtures("logging_restored")
def test_an_id_that_is_in_the_words_is_not_told_twice(capsys: pytest.CaptureFixture) -> None:
    logs.configure(settings())
    with logs.about("12ab", "ada"):
        logging.getLogger("nst.anything").warning("job 12ab failed")
        logging.getLogger("nst.anything").warning("the disk is slow")
    logging.getLogger("nst.anything").warning("no job")
    first, second, third = capsys.readouterr().err.splitlines()
    assert first.endswith("job 12ab failed")
    assert second.endswith("the disk is slow [job=12ab]")
    assert third.endswith("no job")
