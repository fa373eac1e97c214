"""The disk or the database refuse, under a whole studio: it says so, waits, and goes on without a restart."""

import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from jobs.fake_engine import picture, wait_until

from nst.jobs.troubles import BUSY, FILES_AWAY, NO_SPACE, STORE_AWAY

from .process import Process

LONG = 3000  # steps: more than any test waits for


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Process]:
    with Process(tmp_path / "data") as one:
        yield one
        assert "Traceback" not in one.complaints(), one.complaints()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 24 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(folder)]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no small disk can be mounted here: {error}")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def upload(studio: Process, size: int = 64) -> httpx.Response:
    return studio.visitor.post("/api/v1/images", files={"file": picture(size, size)})


def refused(answer: httpx.Response, status: int, code: str, words: str) -> None:
    """As the API refuses."""
    problem = answer.json()["error"]
    assert (answer.status_code, problem["code"], problem["message"]) == (status, code, words)
    assert answer.headers["retry-after"]


def goes_on(studio: Process, job: str) -> None:
    """All is well again, by itself: the job that was held up, uploads, and new jobs."""
    wait_until(lambda: studio.ready() == {})
    reached = studio.get(job)["step"]
    studio.wait_for(job, "running", step=reached + 5)
    assert studio.get(job)["error"] is None
    studio.visitor.post(f"{job}/cancel").raise_for_status()
    stopped = studio.wait_for(job, "cancelled")
    assert studio.visitor.get(stopped["result"]).status_code == 200
    studio.wait_for(studio.submit(), "done")
    studio.end()
    studio.start()  # a folder that was closed could not be tidied up then
    wait_until(lambda: not halves(studio))


def halves(studio: Process) -> list[Path]:
    return [path for path in studio.folder.rglob(".*") if path.suffix in (".part", ".tmp")]


def test_a_full_disk(small_disk: Path) -> None:
    with Process(small_disk / "data") as studio:
        job = studio.submit(steps=LONG)
        studio.wait_for(job, "running", step=20)
        ballast = small_disk / "ballast"
        with ballast.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"x" * 65536)
            except OSError:
                pass
        refused(upload(studio, 512), 507, "disk_full", NO_SPACE)
        assert studio.ready()["files"] == NO_SPACE
        wait_until(lambda: studio.get(job)["error"] == NO_SPACE)
        held = studio.get(job)
        assert held["state"] == "running"
        assert studio.visitor.get(held["preview"]).status_code == 200, "the last picture is still there"
        assert studio.visitor.get("/").status_code == 200
        assert not list((small_disk / "data").rglob("*.part"))
        ballast.unlink()
        goes_on(studio, job)


def test_a_database_that_another_program_holds(studio: Process) -> None:
    job = studio.submit(steps=LONG)
    studio.wait_for(job, "running", step=20)
    with closing(sqlite3.connect(studio.folder / "studio.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        refused(upload(studio), 503, "store_busy", BUSY)
        wait_until(lambda: studio.get(job)["error"] == BUSY)
        assert studio.ready()["store"] == BUSY
        assert studio.get(job)["state"] == "running"
        other.execute("ROLLBACK")
    goes_on(studio, job)


def test_a_folder_that_is_moved_away_and_put_back(studio: Process) -> None:
    job = studio.submit(steps=LONG)
    studio.wait_for(job, "running", step=20)
    away = studio.folder.rename(studio.folder.with_name("away"))
    refused(upload(studio), 503, "store_away", STORE_AWAY)
    refused(studio.visitor.get(job), 503, "store_away", STORE_AWAY)
    assert studio.ready()["store"] == STORE_AWAY
    assert studio.ready()["files"] == FILES_AWAY
    time.sleep(3)  # the painter tries again, and nobody makes an empty folder meanwhile
    assert not studio.folder.exists()
    away.rename(studio.folder)
    goes_on(studio, job)


def test_a_folder_that_is_deleted(studio: Process) -> None:
    job = studio.submit(steps=LONG)
    studio.wait_for(job, "running", step=20)
    shutil.rmtree(studio.folder, ignore_errors=True)  # while it is written to
    shutil.rmtree(studio.folder, ignore_errors=True)
    refused(upload(studio), 503, "store_away", STORE_AWAY)
    assert studio.ready()["store"] == STORE_AWAY
    assert studio.visitor.get("/healthz").status_code == 200
    assert not studio.folder.exists()
    studio.end(signal.SIGTERM, timeout=10)
    studio.start()
    studio.visitor.cookies.clear()
    studio.wait_for(studio.submit(), "done")


def test_a_damaged_database_and_the_copy_that_is_put_back(studio: Process, tmp_path: Path) -> None:
    job = studio.submit(steps=LONG)
    studio.wait_for(job, "running", step=20)
    path, copy = studio.folder / "studio.db", tmp_path / "copy.db"
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    damaged = tmp_path / "damaged.db"
    damaged.write_bytes(b"certainly no database" * 5000)
    for name in ("studio.db-wal", "studio.db-shm"):
        (studio.folder / name).unlink()
    damaged.replace(path)
    answer = upload(studio)
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "store_damaged")
    assert "damaged" in studio.ready()["store"]
    copy.replace(path)
    goes_on(studio, job)


def test_a_damaged_database_at_the_start_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "studio.db").write_bytes(b"certainly no database" * 5000)
    studio = Process(tmp_path / "data", ["app.py"])
    studio.start(wait=False)
    assert studio.process.wait(60) == 1
    studio.end()
    said = studio.complaints()
    assert said.count("\n") == 1
    assert "not a database" in said
    studio.close()


def test_a_folder_that_nobody_may_write(tmp_path: Path) -> None:
    with Process(tmp_path / "data") as studio:
        job = studio.submit(steps=LONG)
        studio.wait_for(job, "running", step=20)
        folders = [path for path in (studio.folder, *studio.folder.rglob("*")) if path.is_dir()]
        for folder in folders:
            folder.chmod(0o555)
        refused(upload(studio), 503, "files_away", FILES_AWAY)
        assert studio.ready()["files"] == FILES_AWAY
        wait_until(lambda: studio.get(job)["error"] == FILES_AWAY)
        held = studio.get(job)
        assert held["state"] == "running"
        assert studio.visitor.get(held["preview"]).status_code == 200
        for folder in folders:
            folder.chmod(0o755)
        goes_on(studio, job)
