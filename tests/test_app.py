"""`python app.py` as who runs it sees it: how it starts, how it stops, and in how many words."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from jobs.fake_engine import wait_until

ROOT = Path(__file__).resolve().parents[1]
COMMANDS = pytest.mark.parametrize(
    "command", [["app.py"], ["-m", "nst", "serve"]], ids=["app.py", "nst serve"]
)


def start(command: list[str], **environment: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, *command],
        cwd=ROOT,
        env=os.environ | {"NST_PORT": "0"} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(studio: subprocess.Popen) -> tuple[int, str]:
    """Exit status, and what was said on stderr."""
    _, said = studio.communicate(timeout=60)
    return studio.returncode, said


@COMMANDS
def test_a_bad_setting_is_one_sentence(command: list[str]) -> None:
    status, said = ended(start(command, NST_PORT="abc"))
    assert status == 1
    assert said.startswith("NST_PORT: ")
    assert said.count("\n") == 1


def test_a_data_folder_that_cannot_be_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    status, said = ended(start(["app.py"], NST_DATA_DIR=str(tmp_path / "file")))
    assert status == 1
    assert str(tmp_path / "file") in said
    assert "NST_DATA_DIR" in said
    assert said.count("\n") == 1


@COMMANDS
@pytest.mark.parametrize(
    ("how", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM)], ids=["Ctrl-C", "SIGTERM"]
)
def test_it_stops_without_a_word(
    command: list[str], how: signal.Signals, status: int, tmp_path: Path, vgg19_file: Path
) -> None:
    studio = start(command, NST_DATA_DIR=str(tmp_path / "data"))
    address = studio.stdout.readline().removeprefix("Pentimento is at ").strip()
    assert address.startswith("http://localhost:")
    # While TensorFlow is imported, a process cannot stop at once.
    wait_until(lambda: httpx.get(f"{address}/readyz", timeout=60).status_code == 200, patience=180)
    studio.send_signal(how)
    assert ended(studio) == (status, "")


def test_the_page_is_where_it_belongs_and_nowhere_else() -> None:
    """Dash by itself answers every address with its page."""
    probe = """
from fastapi.testclient import TestClient
import app
with TestClient(app.server) as client:
    page = ("/", "/jobs/abc", "/_dash-layout", "/_favicon.ico", "/assets/vendor/bootstrap.min.css", "/docs")
    for path in page:
        print(client.get(path).status_code, client.head(path).status_code, path)
    print("_dash-config" in client.get("/jobs/abc").text)
    for path in ("/metrics", "/jobs", "/wp-login.php", "/assets/nothing.js"):
        answer = client.get(path)
        print(answer.status_code, answer.json()["error"]["code"], path)
    print(client.post("/_dash-update-component").status_code)
"""
    done = subprocess.run([sys.executable, "-c", probe], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.stdout.splitlines() == [
        "200 200 /",
        "200 200 /jobs/abc",
        "200 200 /_dash-layout",
        "200 200 /_favicon.ico",
        "200 200 /assets/vendor/bootstrap.min.css",
        "200 200 /docs",
        "True",
        "404 not_found /metrics",
        "404 not_found /jobs",
        "404 not_found /wp-login.php",
        "404 not_found /assets/nothing.js",
        "400",
    ], done.stderr
