"""A painting that is changed while it is painted, from the studio's side to the engine's."""

import io
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import nst
from jobs.fake_engine import FakeEngine, wait_until
from nst import images
from nst.errors import Refusal
from nst.jobs.ids import new_id
from nst.jobs.models import Job, JobSpec, Region, StyleRef
from nst.jobs.steering import MOST_CHANGES, Change, Steering
from nst.jobs.studio import Studio

from .conftest import ADA, BOB, spec_for

Submit = Callable[..., Job]
OpenStudio = Callable[..., Studio]


def refused(call: Callable[..., object], *arguments: object) -> Refusal:
    with pytest.raises(Refusal) as caught:
        call(*arguments)
    return caught.value


def grey(studio: Studio, left: int, right: int, size: tuple[int, int] = (64, 48)) -> str:
    pixels = np.zeros(size[::-1], np.uint8)
    pixels[:, left:right] = 255
    return studio.add_image(ADA, io.BytesIO(images.encode_png(pixels)))[0].id


def changes_told(studio: Studio, job: Job) -> list[dict]:
    events = studio.events(ADA, job.id, limit=10_000)
    return [event.data for event in events if event.kind == "change"]


def at_step(studio: Studio, engine: FakeEngine, job: Job, step: int) -> None:
    """Let the engine paint up to this step and wait there for the next."""
    engine.step(step - studio.job(ADA, job.id).step)
    wait_until(lambda: studio.job(ADA, job.id).step == step)


def close_in_mid_run(studio: Studio, engine: FakeEngine) -> None:
    """Close while steps are painted one after the other, so that the painter gets to save its last."""
    engine.pace = 0.05
    engine.let_go()
    studio.close()
    engine.pace = 0.0


def settings_of(studio: Studio, job: Job) -> dict:
    return images.read_settings(studio.result_file(ADA, job.id).read_bytes())


# Live


def test_a_change_acts_from_the_next_step_on_and_is_told_and_kept(
    studio: Studio, engine: FakeEngine, submit: Submit
) -> None:
    engine.hold()
    job = submit(steps=6)
    at_step(studio, engine, job, 2)
    asked = studio.steer(ADA, job.id, Steering(options={"style_weight": 4.0, "preserve_color": "luminance"}))
    assert asked.current.options.style_weight == 4.0
    assert asked.spec.options.style_weight == 1.0
    at_step(studio, engine, job, 4)
    (told,) = engine.steered
    assert told[0] in (2, 3)
    assert told[1] == {"style_weight": 4.0, "preserve_color": "luminance"}
    now = studio.job(ADA, job.id)
    assert (now.made[0].after, now.wanted) == (told[0], None)
    assert changes_told(studio, job) == [
        {"step": told[0], "changed": {"style_weight": 4.0, "preserve_color": "luminance"}}
    ]
    engine.let_go()
    wait_until(lambda: studio.job(ADA, job.id).state == "done")
    settings = settings_of(studio, job)
    assert settings["options"]["style_weight"] == 1.0
    assert settings["changes"] == [
        {"after": told[0], "options": {"style_weight": 4.0, "preserve_color": "luminance"}}
    ]


