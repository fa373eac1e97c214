"""The process is killed, again and again: no job is lost, and nothing is left half-written."""

import os
import random
import re
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest
import videos
from PIL import Image

from nst.video.clip import probe

from .process import QUICK, REAL, Json, Process

ENDS = ("done", "failed", "cancelled")


class Watch:
    """What was seen of jobs, which may not be taken back."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._results: dict[str, bytes] = {}
        self._events: dict[str, int] = {}

    def look(self, jobs: list[str]) -> list[Json]:
        found = [self._process.get(job) for job in jobs]
        for address, job in zip(jobs, found, strict=True):
            assert job["state"] != "failed", job["error"]
            if address in self._results:
                assert job["state"] == "done", "what was finished stays finished"
            if job["state"] == "done":
                result = self._process.visitor.get(job["result"]).content
                assert self._results.setdefault(address, result) == result
            numbers = self._numbers(address)
            assert numbers == list(range(1, len(numbers) + 1)), "no event is missing, none comes twice"
            assert len(numbers) >= self._events.get(address, 0), "no event that was seen is lost"
            self._events[address] = len(numbers)
        return found

    def _numbers(self, address: str) -> list[int]:
        numbers: list[int] = []
        with self._process.visitor.stream("GET", f"{address}/events") as stream:
            lines = stream.iter_lines()
            known = self._known(address)
            while not numbers or numbers[-1] < known:
                line = next(lines)
                if line.startswith("id: "):
                    numbers.append(int(line.removeprefix("id: ")))
        return numbers

    def _known(self, address: str) -> int:
        with closing(sqlite3.connect(self._process.folder / "studio.db")) as database:
            job = address.rpartition("/")[2]
            return database.execute("SELECT max(seq) FROM events WHERE job = ?", [job]).fetchone()[0]


def nothing_is_half_written(folder: Path, jobs: list[str]) -> None:
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert not [path for path in files if path.suffix in (".part", ".tmp") or path.name.startswith(".")]
    for path in files:
        if path.suffix in (".png", ".jpg"):
            with Image.open(path) as image:
                image.load()
    with closing(sqlite3.connect(folder / "studio.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        rows = {name for (name,) in database.execute("SELECT id FROM jobs")}
        images = {name for (name,) in database.execute("SELECT file FROM images")}
    assert rows == {job.rpartition("/")[2] for job in jobs}
    assert {path.name for path in (folder / "jobs").iterdir()} == rows
    assert {path.stem for path in (folder / "images").iterdir()} == images
    left = {path.name for path in (folder / "jobs").rglob("*")}
    assert not {name for name in left if name in ("checkpoint", "last.npz", "clip", "style.png")}


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Process]:
    with Process(tmp_path / "data", QUICK, queued_per_client=20) as one:
        yield one


def test_killed_at_twenty_random_moments_every_job_is_done(studio: Process, tmp_path: Path) -> None:
    seed = int(os.environ.get("KILL_SEED") or random.SystemRandom().randrange(10**6))
    print(f"KILL_SEED={seed}")
    chance = random.Random(seed)
    photo, style = studio.image(), studio.image()
    jobs = [studio.submit(steps=steps) for steps in (150, 220, 90)]
    group = studio.visitor.post(
        "/api/v1/groups",
        json={
            "contents": [photo, style],
            "styles": [{"image": style}],
            "options": {"size": 64, "steps": 120},
        },
    ).json()
    jobs += [f"/api/v1/jobs/{job['id']}" for job in group["jobs"]]
    clip = videos.write(tmp_path / "clip.mp4", videos.moving(60, (64, 48)), codec="mpeg4").read_bytes()
    video = studio.visitor.post("/api/v1/videos", files={"file": ("clip.mp4", clip)}).json()
    asked = studio.visitor.post("/api/v1/video-jobs", json={"video": video["id"], "style": style}).json()
    painted = f"/api/v1/video-jobs/{asked['id']}"
    stopped, resting = studio.submit(steps=5000), studio.submit(steps=150)
    watch = Watch(studio)
    wished: set[str] = set()
    for number in range(20):
        if number % 5 == 4:  # while it comes up
            studio.end(signal.SIGKILL)
            studio.start(wait=False)
            time.sleep(chance.uniform(0, 3))
            studio.end(signal.SIGKILL)
        else:
            time.sleep(chance.uniform(0, 0.8))
            for job, wish in ((stopped, "cancel"), (resting, "pause")):
                if job not in wished and studio.get(job)["state"] == "running":
                    assert studio.visitor.post(f"{job}/{wish}").status_code == 200
                    wished.add(job)
            studio.end(signal.SIGKILL)
        studio.start()
        watch.look(jobs)
    for job, wish in ((stopped, "cancel"), (resting, "pause")):
        if job not in wished:
            studio.wait_for(job, "running")
            studio.visitor.post(f"{job}/{wish}").raise_for_status()
    assert studio.wait_for(stopped, *ENDS)["state"] == "cancelled"
    assert studio.wait_for(resting, "paused", *ENDS)["state"] == "paused"
    studio.visitor.post(f"{resting}/resume").raise_for_status()
    everything = [*jobs, resting]
    for job in (*everything, painted):
        assert studio.wait_for(job, *ENDS)["state"] == "done"
    watch.look(everything)
    whole = tmp_path / "painted.mp4"
    whole.write_bytes(studio.visitor.get(studio.get(painted)["result"]).content)
    assert probe(whole).frames == 60
    # As if nothing had happened: the same asked for again, and left in peace.
    again = studio.visitor.post("/api/v1/jobs", json=studio.get(jobs[0])["repeat"]).json()["id"]
    undisturbed = studio.wait_for(f"/api/v1/jobs/{again}", *ENDS)
    same = [studio.visitor.get(job["result"]).content for job in (undisturbed, studio.get(jobs[0]))]
    assert same[0] == same[1]
    studio.end()
    nothing_is_half_written(studio.folder, [*everything, stopped, f"/api/v1/jobs/{again}", painted])


def test_the_real_engine_goes_on_from_its_checkpoint_after_a_kill(tmp_path: Path, vgg19_file: Path) -> None:
    with Process(tmp_path / "data", REAL) as studio:
        job = studio.submit(size=96, steps=5000)
        time.sleep(1)  # TensorFlow is being imported
        studio.end(signal.SIGKILL)
        studio.start()
        wait_long(studio, job, "running", step=5)
        checkpoint = studio.folder / "jobs" / job.rpartition("/")[2] / "checkpoint"
        first = checkpoint.stat().st_mtime
        while checkpoint.stat().st_mtime == first:
            time.sleep(0.05)
        reached = studio.get(job)["step"]
        studio.end(signal.SIGKILL)
        studio.start()
        wait_long(studio, job, "running", step=reached + 1)
        steps = [int(step) for step in re.findall(r'"step": ?(\d+)', events(studio, job))]
        back = [after for before, after in pairwise(steps) if after <= before]
        assert all(step > 2 for step in back), "it did not begin again"
        studio.visitor.post(f"{job}/cancel").raise_for_status()
        assert wait_long(studio, job, *ENDS)["state"] == "cancelled"
        studio.end()
        nothing_is_half_written(studio.folder, [job])


def events(studio: Process, job: str) -> str:
    with closing(sqlite3.connect(studio.folder / "studio.db")) as database:
        found = database.execute(
            "SELECT data FROM events WHERE job = ? AND kind = 'step' ORDER BY seq", [job.rpartition("/")[2]]
        )
        return "\n".join(data for (data,) in found)


def wait_long(studio: Process, job: str, *states: str, step: int = 0) -> Json:
    deadline = time.monotonic() + 120
    while not ((found := studio.get(job))["state"] in states and found["step"] >= step):
        assert time.monotonic() < deadline, found
        assert found["state"] != "failed", found["error"]
        time.sleep(0.05)
    return found
