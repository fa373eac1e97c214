import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from jobs.conftest import ADA, numbers, spec_for
from jobs.fake_engine import PATIENCE, FakeCheckpoint, FakeEngine, wait_until

import nst
from nst.errors import Refusal
from nst.jobs.filing.files import job_key
from nst.jobs.models import Job
from nst.jobs.records.database import open_sqlite
from nst.jobs.records.store import Store
from nst.jobs.steering import Change
from nst.jobs.studio import Studio
from nst.options import Options

Submit = Callable[..., Job]


def test_the_engine_warms_up_before_the_first_job(studio: Studio, engine: FakeEngine) -> None:
    wait_until(engine.warmed.is_set)
    assert engine.calls == []


def test_jobs_are_painted_in_the_order_they_came(studio: Studio, engine: FakeEngine, submit: Submit) -> None:
    engine.hold()
    jobs = [submit(seed=seed) for seed in range(3)]
    engine.let_go()
    wait_until(lambda: all(studio.job(ADA, job.id).state == "done" for job in jobs))
    assert [call["options"].seed for call in engine.calls] == [0, 1, 2]


def test_how_fast_the_machine_is_is_tried_once_while_nobody_waits(
    open_studio: Callable[..., Studio], engine: FakeEngine
) -> None:
    engine.seconds = lambda index: 0.01 * index
    studio = open_studio(load=engine.load)
    wait_until(lambda: studio.expected_seconds(64, 64, Options(size=32, steps=98)))
    assert studio.expected_seconds(64, 64, Options(size=32, steps=98)) == pytest.approx(1.0)
    assert engine.calls == []
    engine.seconds = lambda index: 0.05 * index
    studio.close()
    studio = open_studio(load=engine.load)
    wait_until(lambda: not studio.health())
    assert studio.expected_seconds(64, 64, Options(size=32, steps=98)) == pytest.approx(1.0)


def test_every_run_tells_how_fast_the_machine_is(studio: Studio, engine: FakeEngine, submit: Submit) -> None:
    engine.seconds = lambda index: 0.02 * index
    asked = Options(size=64, steps=98, optimizer="adam")
    assert studio.expected_seconds(64, 48, asked) is None
    submit(size=64, steps=9, optimizer="adam")
    wait_until(lambda: studio.expected_seconds(64, 48, asked))
    assert studio.expected_seconds(64, 48, asked) == pytest.approx(2.0)


def test_the_engine_is_loaded_in_the_painters_thread_only(open_studio: Callable[..., Studio]) -> None:
    threads: list[str] = []
    engine = FakeEngine()

    def load() -> object:
        threads.append(threading.current_thread().name)
        return engine.load()

    studio = open_studio(load=load)
    job = studio.submit(ADA, spec_for(studio))
    wait_until(lambda: studio.job(ADA, job.id).is_finished)
    assert threads == ["painter"]
    assert "painter" not in [thread.name for thread in threading.enumerate() if not thread.daemon]


def test_without_weights_a_job_fails_with_their_reason_and_later_ones_may_succeed(
    open_studio: Callable[..., Studio], engine: FakeEngine
) -> None:
    there: list[bool] = []

    def load() -> object:
        if not there:
            raise Refusal("weights_missing", "The weights are not on this machine.")
        return engine.load()

    studio = open_studio(load=load)
    job = studio.submit(ADA, spec_for(studio))
    wait_until(lambda: studio.job(ADA, job.id).is_finished)
    failed = studio.job(ADA, job.id)
    assert (failed.state, failed.error) == ("failed", "The weights are not on this machine.")
    assert studio.health() == {"engine": "The weights are not on this machine."}
    there.append(True)
    job = studio.submit(ADA, spec_for(studio))
    wait_until(lambda: studio.job(ADA, job.id).state == "done")
    wait_until(lambda: studio.health() == {})


def test_a_failed_job_does_not_stop_the_painter(studio: Studio, engine: FakeEngine, submit: Submit) -> None:
    engine.failures[2] = MemoryError()
    first = submit()
    wait_until(lambda: studio.job(ADA, first.id).state == "failed")
    engine.failures.clear()
    second = submit()
    wait_until(lambda: studio.job(ADA, second.id).state == "done")


def test_an_engine_that_does_not_warm_up_still_paints(open_studio: Callable[..., Studio]) -> None:
    engine = FakeEngine()
    loaded = engine.load()

    def run(content: object, styles: object, options: object, **named: object) -> object:
        if not named:
            engine.warmed.set()
            raise ValueError("too small a picture")
        return loaded.run(content, styles, options, **named)

    studio = open_studio(load=lambda: loaded._replace(run=run))
    job = studio.submit(ADA, spec_for(studio))
    wait_until(lambda: studio.job(ADA, job.id).state == "done")


def test_a_paused_job_stays_in_memory_while_nothing_else_is_to_do(
    studio: Studio, engine: FakeEngine, submit: Submit
) -> None:
    engine.hold()
    job = submit()
    engine.step(2)
    wait_until(lambda: studio.job(ADA, job.id).step == 2)
    studio.pause(ADA, job.id)
    engine.step()
    wait_until(lambda: studio.job(ADA, job.id).state == "paused")
    studio.resume(ADA, job.id)
    engine.let_go()
    wait_until(lambda: studio.job(ADA, job.id).state == "done")
    assert len(engine.calls) == 1