def test_after_a_change_a_picture_comes_with_the_next_step(
    studio: Studio, engine: FakeEngine, submit: Submit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nst.jobs.painters.painting.PREVIEW_SECONDS", 1e9)
    engine.hold()
    job = submit(steps=20)
    at_step(studio, engine, job, 5)
    seen = studio.job(ADA, job.id).preview_seq
    studio.steer(ADA, job.id, Steering(options={"tv_weight": 2.0}))
    engine.step(2)
    wait_until(lambda: studio.job(ADA, job.id).preview_seq > seen)
    kinds = [event.kind for event in studio.events(ADA, job.id)]
    assert kinds[kinds.index("change") :][:3] == ["change", "step", "preview"]


def test_changes_that_come_between_two_steps_are_one(
    studio: Studio, engine: FakeEngine, submit: Submit
) -> None:
    engine.hold()
    job = submit(steps=6)
    wait_until(lambda: engine.calls)
    for weight in (2.0, 3.0, 4.0):
        studio.steer(ADA, job.id, Steering(options={"style_weight": weight}))
    studio.steer(ADA, job.id, Steering(weights=[5]))
    at_step(studio, engine, job, 2)
    assert engine.steered == [(1, {"style_weight": 4.0, "blend": [5.0]})]
    assert [change.after for change in studio.job(ADA, job.id).changes] == [1]


def test_a_change_to_what_is_already_so_is_none(studio: Studio, engine: FakeEngine, submit: Submit) -> None:
    engine.hold()
    job = submit(steps=6)
    wait_until(lambda: engine.calls)
    same = Steering(options={"style_weight": 1.0, "steps": 6}, mask=None, regions=None, weights=[1])
    assert studio.steer(ADA, job.id, same).wanted is None


def test_a_guide_is_given_and_taken_on_the_way(studio: Studio, engine: FakeEngine, submit: Submit) -> None:
    engine.hold()
    job = submit(steps=6)
    at_step(studio, engine, job, 1)
    part = grey(studio, 0, 20, (80, 80))
    for step, guides in ((1, [part]), (2, None)):
        studio.steer(ADA, job.id, Steering(guides=guides))
        engine.step()
        wait_until(lambda step=step: len(changes_told(studio, job)) == step)
    (_, given), (_, taken) = engine.steered
    assert [guide[0].tolist() for guide in given["guides"]] == [[255] * 20 + [0] * 60]
    assert taken == {"guides": ()}
    assert [change["changed"] for change in changes_told(studio, job)] == [
        {"guides": [part]},
        {"guides": None},
    ]
    engine.let_go()
    wait_until(lambda: studio.job(ADA, job.id).state == "done")
    assert [change["guides"] for change in settings_of(studio, job)["changes"]] == [1, 0]
    assert studio.job(ADA, job.id).current.styles[0].guide is None


def test_masks_and_regions_become_one_mask_a_style(studio: Studio, engine: FakeEngine) -> None:
    engine.hold()
    spec = spec_for(studio, steps=9)
    spec = spec.model_copy(update={"styles": [*spec.styles, spec.styles[0]]})
    job = studio.submit(ADA, spec)
    wait_until(lambda: engine.calls)
    assert engine.calls[0]["masks"] == []
    left = grey(studio, 0, 32)
    for step, change in enumerate(
        (
            Steering(mask=left),
            Steering(regions=[Region(mask=grey(studio, 16, 64), style=1)]),
            Steering(mask=None),
            Steering(regions=[]),
        ),
        1,
    ):
        studio.steer(ADA, job.id, change)
        engine.step()
        wait_until(lambda step=step: len(engine.steered) == step)
    told = [[list(np.flatnonzero(mask[0])) for mask in given["masks"]] for _, given in engine.steered]
    assert told == [
        [list(range(32))],
        [list(range(16)), list(range(16, 32))],
        [list(range(16)), list(range(16, 64))],
        [],
    ]


def test_a_change_that_the_engine_refuses_is_told_and_not_kept(
    studio: Studio, engine: FakeEngine, submit: Submit
) -> None:
    engine.hold()
    job = submit()
    wait_until(lambda: engine.calls)
    engine.refusal = Refusal("no", "That cannot be.")
    studio.steer(ADA, job.id, Steering(options={"style_weight": 4.0}))
    engine.let_go()
    wait_until(lambda: studio.job(ADA, job.id).state == "done")
    (told,) = changes_told(studio, job)
    assert (told["changed"], told["refused"]) == ({"style_weight": 4.0}, "That cannot be.")
    now = studio.job(ADA, job.id)
    assert (now.changes, now.wanted, now.current) == ([], None, now.spec)


# Steps


def test_a_run_can_be_made_longer_until_its_last_step(
    studio: Studio, engine: FakeEngine, submit: Submit
) -> None:
    engine.hold()
    job = submit(steps=3)
    at_step(studio, engine, job, 2)
    studio.steer(ADA, job.id, Steering(options={"steps": 7}))
    engine.let_go()
    wait_until(lambda: studio.job(ADA, job.id).state == "done")
    now = studio.job(ADA, job.id)
    assert (now.step, now.steps) == (7, 7)
    assert settings_of(studio, job)["steps_done"] == 7


def test_fewer_steps_than_are_done_end_the_run(studio: Studio, engine: FakeEngine, submit: Submit) -> None:
    engine.hold()
    job = submit(steps=50)
    at_step(studio, engine, job, 4)
    studio.steer(ADA, job.id, Steering(options={"steps": 2}))
    engine.let_go()
    wait_until(lambda: studio.job(ADA, job.id).state == "done")
    now = studio.job(ADA, job.id)
    assert now.step == now.steps == now.changes[0].after
    assert now.step in (4, 5)


# Queued, paused, finished


def test_a_waiting_job_begins_with_what_was_changed(
    studio: Studio, engine: FakeEngine, submit: Submit
) -> None:
    engine.hold()
    submit()
    job = submit(steps=5)
    studio.steer(ADA, job.id, Steering(options={"style_weight": 3.0}))
    waiting = studio.steer(ADA, job.id, Steering(options={"steps": 8}))
    assert (waiting.steps, waiting.current.options.style_weight) == (8, 3.0)
    engine.let_go()
    wait_until(lambda: studio.job(ADA, job.id).state == "done")
    assert engine.steered == []
    options = engine.calls[1]["options"]
    assert (options.style_weight, options.steps) == (3.0, 8)
    assert changes_told(studio, job) == [{"step": 0, "changed": {"style_weight": 3.0, "steps": 8}}]
    assert settings_of(studio, job)["changes"][0]["after"] == 0


def pause_at(studio: Studio, engine: FakeEngine, job: Job, step: int) -> None:
    at_step(studio, engine, job, step - 1)
    studio.pause(ADA, job.id)
    engine.step()
    wait_until(lambda: studio.job(ADA, job.id).state == "paused")


@pytest.mark.parametrize("is_dropped", [False, True])
def test_a_paused_job_goes_on_with_what_was_changed(
    studio: Studio, engine: FakeEngine, submit: Submit, is_dropped: bool
) -> None:
    engine.hold()
    job = submit(steps=5)
    pause_at(studio, engine, job, 3)
    studio.steer(ADA, job.id, Steering(options={"style_weight": 3.0}))
    if is_dropped:
        other = submit()
        engine.let_go()
        wait_until(lambda: studio.job(ADA, other.id).state == "done")
    studio.resume(ADA, job.id)
    engine.let_go()
    wait_until(lambda: studio.job(ADA, job.id).state == "done")
    paused_at = studio.job(ADA, job.id).changes[0].after
    assert paused_at in (2, 3)
    if is_dropped:
        assert engine.calls[-1]["options"].style_weight == 3.0
        assert engine.calls[-1]["resume"].index == paused_at
    else:
        assert engine.steered == [(paused_at, {"style_weight": 3.0})]


def test_a_job_that_rests_at_its_last_step_can_be_made_longer(
    studio: Studio, engine: FakeEngine, submit: Submit
) -> None:
    engine.hold()
    job = submit(steps=3)
    at_step(studio, engine, job, 2)
    studio.pause(ADA, job.id)
    engine.step()
    wait_until(lambda: studio.job(ADA, job.id).state == "paused")
    longer = studio.steer(ADA, job.id, Steering(options={"steps": 6}))
    assert longer.steps == 6
    studio.resume(ADA, job.id)
    engine.let_go()
    wait_until(lambda: studio.job(ADA, job.id).state == "done")
    assert studio.job(ADA, job.id).step == 6


def test_what_is_finished_is_changed_no_more(studio: Studio, submit: Submit) -> None:
    job = submit()
    wait_until(lambda: studio.job(ADA, job.id).state == "done")
    assert refused(studio.steer, ADA, job.id, Steering(weights=[3])).code == "already_finished"


def test_a_job_is_steered_by_its_owner_alone(studio: Studio, submit: Submit) -> None:
    job = submit()
    for owner, known in ((BOB, job.id), (ADA, new_id()), (ADA, "..")):
        assert refused(studio.steer, owner, known, Steering()).code == "not_found"
        assert refused(studio.go_on, owner, known).code == "not_found"


def test_a_bad_change_changes_nothing(studio: Studio, engine: FakeEngine, submit: Submit) -> None:
    engine.hold()
    job = submit()
    for change, code in (
        (Steering(weights=[1, 2]), "bad_blend"),
        (Steering(guides=[None, None]), "bad_guide"),
        (Steering(guides=[grey(studio, 0, 0)]), "empty_mask"),
        (Steering(mask=grey(studio, 0, 0)), "empty_mask"),
        (Steering(regions=[Region(mask=grey(studio, 0, 9), style=3)]), "no_such_style"),
    ):
        assert refused(studio.steer, ADA, job.id, change).code == code
    assert studio.job(ADA, job.id).wanted is None


# After a restart


def test_changes_are_in_force_again_after_a_restart(open_studio: OpenStudio, engine: FakeEngine) -> None:
    studio = open_studio()
    engine.hold()
    job = studio.submit(ADA, spec_for(studio, steps=200))
    at_step(studio, engine, job, 2)
    studio.steer(ADA, job.id, Steering(options={"style_weight": 3.0}))
    at_step(studio, engine, job, 4)
    studio.steer(ADA, job.id, Steering(options={"tv_weight": 5.0}))
    close_in_mid_run(studio, engine)
    again = open_studio()
    wait_until(lambda: again.job(ADA, job.id).state == "done")
    options = engine.calls[-1]["options"]
    assert (options.style_weight, engine.calls[-1]["resume"].index >= 4) == (3.0, True)
    assert again.job(ADA, job.id).current.options.tv_weight == 5.0
    assert again.job(ADA, job.id).wanted is None
    told = {name: value for data in changes_told(again, job) for name, value in data["changed"].items()}
    assert told == {"style_weight": 3.0, "tv_weight": 5.0}


def test_a_change_that_was_only_asked_for_outlives_a_kill(
    open_studio: OpenStudio, engine: FakeEngine, folder: Path
) -> None:
    tests = Path(__file__).parent.parent
    path = os.pathsep.join([str(Path(nst.__file__).parent.parent), str(tests)])
    victim = subprocess.Popen(
        [sys.executable, "-m", "jobs.victim", str(folder), "steer"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
    )
    try:
        job_id = victim.stdout.readline().strip()
        assert victim.stdout.readline() == "steered\n"
    finally:
        victim.send_signal(signal.SIGKILL)
        victim.wait()
        victim.stdout.close()
    engine.hold()
    studio = open_studio()
    wait_until(lambda: engine.calls)
    (call,) = engine.calls
    assert (call["options"].style_weight, call["resume"]) == (9.0, None)
    assert [change.after for change in studio.job(ADA, job_id).changes] == [0]


def test_a_change_made_after_the_checkpoint_is_made_again_at_its_step(
    open_studio: OpenStudio, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio = open_studio(start=False)
    changes = [Change(after=4, options={"style_weight": 3.0}), Change(after=2, weights=[7])]
    spec = spec_for(studio, steps=6).model_copy(update={"changes": changes})
    job = studio.submit(ADA, spec)
    (Path(studio.settings.data_dir) / "jobs" / job.id).mkdir(parents=True)
    (Path(studio.settings.data_dir) / "jobs" / job.id / "checkpoint").write_bytes(b"checkpoint 3")
    studio.start()
    wait_until(lambda: studio.job(ADA, job.id).state == "done")
    assert engine.calls[0]["blend"] == [7.0]
    assert engine.calls[0]["options"].style_weight == 1.0
    assert engine.steered == [(4, {"style_weight": 3.0})]


# Again, and onward


def test_a_steered_run_repeats_itself(studio: Studio, engine: FakeEngine, submit: Submit) -> None:
    engine.hold()
    job = submit(steps=5)
    at_step(studio, engine, job, 2)
    studio.steer(ADA, job.id, Steering(options={"style_weight": 3.0, "steps": 8}, weights=[2]))
    engine.let_go()
    wait_until(lambda: studio.job(ADA, job.id).state == "done")
    (first,) = engine.steered
    engine.steered.clear()
    spec = JobSpec.model_validate(studio.job(ADA, job.id).repeat.model_dump(mode="json"))
    again = studio.submit(ADA, spec)
    assert again.steps == 5
    wait_until(lambda: studio.job(ADA, again.id).state == "done")
    assert engine.steered == [first]
    assert engine.calls[0]["options"] == engine.calls[1]["options"]
    assert settings_of(studio, again) == settings_of(studio, job)
    assert changes_told(studio, again) == changes_told(studio, job)
    assert studio.job(ADA, again.id).repeat.changes == spec.changes


def test_a_repeated_run_can_be_steered_too(studio: Studio, engine: FakeEngine) -> None:
    engine.hold()
    spec = spec_for(studio, steps=6)
    changes = [Change(after=4, options={"style_weight": 3.0})]
    job = studio.submit(ADA, spec.model_copy(update={"changes": changes}))
    at_step(studio, engine, job, 1)
    studio.steer(ADA, job.id, Steering(options={"style_weight": 2.0}))
    engine.let_go()
    wait_until(lambda: studio.job(ADA, job.id).state == "done")
    assert [given["style_weight"] for _, given in engine.steered] == [2.0, 3.0]
    assert studio.job(ADA, job.id).current.options.style_weight == 3.0


def test_changes_beyond_what_can_be_kept_are_refused(studio: Studio, engine: FakeEngine) -> None:
    engine.hold()
    many = [Change(after=step, options={"style_weight": 1.0 + step}) for step in range(MOST_CHANGES)]
    job = studio.submit(ADA, spec_for(studio).model_copy(update={"changes": many}))
    refusal = refused(studio.steer, ADA, job.id, Steering(options={"tv_weight": 2.0}))
    assert refusal.code == "too_many_changes"
    assert str(MOST_CHANGES) in refusal.message


def test_a_full_history_still_travels_with_the_result(studio: Studio) -> None:
    options = {
        "style_weight": 123.456,
        "content_weight": 0.123456,
        "tv_weight": 12.3456,
        "style_scale": 0.654321,
    }
    options |= {"preserve_color": "luminance", "steps": 9999}
    many = [Change(after=0, options=options, weights=[0.123456]) for _ in range(MOST_CHANGES - 1)]
    many.append(Change(after=0, options={"steps": 2}))
    job = studio.submit(ADA, spec_for(studio).model_copy(update={"changes": many}))
    wait_until(lambda: studio.job(ADA, job.id).state == "done")
    assert len(settings_of(studio, job)["changes"]) == MOST_CHANGES


def test_a_finished_painting_goes_on_with_its_last_settings(studio: Studio, engine: FakeEngine) -> None:
    spec = spec_for(studio, steps=3)
    guided = StyleRef(image=spec.styles[0].image, guide=grey(studio, 0, 20, (80, 80)))
    changes = [Change(after=1, options={"style_weight": 3.0})]
    first = studio.submit(ADA, spec.model_copy(update={"styles": [guided], "changes": changes}))
    wait_until(lambda: studio.job(ADA, first.id).state == "done")
    engine.hold()
    more = studio.go_on(ADA, first.id, steps=4, size=128)
    assert (more.spec.onward, more.spec.changes, more.steps) == (first.id, [], 4)
    studio.delete(ADA, first.id)
    engine.let_go()
    wait_until(lambda: studio.job(ADA, more.id).state == "done")
    call = engine.calls[-1]
    assert (call["onward"].shape, int(call["onward"][0, 0, 0])) == ((48, 64, 3), 3)
    assert (call["options"].size, call["options"].steps, call["options"].style_weight) == (128, 4, 3.0)
    assert [guide[0].tolist() for guide in call["guides"]] == [[255] * 20 + [0] * 60]
    assert settings_of(studio, more)["onward"] is True
    with Image.open(studio.result_file(ADA, more.id)) as result:
        assert result.size == (128, 96)


def test_only_a_finished_painting_with_a_picture_goes_on(
    studio: Studio, engine: FakeEngine, submit: Submit
) -> None:
    engine.hold()
    running, waiting = submit(), submit()
    assert refused(studio.go_on, ADA, running.id).code == "not_finished"
    studio.cancel(ADA, waiting.id)
    assert refused(studio.go_on, ADA, waiting.id).code == "no_result"
    engine.let_go()
    wait_until(lambda: studio.job(ADA, running.id).state == "done")
    for steps, size, field in ((0, None, "steps"), (5, 5000, "size")):
        assert refused(studio.go_on, ADA, running.id, steps, size).field == field


def test_an_onward_painting_must_be_there(studio: Studio, folder: Path) -> None:
    spec = spec_for(studio)
    for unknown in (new_id(), "../x"):
        refusal = refused(studio.submit, ADA, spec.model_copy(update={"onward": unknown}))
        assert (refusal.code, refusal.field) == ("not_found", "onward")
    assert not (folder / "jobs").exists()


def test_a_full_queue_keeps_no_copy(open_studio: OpenStudio, engine: FakeEngine, folder: Path) -> None:
    studio = open_studio(queued_per_client=1)
    done = studio.submit(ADA, spec_for(studio))
    wait_until(lambda: studio.job(ADA, done.id).state == "done")
    engine.hold()
    running = studio.submit(ADA, spec_for(studio))
    wait_until(lambda: studio.job(ADA, running.id).state == "running")
    waiting = studio.go_on(ADA, done.id)
    assert refused(studio.go_on, ADA, done.id).code == "queue_full"
    kept = {path.parent.name for path in (folder / "jobs").glob("*/onward.png")}
    assert kept == {waiting.id}


# Stages


def test_stages_are_kept_and_gone_with_the_job(
    studio: Studio, engine: FakeEngine, submit: Submit, folder: Path
) -> None:
    engine.scale = lambda index: (3, 0 if index <= 37 else 1 if index <= 61 else 2)
    job = submit(steps=100, size=1000)
    wait_until(lambda: studio.job(ADA, job.id).state == "done")
    stages = studio.job(ADA, job.id).stages
    assert {1, 37, 61, 100} <= {stage.step for stage in stages}
    assert 15 <= len(stages) <= 24
    assert [stage.step for stage in stages] == sorted(stage.step for stage in stages)
    for stage in stages:
        with Image.open(studio.stage_file(ADA, job.id, stage.step)) as small:
            assert (small.format, small.size) == ("JPEG", (512, 384))
            assert abs(small.getpixel((5, 5))[0] - stage.step) <= 1
    files = {path.name for path in (folder / "jobs" / job.id).glob("stage-*")}
    assert len(files) == len(stages)
    assert refused(studio.stage_file, ADA, job.id, 2).code == "not_found"
    assert refused(studio.stage_file, BOB, job.id, 1).code == "not_found"
    studio.delete(ADA, job.id)
    assert not (folder / "jobs" / job.id).exists()


def test_a_run_that_grows_drops_stages_and_their_files(
    studio: Studio, engine: FakeEngine, submit: Submit, folder: Path
) -> None:
    engine.hold()
    job = submit(steps=16)
    at_step(studio, engine, job, 14)
    studio.steer(ADA, job.id, Steering(options={"steps": 160}))
    engine.let_go()
    wait_until(lambda: studio.job(ADA, job.id).state == "done")
    steps = {stage.step for stage in studio.job(ADA, job.id).stages}
    assert {1, 160} <= steps
    assert len(steps) <= 24
    files = {int(path.stem[6:]) for path in (folder / "jobs" / job.id).glob("stage-*")}
    assert files == steps


def test_stages_are_kept_once_over_a_restart(open_studio: OpenStudio, engine: FakeEngine) -> None:
    studio = open_studio()
    engine.hold()
    job = studio.submit(ADA, spec_for(studio, steps=160))
    at_step(studio, engine, job, 24)
    close_in_mid_run(studio, engine)
    again = open_studio()
    wait_until(lambda: again.job(ADA, job.id).state == "done")
    assert engine.calls[-1]["resume"].index >= 24
    assert [stage.step for stage in again.job(ADA, job.id).stages] == [1, *range(10, 161, 10)]
