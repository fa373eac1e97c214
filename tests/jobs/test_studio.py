import asyncio
import io
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Event

import numpy as np
import pytest
from PIL import Image

import nst
from jobs.fake_engine import PATIENCE, FakeEngine, picture, wait_until
from nst import images
from nst.errors import Refusal
from nst.jobs.filing.files import Folder
from nst.jobs.ids import new_id
from nst.jobs.models import Job, StyleRef
from nst.jobs.painters.engine import Engine
from nst.jobs.records.database import open_sqlite
from nst.jobs.records.store import Store
from nst.jobs.studio import Studio
from nst.jobs.troubles import CRASHES

from .conftest import ADA, BOB, spec_for

Submit = Callable[..., Job]
OpenStudio = Callable[..., Studio]


def refused(call: Callable[..., object], *arguments: object) -> Refusal:
    with pytest.raises(Refusal) as caught:
        call(*arguments)
    return caught.value


def states(studio: Studio, job: Job) -> list[object]:
    return [event.data["state"] for event in studio.events(ADA, job.id) if event.kind == "state"]


# Submitting


def test_a_submitted_job_is_painted(open_studio: OpenStudio) -> None:
    studio = open_studio(start=False)
    job = studio.submit(ADA, spec_for(studio, steps=3))
    assert (job.state, job.owner, job.steps, job.position) == ("queued", ADA, 3, 1)
    studio.start()
    wait_until(lambda: studio.job(ADA, job.id).state == "done")
    assert studio.result_file(ADA, job.id).read_bytes().startswith(b"\x89PNG")
    assert studio.preview_file(ADA, job.id).read_bytes().startswith(b"\xff\xd8")


@pytest.mark.parametrize("part", ["content", "style", "mask", "init"])
def test_pictures_of_others_or_of_nobody_are_refused_by_name(studio: Studio, part: str) -> None:
    theirs, _ = studio.add_image(BOB, io.BytesIO(picture()))
    spec = spec_for(studio)
    for bad in (theirs.id, new_id(), "../x"):
        if part == "style":
            changed = spec.model_copy(update={"styles": [*spec.styles, StyleRef(image=bad)]})
        else:
            changed = spec.model_copy(update={part: bad})
        refusal = refused(studio.submit, ADA, changed)
        assert refusal.code == "not_found"
        assert refusal.field == ("styles.1.image" if part == "style" else part)
    assert studio.jobs(ADA) == ([], None)


def test_a_mask_that_is_black_all_over_is_refused(open_studio: OpenStudio) -> None:
    studio = open_studio(start=False)
    spec = spec_for(studio)
    black, _ = studio.add_image(ADA, io.BytesIO(picture(colour=(0, 0, 0))))
    refusal = refused(studio.submit, ADA, spec.model_copy(update={"mask": black.id}))
    assert (refusal.code, refusal.field) == ("empty_mask", "mask")
    grey, _ = studio.add_image(ADA, io.BytesIO(picture(colour=(9, 9, 9))))
    assert studio.submit(ADA, spec.model_copy(update={"mask": grey.id})).state == "queued"


def test_the_queue_is_bounded_for_one_and_for_all(open_studio: OpenStudio, engine: FakeEngine) -> None:
    engine.hold()
    studio = open_studio(queued_per_client=2, queued_total=3)
    mine, theirs = spec_for(studio, ADA), spec_for(studio, BOB)
    running = studio.submit(ADA, mine)
    wait_until(lambda: studio.job(ADA, running.id).state == "running")
    positions = [studio.submit(ADA, mine).position for _ in range(2)]
    assert positions == [1, 2]
    assert refused(studio.submit, ADA, mine).code == "queue_full"
    assert studio.submit(BOB, theirs).position == 2  # before the second one of the same client
    assert refused(studio.submit, BOB, theirs).code == "queue_full"
    assert studio.health() == {"queue": "The queue is full."}


def test_a_size_that_cannot_fit_is_refused_before_it_waits(studio: Studio, engine: FakeEngine) -> None:
    wait_until(lambda: studio.health() == {})
    engine.largest = 512
    refusal = refused(studio.submit, ADA, spec_for(studio, size=513))
    assert (refusal.code, refusal.field) == ("too_little_memory", "size")
    assert studio.jobs(ADA) == ([], None)
    assert studio.submit(ADA, spec_for(studio, size=512)).state in ("queued", "running")


def test_the_memory_that_another_job_holds_is_not_held_against_one_that_waits(
    studio: Studio, engine: FakeEngine
) -> None:
    engine.hold()
    running = studio.submit(ADA, spec_for(studio))
    wait_until(lambda: studio.job(ADA, running.id).state == "running" and engine.calls)
    engine.largest = 512
    assert studio.submit(ADA, spec_for(studio, size=1024)).state == "queued"
    engine.let_go()
    wait_until(lambda: studio.job(ADA, running.id).state == "done")


