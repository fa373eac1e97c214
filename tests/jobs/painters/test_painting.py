import errno
import io
import os
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from threading import Event

import numpy as np
import pytest
from jobs.fake_engine import FakeCheckpoint, FakeEngine, FakeStep
from PIL import Image
from sqlalchemy.exc import OperationalError

from nst import images
from nst.jobs.filing.files import Folder, image_key, job_key
from nst.jobs.ids import new_id
from nst.jobs.models import Job, JobSpec, State, StoredImage, StyleRef
from nst.jobs.painters import painting, patience
from nst.jobs.painters.engine import Engine
from nst.jobs.painters.painting import Painting
from nst.jobs.painters.speed import Speed
from nst.jobs.records.database import open_sqlite
from nst.jobs.records.store import Store
from nst.jobs.troubles import NO_MEMORY, NO_SPACE, UNKNOWN
from nst.options import Options
from nst.settings import settings

SECRET = "holiday with Bob.jpg"


class Easel:
    """A store, files, an engine, and a claimed job to paint."""

    def __init__(self, folder: Path) -> None:
        self.files = Folder(folder)
        self.files.write("made", b"")
        self.store = Store(open_sqlite(folder / "test.db"), lambda job, seq: None)
        self.engine = FakeEngine()
        self.speed = Speed(self.files)
        self.closing = Event()

    def image(self, pixels: np.ndarray) -> str:
        stored = StoredImage(
            id=new_id(),
            owner=SECRET,
            width=pixels.shape[1],
            height=pixels.shape[0],
            created=datetime.now(UTC),
        )
        self.files.write(image_key(stored.id), images.encode_png(pixels))
        return self.store.add_image(stored, stored.id).id

    def claim(self, content: np.ndarray | None = None, mask: str | None = None, **options: object) -> Job:
        photo = self.image(np.full((48, 64, 3), 9, np.uint8) if content is None else content)
        styles = [
            StyleRef(image=self.image(np.full((40, 40, 3), 5 + i, np.uint8)), weight=i + 1) for i in range(2)
        ]
        wanted = Options(**{"size": 64, "steps": 5} | options)
        spec = JobSpec(content=photo, styles=styles, mask=mask, init=photo, options=wanted)
        job = Job(
            id=new_id(),
            owner=SECRET,
            spec=spec,
            state="queued",
            steps=wanted.steps,
            created=datetime.now(UTC),
        )
        self.store.add_job(job, 10, 10)
        return self.store.claim()

    def painting(self, job: Job, engine: Engine | None = None) -> Painting:
        return Painting(job, engine or self.engine.load(), self.store, self.files, self.speed, self.closing)

    def wish_at(self, step: int, wish: Callable[[], object]) -> None:
        """Let something happen while the engine is at this step."""

        def loss(index: int) -> float:
            if index == step:
                wish()
            return 1.0

        self.engine.loss = loss

    def state(self, job: Job) -> State:
        return self.store.job(job.id).state

    def kinds(self, job: Job) -> list[str]:
        return [event.kind for event in self.store.log(job.id, 0, 10_000).events]

    def result(self, job: Job) -> np.ndarray:
        with Image.open(self.files.path(job_key(job.id, "result.png"))) as picture:
            assert picture.format == "PNG"
            return np.array(picture)


@pytest.fixture
def easel(tmp_path: Path) -> Iterator[Easel]:
    made = Easel(tmp_path)
    yield made
    made.store.close()


def test_the_engine_gets_what_was_asked_for(easel: Easel) -> None:
    mask = easel.image(np.full((30, 30, 3), 128, np.uint8))
    job = easel.claim(mask=mask, seed=7)
    assert easel.painting(job).paint() == "finished"
    (call,) = easel.engine.calls
    assert call["content"].shape == (48, 64, 3)
    assert (call["content"] == 9).all()
    assert [int(style[0, 0, 0]) for style in call["styles"]] == [5, 6]
    assert call["blend"] == [1.0, 2.0]
    assert [(mask.shape, int(mask[0, 0])) for mask in call["masks"]] == [((30, 30), 128)]
    assert (call["init"] == 9).all()
    assert call["options"] == job.spec.options
    assert call["resume"] is None


