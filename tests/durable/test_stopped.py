"""SIGTERM and Ctrl-C, whatever the studio is at: it ends within ten seconds, and goes on from there."""

import signal
import socket
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import httpx
import pytest
import videos
from jobs.fake_engine import wait_until

from .process import REAL, Process
from .slow_studio import LONG_STEP

SLOW = ["-m", "durable.slow_studio"]
SECONDS = 10


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Process]:
    with Process(tmp_path / "data", SLOW) as one:
        yield one


def stop(studio: Process, *signals: signal.Signals) -> None:
    for one in signals[:-1]:
        studio.process.send_signal(one)
        time.sleep(0.2)
    studio.end(signals[-1], timeout=SECONDS)
    assert "Traceback" not in studio.complaints(), studio.complaints()
    assert not [path for path in studio.folder.rglob("*.part") if path.is_file()]


def painted(studio: Process) -> list[int]:
    """The steps, in the order in which they were told."""
    with closing(sqlite3.connect(studio.folder / "studio.db")) as database:
        found = "SELECT json_extract(data, '$.step') FROM events WHERE kind = 'step' ORDER BY seq"
        return [step for (step,) in database.execute(found)]


def left(studio: Process, job: str) -> tuple[str, int]:
    """The state that a job was left in, and its last step."""
    with closing(sqlite3.connect(studio.folder / "studio.db")) as database:
        found = "SELECT state, step FROM jobs WHERE id = ?"
        return database.execute(found, [job.rpartition("/")[2]]).fetchone()


@pytest.mark.parametrize(
    "signals",
    [
        (signal.SIGTERM,),
        (signal.SIGINT,),
        (signal.SIGTERM, signal.SIGTERM),
        (signal.SIGINT, signal.SIGINT),
    ],
    ids=["SIGTERM", "Ctrl-C", "SIGTERM twice", "Ctrl-C twice"],
)
def test_what_was_being_painted_goes_on_from_the_step_it_was_at(
    studio: Process, signals: tuple[signal.Signals, ...]
) -> None:
    job = studio.submit(steps=5000)
    studio.wait_for(job, "running", step=20)
    stop(studio, *signals)
    state, step = left(studio, job)
    assert state == "interrupted"
    studio.start()
    went_on = studio.wait_for(job, "running", step=step + 1)
    assert went_on["step"] > step
    told = painted(studio)
    assert len(told) == len(set(told)), "no step was painted twice"


def test_in_the_middle_of_a_step_of_a_minute(studio: Process) -> None:
    job = studio.submit(steps=5000)
    studio.wait_for(job, "running", step=LONG_STEP - 1)
    stop(studio, signal.SIGTERM)
    assert left(studio, job) == ("interrupted", LONG_STEP - 1)
    checkpoint = studio.folder / "jobs" / job.rpartition("/")[2] / "checkpoint"
    assert int(checkpoint.read_text().removeprefix("checkpoint ")) >= 1, "it will go on from its last one"


def test_in_the_middle_of_a_video(studio: Process, tmp_path: Path) -> None:
    clip = videos.write(tmp_path / "clip.mp4", videos.moving(30), codec="mpeg4").read_bytes()
    video = studio.visitor.post("/api/v1/videos", files={"file": clip}).json()["id"]
    asked = studio.visitor.post("/api/v1/video-jobs", json={"video": video, "style": studio.image()}).json()
    job = f"/api/v1/video-jobs/{asked['id']}"
    studio.wait_for(job, "running", step=3)
    stop(studio, signal.SIGTERM)
    state, step = left(studio, job)
    assert state == "interrupted"
    studio.start()
    studio.wait_for(job, "running", step=step + 1)


def test_while_somebody_uploads_and_somebody_follows(studio: Process) -> None:
    job = studio.submit(steps=5000)
    studio.wait_for(job, "running", step=1)
    with socket.create_connection(("127.0.0.1", studio.visitor.base_url.port)) as upload:
        upload.sendall(
            b"POST /api/v1/images HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000000\r\n"
            b"Content-Type: multipart/form-data; boundary=x\r\n\r\n--x\r\n"
            b'Content-Disposition: form-data; name="file"\r\n\r\n' + b"half" * 500_000
        )
        with studio.visitor.stream("GET", f"{job}/events") as events:
            text = events.iter_text()
            next(text)
            studio.end(signal.SIGTERM, timeout=SECONDS)
            with suppress(httpx.HTTPError):  # a stream ends like this, or simply ends
                list(text)
    assert left(studio, job)[0] == "interrupted"


def test_while_tensorflow_is_imported(tmp_path: Path, vgg19_file: Path) -> None:
    with Process(tmp_path / "data", REAL) as studio:
        assert "engine" in studio.ready()
        stop(studio, signal.SIGTERM)


def test_before_it_is_there(tmp_path: Path) -> None:
    studio = Process(tmp_path / "data", SLOW)
    studio.start(wait=False)
    wait_until(studio.folder.exists)
    stop(studio, signal.SIGTERM)
    studio.start()
    assert "store" not in studio.ready()
    studio.end()
    studio.close()