# Looking


@pytest.mark.parametrize(
    "name", ["job", "cancel", "pause", "resume", "delete", "events", "preview_file", "result_file"]
)
def test_a_job_is_its_owners_alone(studio: Studio, submit: Submit, name: str) -> None:
    job = submit()
    wait_until(lambda: studio.job(ADA, job.id).is_finished)
    for owner, known in ((BOB, job.id), (ADA, new_id()), (ADA, "..")):
        assert refused(getattr(studio, name), owner, known).code == "not_found"
    assert studio.job(ADA, job.id).state == "done"


def test_there_is_no_picture_before_there_is_one(studio: Studio, engine: FakeEngine, submit: Submit) -> None:
    engine.hold()
    job = submit()
    for look in (studio.preview_file, studio.result_file):
        assert refused(look, ADA, job.id).code == "not_found"


def test_the_history_is_paged(studio: Studio, submit: Submit) -> None:
    jobs = []
    for _ in range(3):
        jobs.append(submit(steps=1))
        wait_until(lambda: studio.job(ADA, jobs[-1].id).is_finished)
    page, following = studio.jobs(ADA, limit=2)
    assert [job.id for job in page] == [jobs[2].id, jobs[1].id]
    page, following = studio.jobs(ADA, limit=2, before=following)
    assert ([job.id for job in page], following) == ([jobs[0].id], None)
    assert studio.jobs(BOB) == ([], None)
    for bad in ("", "x", "-1", "1" * 30, "٣"):
        assert refused(studio.jobs, ADA, 2, bad).field == "before"


def test_following_tells_everything_until_the_end(studio: Studio, submit: Submit) -> None:
    job = submit()

    async def gather(after: int) -> list[int]:
        return [event.seq async for batch in studio.follow(ADA, job.id, after) for event in batch]

    everything = asyncio.run(asyncio.wait_for(gather(0), PATIENCE))
    assert (
        everything
        == [event.seq for event in studio.events(ADA, job.id)]
        == list(range(1, len(everything) + 1))
    )
    assert asyncio.run(gather(4)) == everything[4:]
    assert [event.seq for event in studio.events(ADA, job.id, after=2, limit=3)] == [3, 4, 5]


def test_following_another_clients_job_is_refused(studio: Studio, submit: Submit) -> None:
    job = submit()

    async def follow() -> None:
        async for _ in studio.follow(BOB, job.id):
            raise AssertionError

    with pytest.raises(Refusal, match="no such painting"):
        asyncio.run(follow())


# Cancel, pause, resume, delete


def test_a_waiting_job_is_cancelled_at_once(studio: Studio, engine: FakeEngine, submit: Submit) -> None:
    engine.hold()
    submit()
    waiting = submit()
    cancelled = studio.cancel(ADA, waiting.id)
    assert (cancelled.state, cancelled.has_result, cancelled.position) == ("cancelled", False, None)
    assert studio.cancel(ADA, waiting.id).state == "cancelled"


def test_a_running_job_is_cancelled_at_its_next_step(
    studio: Studio, engine: FakeEngine, submit: Submit
) -> None:
    engine.hold()
    job = submit()
    engine.step(2)
    wait_until(lambda: studio.job(ADA, job.id).step == 2)
    asked = studio.cancel(ADA, job.id)
    assert (asked.state, asked.asked) == ("running", "cancel")
    assert studio.cancel(ADA, job.id).asked == "cancel"
    assert studio.pause(ADA, job.id).asked == "cancel"
    engine.step()
    wait_until(lambda: studio.job(ADA, job.id).state == "cancelled")
    with Image.open(studio.result_file(ADA, job.id)) as kept:
        assert kept.getpixel((0, 0)) == (3, 3, 3)
    assert studio.job(ADA, job.id).asked is None


def test_a_paused_job_is_cancelled_with_its_picture(
    studio: Studio, engine: FakeEngine, submit: Submit
) -> None:
    engine.hold()
    job = submit()
    engine.step()
    wait_until(lambda: studio.job(ADA, job.id).step == 1)
    studio.pause(ADA, job.id)
    engine.step()
    wait_until(lambda: studio.job(ADA, job.id).state == "paused")
    cancelled = studio.cancel(ADA, job.id)
    assert (cancelled.state, cancelled.has_result) == ("cancelled", True)
    data = studio.result_file(ADA, job.id).read_bytes()
    with Image.open(io.BytesIO(data)) as kept:
        assert kept.getpixel((0, 0)) == (2, 2, 2)
    assert images.read_settings(io.BytesIO(data))["steps_done"] == 2
    assert [event.kind for event in studio.events(ADA, job.id)][-2:] == ["result", "state"]