def test_a_stored_picture_may_be_larger_than_an_upload(easel: Easel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NST_MAX_UPLOAD_BYTES", "2000")
    settings.cache_clear()
    noise = np.random.default_rng(0).integers(0, 256, (48, 64, 3), np.uint8)
    job = easel.claim(content=noise)
    assert easel.painting(job).paint() == "finished"
    assert easel.state(job) == "done"
    assert np.array_equal(easel.engine.calls[0]["content"], noise)


def test_a_whole_run_is_told_step_by_step_and_ends_with_its_result(easel: Easel) -> None:
    job = easel.claim()
    assert easel.painting(job).paint() == "finished"
    now = easel.store.job(job.id)
    assert (now.state, now.step, now.has_result, now.error) == ("done", 5, True, None)
    assert (easel.result(job) == 5).all()
    kinds = easel.kinds(job)
    assert kinds.count("step") == 5
    assert kinds[:4] == ["state", "state", "step", "preview"]
    assert kinds[-3:] == ["preview", "result", "state"]


def test_the_result_carries_settings_and_no_names(easel: Easel) -> None:
    job = easel.claim(seed=11, style_weight=2.5)
    easel.painting(job).paint()
    data = easel.files.read(job_key(job.id, "result.png"))
    found = images.read_settings(io.BytesIO(data))
    assert found == {
        "options": job.spec.options.model_dump(mode="json"),
        "blend": [0.333333, 0.666667],
        "masks": 0,
        "regions": 0,
        "init": "picture",
        "onward": False,
        "steps_done": 5,
        "changes": [],
    }
    assert SECRET.encode() not in data


def test_previews_are_small_and_only_now_and_then(easel: Easel) -> None:
    job = easel.claim(size=1000, steps=40)
    easel.painting(job).paint()
    with Image.open(easel.files.path(job_key(job.id, "preview.jpg"))) as preview:
        assert (preview.format, preview.size) == ("JPEG", (768, 576))
    events = easel.store.log(job.id, 0, 1000).events
    previews = [event for event in events if event.kind == "preview"]
    assert [event.data["seq"] for event in previews] == list(range(1, len(previews) + 1))
    seconds = (events[-1].created - events[0].created).total_seconds()
    assert 2 <= len(previews) <= 3 + seconds / painting.PREVIEW_SECONDS
    assert easel.store.job(job.id).preview_seq == len(previews)


def test_a_checkpoint_is_kept_while_painting_and_forgotten_after(
    easel: Easel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(painting, "MOST_SECONDS", 0)
    job = easel.claim()
    seen: list[bytes | None] = []
    easel.wish_at(4, lambda: seen.append(easel.files.read(job_key(job.id, "checkpoint"))))
    easel.painting(job).paint()
    assert seen == [b"checkpoint 3"]
    assert easel.files.read(job_key(job.id, "checkpoint")) is None
    assert easel.files.read(job_key(job.id, "last.npz")) is None


@pytest.mark.parametrize(
    ("lap", "scale_ends", "kept"), [(1.0, (), [1, 5, 9]), (12.0, (), [1, 2, 3, 4]), (0.1, (3, 7), [1, 3, 7])]
)
def test_checkpoints_come_at_once_then_in_time_and_at_every_scale(
    easel: Easel,
    monkeypatch: pytest.MonkeyPatch,
    lap: float,
    scale_ends: tuple[int, ...],
    kept: list[int],
) -> None:
    """At most `CHECKPOINT_SECONDS` of painting are lost, or one step if that takes longer."""
    now, kept_at = [0.0], []
    monkeypatch.setattr(painting.time, "monotonic", lambda: now[0])

    def run(*_arguments: object, **_named: object) -> Iterator[FakeStep]:
        for index in range(1, kept[-1] + 1):
            now[0] += lap
            yield FakeStep(index, kept[-1] + 1, 64, 48, 1.0, ends_scale=index in scale_ends)

    monkeypatch.setattr(
        painting, "write_progress", lambda files, job, step, picture: kept_at.append(step.index)
    )
    easel.painting(easel.claim(steps=20), Engine(run, FakeCheckpoint.from_bytes)).paint()
    assert kept_at == kept


def test_checkpoints_that_take_long_come_more_seldom(easel: Easel, monkeypatch: pytest.MonkeyPatch) -> None:
    now, kept_at = [0.0], []
    monkeypatch.setattr(painting.time, "monotonic", lambda: now[0])

    def run(*_arguments: object, **_named: object) -> Iterator[FakeStep]:
        for index in range(1, 40):
            now[0] += 1
            yield FakeStep(index, 40, 64, 48, 1.0)

    def write(*_arguments: object) -> None:
        now[0] += 0.4
        kept_at.append(now[0])

    monkeypatch.setattr(painting, "write_progress", write)
    easel.painting(easel.claim(steps=40), Engine(run, FakeCheckpoint.from_bytes)).paint()
    assert len(kept_at) >= 3
    assert all(7 < after - before <= 10 for before, after in pairwise(kept_at))


def test_the_result_is_on_the_disk_for_good_before_anybody_is_told(
    easel: Easel, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed, fsync = [], os.fsync

    def flush(descriptor: int) -> None:
        fsync(descriptor)
        flushed.append((str(Path(f"/proc/self/fd/{descriptor}").readlink()), easel.state(job)))

    job = easel.claim()
    monkeypatch.setattr(os, "fsync", flush)
    easel.painting(job).paint()
    folder = str(easel.files.path(job_key(job.id, "result.png")).parent)
    assert easel.state(job) == "done"
    assert flushed[-2:] == [(flushed[-2][0], "running"), (folder, "running")]
    assert flushed[-2][0].startswith(folder)


def test_a_full_disk_is_waited_out_while_painting_goes_on(
    easel: Easel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "RETRY_SECONDS", 0.001)
    write, refused = images.write, []

    def full(path: Path, data: bytes) -> None:
        if len(refused) < 20:
            refused.append(path.name)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        write(path, data)

    job = easel.claim()
    monkeypatch.setattr(images, "write", full)
    assert easel.painting(job).paint() == "finished"
    assert (easel.state(job), easel.kinds(job).count("step")) == ("done", 5)
    assert (easel.result(job) == 5).all()
    assert {"preview.jpg", "checkpoint", "result.png"} <= set(refused)


def test_a_job_that_is_deleted_while_it_waits_for_the_disk_leaves_nothing(
    easel: Easel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "RETRY_SECONDS", 0.001)
    job = easel.claim()

    def full(path: Path, data: bytes) -> None:
        if path.name == "result.png":
            easel.store.delete(SECRET, job.id)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(images, "write", full)
    assert easel.painting(job).paint() == "gone"
    assert easel.files.path(job_key(job.id, "result.png")) is None


def test_a_database_that_refuses_while_a_checkpoint_is_kept_is_no_trouble_of_the_files(
    easel: Easel, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def busy(job_id: str) -> None:
        cause = sqlite3.OperationalError("database is locked")
        cause.sqlite_errorname = "SQLITE_BUSY"
        raise OperationalError("", {}, cause)

    monkeypatch.setattr(easel.store, "forget_crashes", busy)
    assert easel.painting(easel.claim()).paint() == "finished"
    assert "bears with the store" in caplog.text
    assert "bears with the files" not in caplog.text


def test_a_cancel_keeps_the_last_picture(easel: Easel) -> None:
    job = easel.claim()
    easel.wish_at(3, lambda: easel.store.ask(job.id, "cancel"))
    assert easel.painting(job).paint() == "finished"
    now = easel.store.job(job.id)
    assert (now.state, now.step, now.has_result) == ("cancelled", 3, True)
    assert (easel.result(job) == 3).all()
    assert easel.kinds(job)[-2:] == ["result", "state"]


def test_a_paused_painting_goes_on_from_memory(easel: Easel) -> None:
    job = easel.claim()
    easel.wish_at(2, lambda: easel.store.ask(job.id, "pause"))
    resting = easel.painting(job)
    assert resting.paint() == "paused"
    assert easel.state(job) == "paused"
    assert easel.files.read(job_key(job.id, "checkpoint")) == b"checkpoint 2"
    easel.store.move(job.id, ("paused",), "queued")
    easel.store.claim()
    assert resting.paint() == "finished"
    assert len(easel.engine.calls) == 1
    assert easel.kinds(job).count("step") == 5


def test_a_dropped_painting_goes_on_from_its_checkpoint(easel: Easel) -> None:
    job = easel.claim()
    easel.wish_at(2, lambda: easel.store.ask(job.id, "pause"))
    resting = easel.painting(job)
    resting.paint()
    resting.drop()
    easel.store.move(job.id, ("paused",), "queued")
    assert easel.painting(easel.store.claim()).paint() == "finished"
    assert [call["resume"] for call in easel.engine.calls] == [None, FakeCheckpoint(2)]
    assert easel.kinds(job).count("step") == 5


def test_a_checkpoint_of_the_last_step_still_has_a_result(easel: Easel) -> None:
    job = easel.claim()
    easel.wish_at(5, lambda: easel.store.ask(job.id, "pause"))
    resting = easel.painting(job)
    resting.paint()
    resting.drop()
    easel.store.move(job.id, ("paused",), "queued")
    assert easel.painting(easel.store.claim()).paint() == "finished"
    assert easel.state(job) == "done"
    assert (easel.result(job) == 5).all()


def test_a_damaged_checkpoint_means_starting_again(easel: Easel) -> None:
    job = easel.claim()
    easel.files.write(job_key(job.id, "checkpoint"), b"nonsense")
    assert easel.painting(job).paint() == "finished"
    assert easel.engine.calls[0]["resume"] is None
    assert easel.state(job) == "done"


def test_closing_leaves_a_checkpoint_and_an_interrupted_job(easel: Easel) -> None:
    job = easel.claim()
    easel.wish_at(3, easel.closing.set)
    assert easel.painting(job).paint() == "interrupted"
    assert easel.state(job) == "interrupted"
    assert easel.files.read(job_key(job.id, "checkpoint")) == b"checkpoint 3"


def test_a_deleted_job_stops_and_leaves_no_files(easel: Easel) -> None:
    job = easel.claim()

    def delete() -> None:
        easel.store.delete(SECRET, job.id)
        easel.files.delete(job_key(job.id))

    easel.wish_at(3, delete)
    assert easel.painting(job).paint() == "gone"
    assert easel.files.path(job_key(job.id, "preview.jpg")) is None


def test_a_job_deleted_while_its_result_is_written_leaves_no_files(
    easel: Easel, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = easel.claim()
    write = painting.write_result

    def delete_and_write(*arguments: object) -> None:
        easel.store.delete(SECRET, job.id)
        write(*arguments)

    monkeypatch.setattr(painting, "write_result", delete_and_write)
    assert easel.painting(job).paint() == "gone"
    assert easel.files.read(job_key(job.id, "result.png")) is None


class ResourceExhaustedError(Exception):
    """Named like TensorFlow's."""


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (MemoryError(), NO_MEMORY),
        (ResourceExhaustedError("OOM"), NO_MEMORY),
        (OSError(28, "No space left on device"), NO_SPACE),
        (ZeroDivisionError("at /home/ada"), UNKNOWN),
    ],
)
def test_a_failure_is_told_plainly_and_the_last_picture_kept(
    easel: Easel, error: Exception, sentence: str, caplog: pytest.LogCaptureFixture
) -> None:
    job = easel.claim()
    easel.engine.failures[4] = error
    assert easel.painting(job).paint() == "finished"
    now = easel.store.job(job.id)
    assert (now.state, now.error, now.has_result) == ("failed", sentence, True)
    assert (easel.result(job) == 3).all()
    assert easel.store.log(job.id, 0, 100).events[-1].data == {"state": "failed", "error": sentence}
    assert job.id in caplog.text
    assert type(error).__name__ in caplog.text


def test_a_failure_before_the_first_step_has_no_picture(easel: Easel) -> None:
    job = easel.claim()
    easel.engine.failures[1] = MemoryError()
    easel.painting(job).paint()
    now = easel.store.job(job.id)
    assert (now.state, now.has_result) == ("failed", False)


def test_a_picture_that_cannot_be_had_any_more_is_taken_from_the_checkpoint(
    easel: Easel, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Lost(FakeStep):
        @property
        def image(self) -> np.ndarray:
            if self.index > 2:
                raise ResourceExhaustedError("the device is full")
            return super().image

    def run(*_arguments: object, **_named: object) -> Iterator[FakeStep]:
        for index in range(1, 6):
            yield Lost(index, 5, 64, 48, 1.0)

    monkeypatch.setattr(painting, "MOST_SECONDS", 0)
    job = easel.claim()
    easel.painting(job, Engine(run, FakeCheckpoint.from_bytes)).paint()
    now = easel.store.job(job.id)
    assert (now.state, now.error, now.has_result) == ("failed", NO_MEMORY, True)
    assert (easel.result(job) == 2).all()


def test_a_failure_is_recorded_once_the_database_answers_again(
    easel: Easel, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = easel.claim()
    easel.engine.failures[2] = MemoryError()
    move, refusals = easel.store.move, []

    def stubborn(*arguments: object, **named: object) -> bool:
        if len(refusals) < 2:
            refusals.append(arguments)
            raise OSError("not now")
        return move(*arguments, **named)

    monkeypatch.setattr(easel.store, "move", stubborn)
    monkeypatch.setattr(painting, "RETRY_SECONDS", 0.001)
    assert easel.painting(job).paint() == "finished"
    assert easel.state(job) == "failed"


def test_a_missing_picture_fails_the_job_and_no_other(easel: Easel) -> None:
    job = easel.claim()
    easel.files.delete(image_key(job.spec.content))
    easel.painting(job).paint()
    assert easel.store.job(job.id).error == UNKNOWN
