"""A step that takes for ever is given up for whatever is wanted meanwhile."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from video.painters import Negative

from jobs.fake_engine import FakeEngine, wait_until
from nst.jobs.filing.files import Folder
from nst.jobs.models import Job
from nst.jobs.painters import leased_worker
from nst.jobs.painters.leased_worker import LeasedWorker
from nst.jobs.painters.speed import Speed
from nst.jobs.records.store import Orders, Store
from nst.jobs.steering import Steering
from nst.jobs.studio import Studio

from .conftest import ADA, AddJob

LONG = 3  # the step that never ends

OpenStudio = Callable[..., Studio]


@pytest.fixture
def job(studio: Studio, engine: FakeEngine, submit: Callable[..., Job]) -> Job:
    """A painting in the middle of its long step."""
    engine.gives_up = True
    engine.hold()
    made = submit(steps=20)
    engine.step(LONG - 1)
    wait_until(lambda: studio.job(ADA, made.id).step == LONG - 1)
    return made


def test_a_change_is_made_at_once(studio: Studio, engine: FakeEngine, job: Job) -> None:
    studio.steer(ADA, job.id, Steering(options={"style_weight": 4.0}))
    wait_until(lambda: studio.job(ADA, job.id).made)
    assert engine.steered == [(LONG - 1, {"style_weight": 4.0})]
    engine.let_go()
    wait_until(lambda: studio.job(ADA, job.id).state == "done")
    steps = [event.data["step"] for event in studio.events(ADA, job.id, limit=1000) if event.kind == "step"]
    assert steps == list(range(1, 21)), "the step that was given up is taken anew"


def test_it_rests_at_once_and_goes_on(studio: Studio, engine: FakeEngine, job: Job) -> None:
    studio.pause(ADA, job.id)
    wait_until(lambda: studio.job(ADA, job.id).state == "paused")
    assert studio.job(ADA, job.id).step == LONG - 1
    studio.resume(ADA, job.id)
    engine.let_go()
    wait_until(lambda: studio.job(ADA, job.id).state == "done")
    assert len(engine.calls) == 1, "the same run goes on"


def test_it_is_stopped_at_once_and_kept(studio: Studio, job: Job) -> None:
    studio.cancel(ADA, job.id)
    wait_until(lambda: studio.job(ADA, job.id).state == "cancelled")
    assert studio.result_file(ADA, job.id).exists()


def test_it_is_deleted_at_once(studio: Studio, job: Job, folder: Path) -> None:
    studio.delete(ADA, job.id)
    wait_until(lambda: not (folder / "jobs" / job.id).exists())


def test_the_studio_closes_at_once_and_goes_on_later(
    open_studio: OpenStudio, studio: Studio, engine: FakeEngine, job: Job
) -> None:
    studio.close()
    assert studio.job(ADA, job.id).state == "interrupted"
    again = open_studio()
    wait_until(lambda: len(engine.calls) == 2)
    assert engine.calls[1]["resume"].index == LONG - 1
    again.cancel(ADA, job.id)  # before the new run has a step of its own
    wait_until(lambda: again.job(ADA, job.id).state == "cancelled")
    assert again.result_file(ADA, job.id).exists()


def test_a_run_that_was_resumed_rests_before_its_first_step(
    open_studio: OpenStudio, studio: Studio, engine: FakeEngine, job: Job
) -> None:
    studio.close()
    again = open_studio()
    wait_until(lambda: len(engine.calls) == 2)
    again.pause(ADA, job.id)
    wait_until(lambda: again.job(ADA, job.id).state == "paused")
    again.resume(ADA, job.id)
    engine.let_go()
    wait_until(lambda: again.job(ADA, job.id).state == "done")


def test_what_somebody_else_wants_disturbs_nobody(
    studio: Studio, engine: FakeEngine, job: Job, submit: Callable[..., Job]
) -> None:
    other = submit("bob", steps=3)
    studio.steer("bob", other.id, Steering(options={"style_weight": 4.0}))
    assert not engine.unwanted.is_set()
    assert studio.job(ADA, job.id).state == "running"


# On another machine


@pytest.fixture
def painter(
    store: Store, tmp_path: Path, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> Iterator[LeasedWorker]:
    monkeypatch.setattr(leased_worker, "_HEED_SECONDS", 0.02)
    files = Folder(tmp_path / "files")
    files.write("made", b"")
    made = LeasedWorker(store, files, Speed(files), engine.load, lambda styles, options: Negative())
    yield made
    made.close()


def test_a_worker_that_nobody_can_tell_looks_by_itself(
    painter: LeasedWorker, store: Store, engine: FakeEngine, add: AddJob
) -> None:
    interrupted = []

    class Run:
        step_since = 0.0

        def heed(self) -> None:
            interrupted.append(True)

    painter._easel = Run()
    painter.start()
    wait_until(lambda: len(interrupted) > 2)


def test_orders_are_those_of_a_job_that_runs_here(store: Store, add: AddJob) -> None:
    job = add()
    assert store.orders(job.id) == Orders("gone"), "it waits"
    claimed = store.claim()
    assert claimed is not None
    assert store.orders(job.id) == Orders("go")
    store.ask(job.id, "pause")
    change = Steering(options={"style_weight": 2.0})
    store.want(job.id, change)
    assert store.orders(job.id) == Orders("pause", change)