def test_a_paused_job_makes_room_for_others_and_goes_on_from_its_checkpoint(
    studio: Studio, engine: FakeEngine, submit: Submit
) -> None:
    engine.hold()
    first = submit()
    engine.step()
    wait_until(lambda: studio.job(ADA, first.id).step == 1)
    studio.pause(ADA, first.id)
    engine.step()
    wait_until(lambda: studio.job(ADA, first.id).state == "paused")
    engine.let_go()
    second = submit()
    wait_until(lambda: studio.job(ADA, second.id).state == "done")
    assert studio.job(ADA, first.id).state == "paused"
    studio.resume(ADA, first.id)
    wait_until(lambda: studio.job(ADA, first.id).state == "done")
    assert [call["resume"] and call["resume"].index for call in engine.calls] == [None, None, 2]


@pytest.mark.parametrize("meanwhile", ["steps", "a change"])
def test_a_paused_job_that_another_painter_had_goes_on_from_where_that_one_left_it(
    studio: Studio, engine: FakeEngine, submit: Submit, folder: Path, meanwhile: str
) -> None:
    engine.hold()
    job = submit()
    engine.step(2)
    wait_until(lambda: studio.job(ADA, job.id).step == 2)
    studio.pause(ADA, job.id)
    engine.step()
    wait_until(lambda: studio.job(ADA, job.id).state == "paused")
    other = Store(open_sqlite(folder / "studio.db"), lambda job, seq: None)
    other.move(job.id, ("paused",), "queued")
    assert other.claim().id == job.id  # while the first one naps
    step = 3
    if meanwhile == "steps":
        step = 4
        other.record_step(job.id, numbers(step))
        studio._files.write(job_key(job.id, "checkpoint"), FakeCheckpoint(step).to_bytes())
    else:
        other.record_change(job.id, Change(after=step, options={"style_weight": 3.0}))
    other.move(job.id, ("running",), "paused")
    other.close()
    studio.resume(ADA, job.id)
    engine.let_go()
    wait_until(lambda: studio.job(ADA, job.id).state == "done")
    assert [call["resume"] and call["resume"].index for call in engine.calls] == [None, step]
    assert engine.calls[-1]["options"].style_weight == (3.0 if meanwhile == "a change" else 1.0)


def test_close_leaves_the_running_job_interrupted(
    open_studio: Callable[..., Studio], engine: FakeEngine
) -> None:
    studio = open_studio()
    engine.gives_up = True
    engine.hold()
    job = studio.submit(ADA, spec_for(studio))
    engine.step(2)
    wait_until(lambda: studio.job(ADA, job.id).step == 2)
    studio.close()
    assert studio.job(ADA, job.id).state == "interrupted"
    assert not [thread for thread in threading.enumerate() if thread.name == "painter"]


def test_an_engine_that_was_loaded_as_the_studio_closed_is_warmed_at_the_next_start(
    open_studio: Callable[..., Studio], engine: FakeEngine
) -> None:
    loading, opened = threading.Event(), threading.Event()

    def load() -> object:
        loading.set()
        opened.wait(PATIENCE)
        studio._worker._closing.wait(PATIENCE)
        return engine.load()

    studio = open_studio(load=load)
    opened.set()
    loading.wait(PATIENCE)
    studio.close()
    assert not engine.warmed.is_set()
    studio.start()
    wait_until(lambda: studio.health() == {})
    assert engine.warmed.is_set()


def test_close_does_not_wait_for_a_step_that_takes_too_long(
    open_studio: Callable[..., Studio], engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nst.jobs.painters.worker.CLOSE_SECONDS", 0.05)
    studio = open_studio()
    engine.hold()
    job = studio.submit(ADA, spec_for(studio))
    wait_until(lambda: studio.job(ADA, job.id).state == "running")
    studio.close()
    assert studio.job(ADA, job.id).state == "interrupted"
    engine.let_go()
    wait_until(lambda: not [thread for thread in threading.enumerate() if thread.name == "painter"])
    assert studio.job(ADA, job.id).state == "interrupted"


def test_a_process_ends_although_its_painter_does_not(folder: Path) -> None:
    """Status 1: Python's own end of the process was cut short."""
    program = f"""
import time
from pathlib import Path
from nst.jobs.painters import worker
from nst.jobs.studio import Studio
from nst.settings import Settings

worker.CLOSE_SECONDS = 0.05
studio = Studio(Settings(data_dir=Path({str(folder)!r})), lambda: time.sleep(60))
studio.start()
studio.close()
print("closed")
"""
    root = Path(nst.__file__).parent.parent
    ended = subprocess.run(
        [sys.executable, "-c", program], cwd=root, capture_output=True, text=True, timeout=30
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (1, "closed\n", "")


def test_the_api_comes_up_without_tensorflow() -> None:
    program = (
        "import sys, nst.api, nst.jobs.studio; print('tensorflow' in sys.modules, 'keras' in sys.modules)"
    )
    root = Path(nst.__file__).parent.parent
    ended = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True)
    assert ended.stdout == "False False\n"