@pytest.mark.parametrize("act", ["cancel", "pause", "resume"])
def test_what_is_finished_cannot_be_changed(studio: Studio, submit: Submit, act: str) -> None:
    job = submit()
    wait_until(lambda: studio.job(ADA, job.id).state == "done")
    assert refused(getattr(studio, act), ADA, job.id).code == "already_finished"


def test_pausing_and_resuming_twice_is_as_good_as_once(
    studio: Studio, engine: FakeEngine, submit: Submit
) -> None:
    engine.hold()
    job = submit()
    waiting = submit()
    wait_until(lambda: studio.job(ADA, job.id).state == "running")
    assert refused(studio.pause, ADA, waiting.id).code == "not_running"
    assert studio.pause(ADA, job.id).asked == studio.pause(ADA, job.id).asked == "pause"
    assert studio.resume(ADA, job.id).asked is None
    assert studio.resume(ADA, job.id).state == "running"
    studio.pause(ADA, job.id)
    engine.step()
    wait_until(lambda: studio.job(ADA, job.id).state == "paused")
    assert studio.pause(ADA, job.id).state == "paused"
    wait_until(lambda: studio.job(ADA, waiting.id).state == "running")
    assert [studio.resume(ADA, job.id).state for _ in range(2)] == ["queued", "queued"]


def test_deleting_forgets_the_job_and_its_files(studio: Studio, submit: Submit, folder: Path) -> None:
    job = submit()
    wait_until(lambda: studio.job(ADA, job.id).is_finished)
    assert (folder / "jobs" / job.id).is_dir()
    studio.delete(ADA, job.id)
    assert not (folder / "jobs" / job.id).exists()
    assert refused(studio.job, ADA, job.id).code == "not_found"


def test_deleting_a_running_job_stops_it(
    studio: Studio, engine: FakeEngine, submit: Submit, folder: Path
) -> None:
    engine.hold()
    job, following = submit(steps=1000), submit()
    engine.step(2)
    wait_until(lambda: studio.job(ADA, job.id).step == 2)
    studio.delete(ADA, job.id)
    engine.step()
    wait_until(lambda: studio.job(ADA, following.id).state == "running")
    assert not (folder / "jobs" / job.id).exists()


# Restarts


def test_a_job_goes_on_after_a_restart(open_studio: OpenStudio, engine: FakeEngine) -> None:
    studio = open_studio()
    engine.gives_up = True
    engine.hold()
    first = studio.submit(ADA, spec_for(studio))
    second = studio.submit(ADA, spec_for(studio))
    engine.step(2)
    wait_until(lambda: studio.job(ADA, first.id).step == 2)
    studio.close()
    again = open_studio(start=False)
    left = again.job(ADA, first.id)
    assert (left.state, left.step >= 2) == ("interrupted", True)
    again.start()
    assert again.job(ADA, second.id).state == "queued"
    engine.let_go()
    wait_until(lambda: again.job(ADA, second.id).state == "done")
    assert [call["resume"] and call["resume"].index for call in engine.calls] == [None, left.step, None]
    assert states(again, first) == ["queued", "running", "interrupted", "queued", "running", "done"]
    steps = [event.data["step"] for event in again.events(ADA, first.id) if event.kind == "step"]
    assert steps == [1, 2, 3, 4, 5]


def test_a_paused_job_is_still_paused_after_a_restart(open_studio: OpenStudio, engine: FakeEngine) -> None:
    studio = open_studio()
    engine.hold()
    job = studio.submit(ADA, spec_for(studio))
    wait_until(lambda: studio.job(ADA, job.id).state == "running")
    studio.pause(ADA, job.id)
    engine.step()
    wait_until(lambda: studio.job(ADA, job.id).state == "paused")
    studio.close()
    again = open_studio()
    assert again.job(ADA, job.id).state == "paused"
    again.resume(ADA, job.id)
    engine.let_go()
    wait_until(lambda: again.job(ADA, job.id).state == "done")
    assert engine.calls[-1]["resume"].index == 1


def test_the_same_studio_can_be_opened_again(studio: Studio, submit: Submit) -> None:
    studio.close()
    studio.start()
    job = submit()
    wait_until(lambda: studio.job(ADA, job.id).state == "done")


def leave_running(
    folder: Path, job: Job, crashed: bool = False, asked: str | None = None, source: str = "queued"
) -> None:
    """What a process that died leaves in the database."""
    store = Store(open_sqlite(folder / "studio.db"), lambda job, seq: None)
    store.move(job.id, (source,), "running")
    if crashed:
        store.move(job.id, ("running",), "queued", crashed=True)
        store.move(job.id, ("queued",), "running")
    if asked is not None:
        store.ask(job.id, asked)
    store.close()


def test_a_job_that_crashed_once_is_tried_again(open_studio: OpenStudio, folder: Path) -> None:
    studio = open_studio(start=False)
    job = studio.submit(ADA, spec_for(studio))
    leave_running(folder, job)
    studio.start()
    wait_until(lambda: studio.job(ADA, job.id).state == "done")
    assert states(studio, job)[1:4] == ["running", "interrupted", "queued"]


def test_a_job_that_crashed_twice_is_given_up_with_its_picture(open_studio: OpenStudio, folder: Path) -> None:
    studio = open_studio(start=False)
    job = studio.submit(ADA, spec_for(studio))
    leave_running(folder, job, crashed=True)
    (folder / "jobs" / job.id).mkdir(parents=True)
    picture = np.full((48, 64, 3), 77, np.uint8)
    np.savez(folder / "jobs" / job.id / "last.npz", picture=picture, step=3)
    studio.start()
    given_up = studio.job(ADA, job.id)
    assert (given_up.state, given_up.error, given_up.has_result) == ("failed", CRASHES, True)
    with Image.open(studio.result_file(ADA, job.id)) as kept:
        assert kept.getpixel((5, 5)) == (77, 77, 77)


def test_crashes_are_counted_anew_once_a_job_has_come_further(
    open_studio: OpenStudio, engine: FakeEngine, folder: Path
) -> None:
    studio = open_studio(start=False)
    job = studio.submit(ADA, spec_for(studio))
    leave_running(folder, job)
    engine.gives_up = True
    engine.hold()
    studio.start()
    wait_until(lambda: studio.job(ADA, job.id).state == "running" and engine.calls)
    engine.step(2)
    wait_until(lambda: studio.job(ADA, job.id).step == 2)
    studio.close()  # leaves a checkpoint
    leave_running(folder, job, source="interrupted")
    engine.let_go()
    studio.start()
    wait_until(lambda: studio.job(ADA, job.id).is_finished)
    assert studio.job(ADA, job.id).state == "done"


@pytest.mark.parametrize(("asked", "state"), [("cancel", "cancelled"), ("pause", "paused")])
def test_what_was_asked_before_a_crash_is_done_after_it(
    open_studio: OpenStudio, folder: Path, asked: str, state: str
) -> None:
    studio = open_studio(start=False)
    job = studio.submit(ADA, spec_for(studio))
    leave_running(folder, job, asked=asked)
    studio.start()
    assert studio.job(ADA, job.id).state == state


def test_a_studio_killed_in_mid_job_loses_nothing(
    open_studio: OpenStudio, engine: FakeEngine, folder: Path
) -> None:
    tests = Path(__file__).parent.parent
    path = os.pathsep.join([str(Path(nst.__file__).parent.parent), str(tests)])
    victim = subprocess.Popen(
        [sys.executable, "-m", "jobs.victim", str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
    )
    try:
        job_id = victim.stdout.readline().strip()
        while int(victim.stdout.readline()) < 5:
            pass
    finally:
        victim.send_signal(signal.SIGKILL)
        victim.wait()
        victim.stdout.close()

    engine.hold()
    studio = open_studio(start=False)
    left = studio.job(ADA, job_id)
    assert left.state == "running"
    seen = [event.seq for event in studio.events(ADA, job_id, limit=10_000)]
    studio.start()
    engine.step(3)
    wait_until(lambda: engine.calls and studio.job(ADA, job_id).step > left.step)
    (call,) = engine.calls
    assert left.step - 1 <= call["resume"].index <= left.step
    events = studio.events(ADA, job_id, limit=10_000)
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert len(events) > len(seen)
    assert [event.data for event in events[len(seen) : len(seen) + 3]] == [
        {"state": "interrupted"},
        {"state": "queued"},
        {"state": "running"},
    ]


# Health


def test_health_names_what_is_wrong(open_studio: OpenStudio, folder: Path) -> None:
    studio = open_studio(start=False)
    assert studio.health() == {"worker": "Nobody is painting."}
    studio.start()
    wait_until(lambda: studio.health() == {})


def test_a_studio_is_not_well_before_its_engine_is_warm(open_studio: OpenStudio, engine: FakeEngine) -> None:
    may_load, may_warm = Event(), Event()
    loaded = engine.load()

    def load() -> Engine:
        may_load.wait(PATIENCE)
        return loaded._replace(run=run)

    def run(*arguments: object, **named: object) -> object:
        may_warm.wait(PATIENCE)
        return loaded.run(*arguments, **named)

    studio = open_studio(load=load)
    assert studio.health() == {"engine": "loading"}
    may_load.set()
    assert studio.health() == {"engine": "loading"}
    may_warm.set()
    wait_until(lambda: studio.health() == {})


def test_health_sees_a_full_disk_and_a_lost_database(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_self: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Folder, "check", full)
    monkeypatch.setattr(Store, "check", full)
    assert studio.health().keys() >= {"files", "store"}
