"""Videos as jobs: kept, painted frame by frame, paused, given up, and gone on with after any end."""

import asyncio
import io
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import pytest
import videos
from sqlalchemy import update
from video.painters import Negative

from jobs.conftest import ADA, BOB, spec_for
from jobs.fake_engine import FakeEngine, picture, wait_until
from nst.errors import Refusal
from nst.jobs.filing.files import Room, Unreachable
from nst.jobs.painters import video_painting
from nst.jobs.painters.video_painting import VideoPainting
from nst.jobs.records import schema
from nst.jobs.records.database import open_sqlite
from nst.jobs.records.store import Store
from nst.jobs.studio import Studio
from nst.jobs.sweep import YOUNG
from nst.jobs.video_models import VideoJob, VideoSpec
from nst.settings import Settings
from nst.video.clip import frames, probe

ROOT = Path(__file__).resolve().parents[2]


class Gate:
    """A painter's brake: `hold()` before the frame of a number, `open()` to let it go on."""

    def __init__(self) -> None:
        self._stop: int | None = None
        self._open = Event()
        self.painted: list[int] = []

    def hold(self, number: int) -> None:
        self._stop = number

    def open(self) -> None:
        self._stop = None
        self._open.set()

    def __call__(self, number: int) -> None:
        self.painted.append(number)
        if number == self._stop:
            self._open.wait(20)


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
def open_studio(folder: Path, engine: FakeEngine, gate: Gate) -> Iterator[Callable[..., Studio]]:
    opened: list[Studio] = []

    def make(painter: Callable = lambda styles, options: Negative(1, gate), **limits: object) -> Studio:
        studio = Studio(Settings(data_dir=folder, **limits), engine.load, video_painter=painter)
        opened.append(studio)
        studio.start()
        return studio

    yield make
    gate.open()
    engine.let_go()
    for studio in opened:
        studio.close()


@pytest.fixture(autouse=True)
def tell_of_every_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(video_painting, "TELL_SECONDS", 0)
    monkeypatch.setattr(video_painting, "PREVIEW_SECONDS", 0)


@pytest.fixture
def clip(tmp_path: Path) -> bytes:
    path = videos.write(tmp_path / "clip.mp4", videos.moving(12), codec="mpeg4", sound="aac")
    return path.read_bytes()


def submit(studio: Studio, clip: bytes, owner: str = ADA, **options: object) -> VideoJob:
    video = studio.videos.add(owner, io.BytesIO(clip))
    style, _ = studio.add_image(owner, io.BytesIO(picture()))
    return studio.videos.submit(owner, VideoSpec(video=video.id, style=style.id, options=options))


def finished(studio: Studio, job: VideoJob, owner: str = ADA) -> VideoJob:
    wait_until(lambda: studio.videos.job(owner, job.id).is_finished)
    return studio.videos.job(owner, job.id)


def files(folder: Path, job: VideoJob) -> list[str]:
    place = folder / "jobs" / job.id
    return sorted(path.name for path in place.iterdir()) if place.exists() else []


def test_a_video_is_kept_and_told_of(open_studio, clip) -> None:
    studio = open_studio()
    video = studio.videos.add(ADA, io.BytesIO(clip))
    assert (video.kind, video.width, video.height, video.frames, video.has_sound) == ("mp4", 64, 48, 12, True)
    assert video.seconds == pytest.approx(0.48, abs=0.01)
    assert video.size == len(clip)
    assert studio.videos.known(ADA, video.id) == video
    assert studio.library.videos(ADA, 10, None) == ([video], None)
    assert studio.library.videos(BOB, 10, None) == ([], None)
    with pytest.raises(Refusal) as refused:
        studio.videos.known(BOB, video.id)
    assert refused.value.code == "not_found"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty_file"),
        (b"a photograph, maybe", "not_a_video"),
        (picture(), "not_a_video"),
        (None, "truncated_video"),
    ],
)
def test_what_is_no_video_is_refused_and_not_kept(open_studio, folder, clip, data, code) -> None:
    studio = open_studio()
    with pytest.raises(Refusal) as refused:
        studio.videos.add(ADA, io.BytesIO(clip[: len(clip) // 2] if data is None else data))
    assert (refused.value.code, refused.value.field) == (code, "file")
    assert refused.value.message[0].isupper()
    assert list((folder / "videos").iterdir()) == []


def test_a_video_that_is_too_large_is_refused_while_it_comes(open_studio, folder, clip) -> None:
    studio = open_studio(max_video_bytes=1000)
    with pytest.raises(Refusal) as refused:
        studio.videos.add(ADA, io.BytesIO(clip))
    assert refused.value.code == "file_too_large"
    assert list((folder / "videos").iterdir()) == []


def test_only_so_many_videos_are_kept_for_one_visitor(open_studio, folder, clip) -> None:
    studio = open_studio(videos_per_client=2)
    first, _ = (studio.videos.add(ADA, io.BytesIO(clip)) for _ in range(2))
    with pytest.raises(Refusal) as refused:
        studio.videos.add(ADA, io.BytesIO(clip))
    assert refused.value.code == "too_many_videos"
    studio.videos.add(BOB, io.BytesIO(clip))
    studio.videos.forget(ADA, first.id)
    studio.videos.add(ADA, io.BytesIO(clip))
    assert len(list((folder / "videos").iterdir())) == 3


def test_a_job_paints_a_video_and_tells_of_every_frame(open_studio, folder, clip) -> None:
    studio = open_studio()
    job = submit(studio, clip)
    assert (job.steps, job.step) == (12, 0)
    done = finished(studio, job)
    assert (done.state, done.step, done.has_result, done.error) == ("done", 12, True, None)
    assert (done.width, done.height) == (64, 48)
    assert done.seconds_left == 0
    result = probe(studio.videos.result_file(ADA, job.id))
    assert (result.frames, result.has_sound) == (12, True)
    assert float(result.seconds) == pytest.approx(0.48, abs=0.02)
    told = studio.events(ADA, job.id)
    steps = [event.data for event in told if event.kind == "step"]
    assert [step["step"] for step in steps] == list(range(1, 13))
    assert steps[-1]["steps"] == 12
    assert steps[-1]["seconds_left"] == 0
    assert [event.data["state"] for event in told if event.kind == "state"] == ["queued", "running", "done"]
    assert any(event.kind == "preview" for event in told)
    assert files(folder, job) == ["preview.jpg", "video.mp4"]
    assert studio.videos.preview_file(ADA, job.id).read_bytes()[:2] == b"\xff\xd8"


def test_options_and_the_style_reach_the_painter(open_studio, clip) -> None:
    asked = []

    def painter(styles, options):
        asked.append((styles[0].shape, options))
        return Negative()

    studio = open_studio(painter)
    finished(studio, submit(studio, clip, quality="fine", size=64, steps=3))
    ((shape, options),) = asked
    assert shape == (48, 64, 3)
    assert (options.quality, options.size, options.steps) == ("fine", 64, 3)


def test_paintings_and_videos_do_not_see_each_other(open_studio, clip) -> None:
    studio = open_studio()
    video, painting = submit(studio, clip), studio.submit(ADA, spec_for(studio))
    finished(studio, video)
    wait_until(lambda: studio.job(ADA, painting.id).is_finished)
    assert [job.id for job in studio.jobs(ADA)[0]] == [painting.id]
    assert [job.id for job in studio.videos.jobs(ADA)[0]] == [video.id]
    for asked in (lambda: studio.job(ADA, video.id), lambda: studio.videos.job(ADA, painting.id)):
        with pytest.raises(Refusal) as refused:
            asked()
        assert refused.value.code == "not_found"


def test_the_list_has_pages(open_studio, clip) -> None:
    studio = open_studio(queued_per_client=5)
    jobs = [submit(studio, clip) for _ in range(3)]
    page, following = studio.videos.jobs(ADA, 2)
    rest, end = studio.videos.jobs(ADA, 2, following)
    assert [job.id for job in [*page, *rest]] == [job.id for job in reversed(jobs)]
    assert end is None


@pytest.mark.parametrize("act", ["job", "cancel", "pause", "resume", "delete", "preview_file", "result_file"])
def test_another_client_finds_nothing(open_studio, clip, act) -> None:
    studio = open_studio()
    job = finished(studio, submit(studio, clip))
    with pytest.raises(Refusal) as refused:
        getattr(studio.videos, act)(BOB, job.id)
    assert refused.value.code == "not_found"
    with pytest.raises(Refusal):
        studio.events(BOB, job.id)


def test_a_strangers_video_or_style_cannot_be_used(open_studio, clip) -> None:
    studio = open_studio()
    mine = studio.videos.add(ADA, io.BytesIO(clip)).id
    theirs = studio.videos.add(BOB, io.BytesIO(clip)).id
    style = studio.add_image(ADA, io.BytesIO(picture()))[0].id
    for video, image, field in (
        (theirs, style, "video"),
        (mine, "0" * 32, "style"),
        ("../x", style, "video"),
    ):
        with pytest.raises(Refusal) as refused:
            studio.videos.submit(ADA, VideoSpec(video=video, style=image))
        assert (refused.value.code, refused.value.field) == ("not_found", field)


def test_only_so_many_jobs_wait(open_studio, folder, clip, gate) -> None:
    studio = open_studio(queued_per_client=1)
    gate.hold(0)
    running = submit(studio, clip)
    wait_until(lambda: studio.videos.job(ADA, running.id).state == "running")
    waiting = submit(studio, clip)
    assert waiting.position == 1
    with pytest.raises(Refusal) as refused:
        submit(studio, clip)
    assert refused.value.code == "queue_full"
    assert len(list((folder / "jobs").iterdir())) == 2


def test_a_job_needs_room_for_its_copy_of_the_video(open_studio, folder, clip) -> None:
    studio = open_studio(client_quota_bytes=len(clip) * 3 // 2)
    video = studio.videos.add(ADA, io.BytesIO(clip))
    style, _ = studio.add_image(ADA, io.BytesIO(picture()))
    with pytest.raises(Refusal) as refused:
        studio.videos.submit(ADA, VideoSpec(video=video.id, style=style.id))
    assert refused.value.code == "quota_full"
    assert studio.videos.jobs(ADA)[0] == []
    assert not (folder / "jobs").exists() or list((folder / "jobs").iterdir()) == []


def test_a_video_that_is_swept_for_the_room_that_its_job_needs_is_told_of(open_studio, clip) -> None:
    studio = open_studio(client_quota_bytes=len(clip) * 3 // 2)
    video = studio.videos.add(ADA, io.BytesIO(clip))
    style, _ = studio.add_image(ADA, io.BytesIO(picture()))
    with studio._store.write() as change:
        change.connection.execute(update(schema.videos).values(created=datetime.now(UTC) - 2 * YOUNG))
    with pytest.raises(Refusal) as refused:
        studio.videos.submit(ADA, VideoSpec(video=video.id, style=style.id))
    assert (refused.value.code, refused.value.field) == ("not_found", "video")


def test_a_paused_video_rests_and_goes_on_after_its_last_frame(open_studio, clip, gate) -> None:
    studio = open_studio()
    gate.hold(5)
    job = submit(studio, clip)
    wait_until(lambda: gate.painted[-1:] == [5])
    assert studio.videos.pause(ADA, job.id).asked == "pause"
    gate.open()
    wait_until(lambda: studio.videos.job(ADA, job.id).state == "paused")
    resting = studio.videos.job(ADA, job.id)
    assert resting.step == 6
    gate.painted.clear()
    studio.videos.resume(ADA, job.id)
    done = finished(studio, job)
    assert (done.state, done.step) == ("done", 12)
    assert len(gate.painted) == 6


def test_a_video_that_memory_does_not_suffice_for_any_more_rests(open_studio, clip, gate) -> None:
    def painter(styles, options):
        if gate.painted:
            raise Refusal("too_little_memory", "A size of 32 fits.")
        return Negative(1, gate)

    studio = open_studio(painter)
    gate.hold(5)
    job = submit(studio, clip)
    wait_until(lambda: gate.painted[-1:] == [5])
    studio.videos.pause(ADA, job.id)
    gate.open()
    wait_until(lambda: studio.videos.job(ADA, job.id).state == "paused")
    studio.videos.resume(ADA, job.id)
    wait_until(lambda: studio.videos.job(ADA, job.id).error)
    resting = studio.videos.job(ADA, job.id)
    assert (resting.state, resting.step) == ("paused", 6)
    assert "not enough memory" in resting.error
    gate.painted.clear()
    studio.videos.resume(ADA, job.id)
    done = finished(studio, job)
    assert (done.state, done.step, done.error) == ("done", 12, None)
    assert len(gate.painted) == 6


def test_a_size_that_memory_never_sufficed_for_is_refused(open_studio, folder, clip) -> None:
    def painter(styles, options):
        raise Refusal("too_little_memory", "A size of 32 fits.")

    studio = open_studio(painter)
    job = finished(studio, submit(studio, clip))
    assert (job.state, job.error) == ("failed", "A size of 32 fits.")
    wait_until(lambda: files(folder, job) == [])


@pytest.mark.parametrize("when", ["queued", "running", "paused"])
def test_one_that_is_given_up_leaves_nothing(open_studio, folder, clip, gate, when) -> None:
    studio = open_studio()
    gate.hold(0 if when == "queued" else 4)
    first = submit(studio, clip)
    job = submit(studio, clip) if when == "queued" else first
    wait_until(lambda: gate.painted)
    if when != "queued":
        wait_until(lambda: gate.painted[-1:] == [4])
    if when == "paused":
        studio.videos.pause(ADA, job.id)
        gate.open()
        wait_until(lambda: studio.videos.job(ADA, job.id).state == "paused")
    studio.videos.cancel(ADA, job.id)
    gate.open()
    gone = finished(studio, job)
    assert (gone.state, gone.has_result) == ("cancelled", False)
    wait_until(lambda: set(files(folder, job)) <= {"preview.jpg"})
    assert studio.videos.cancel(ADA, job.id).state == "cancelled"
    with pytest.raises(Refusal) as refused:
        studio.videos.result_file(ADA, job.id)
    assert refused.value.code == "not_found"


def test_one_that_is_deleted_while_it_is_painted_leaves_nothing(open_studio, folder, clip, gate) -> None:
    studio = open_studio()
    gate.hold(4)
    job = submit(studio, clip)
    wait_until(lambda: gate.painted[-1:] == [4])
    studio.videos.delete(ADA, job.id)
    gate.open()
    assert finished(studio, submit(studio, clip)).state == "done"
    assert not (folder / "jobs" / job.id).exists()


def test_a_video_may_be_forgotten_while_it_is_painted(open_studio, clip, gate) -> None:
    studio = open_studio()
    gate.hold(0)
    job = submit(studio, clip)
    studio.videos.forget(ADA, job.spec.video)
    gate.open()
    assert finished(studio, job).state == "done"
    assert studio.library.videos(ADA, 10, None) == ([], None)


def test_what_goes_wrong_is_said_and_nothing_stays(open_studio, folder, clip) -> None:
    def broken(styles, options):
        raise Refusal("weights_missing", "Fetch the weights once.")

    studio = open_studio(broken)
    job = finished(studio, submit(studio, clip))
    assert (job.state, job.error) == ("failed", "Fetch the weights once.")
    wait_until(lambda: files(folder, job) == [])


def test_an_unforeseen_failure_stops_neither_the_studio_nor_later_videos(open_studio, clip, caplog) -> None:
    tries = []

    def painter(styles, options):
        tries.append(1)
        if len(tries) == 1:
            raise ZeroDivisionError
        return Negative()

    studio = open_studio(painter)
    job = finished(studio, submit(studio, clip))
    assert job.state == "failed"
    assert "Something went wrong" in job.error
    assert finished(studio, submit(studio, clip)).state == "done"


def test_a_picture_need_not_wait_for_a_whole_video(open_studio, clip, gate, monkeypatch) -> None:
    monkeypatch.setattr(video_painting, "TURN_SECONDS", 0)
    studio = open_studio()
    gate.hold(4)
    video = submit(studio, clip)
    wait_until(lambda: gate.painted[-1:] == [4])
    painting = studio.submit(ADA, spec_for(studio))
    assert painting.position == 1
    gate.open()
    wait_until(lambda: studio.job(ADA, painting.id).is_finished)
    assert finished(studio, video).state == "done"
    states = [event.data["state"] for event in studio.events(ADA, video.id) if event.kind == "state"]
    assert states == ["queued", "running", "queued", "running", "done"]
    assert len(gate.painted) == 12


def test_a_studio_that_closes_goes_on_at_its_next_start(open_studio, clip, gate) -> None:
    studio = open_studio()
    gate.hold(5)
    job = submit(studio, clip)
    wait_until(lambda: gate.painted[-1:] == [5])
    studio._worker._closing.set()  # as `close` does first
    gate.open()
    wait_until(lambda: studio.videos.job(ADA, job.id).state == "interrupted")
    studio.close()
    gate.painted.clear()
    again = open_studio()
    done = finished(again, job)
    assert (done.state, done.step) == ("done", 12)
    assert len(gate.painted) == 6


@pytest.mark.parametrize("when", ["it paints", "it fails", "it ends"])
def test_a_painter_that_lost_its_job_leaves_what_the_next_one_paints_from(
    open_studio, folder, clip, monkeypatch, when
) -> None:
    """As when its machine slept for longer than its lease."""
    taken: list[str] = []

    def take() -> None:
        if not taken:
            (job,) = studio.videos.jobs(ADA)[0]
            studio._store.move(job.id, ("running",), "interrupted")
            studio._store.move(job.id, ("interrupted",), "queued")
            taken.append(other.claim().id)
            if when == "it fails":
                raise ZeroDivisionError

    def save(painting: VideoPainting, room: Room) -> None:
        take()
        room.save()

    def before(number: int) -> None:
        if number == 5 and when != "it ends":
            take()

    monkeypatch.setattr(VideoPainting, "_save", save)
    studio = open_studio(lambda styles, options: Negative(1, before))
    other = Store(open_sqlite(folder / "studio.db"), lambda job, seq: None)
    job = submit(studio, clip)
    wait_until(lambda: taken)
    assert finished(studio, submit(studio, clip)).state == "done"  # by now it has let go of the first
    assert studio.videos.job(ADA, job.id).state == "running"
    assert {"clip", "style.png"} <= set(files(folder, job))
    other.move(job.id, ("running",), "interrupted")
    other.move(job.id, ("interrupted",), "queued")
    other.close()
    studio._worker.poke()
    done = finished(studio, job)
    assert (done.state, done.step) == ("done", 12)
    wait_until(lambda: files(folder, job) == ["preview.jpg", "video.mp4"])


VICTIM = """
import io, sys, time
from pathlib import Path
sys.path[:0] = [{root!r}, {tests!r}]
from jobs.conftest import ADA
from jobs.fake_engine import FakeEngine, picture
from nst.jobs.painters import video_painting
from nst.jobs.filing.files import Unreachable
from nst.jobs.studio import Studio
from nst.jobs.video_models import VideoSpec
from nst.settings import Settings
from video.painters import Negative
video_painting.TELL_SECONDS = video_painting.SAVE_SECONDS = 0
slow = lambda styles, options: Negative(1, lambda number: time.sleep(0.05))
studio = Studio(Settings(data_dir=Path({folder!r})), FakeEngine().load, video_painter=slow)
studio.start()
video = studio.videos.add(ADA, io.BytesIO(Path({clip!r}).read_bytes()))
style, _ = studio.add_image(ADA, io.BytesIO(picture()))
job = studio.videos.submit(ADA, VideoSpec(video=video.id, style=style.id))
print(job.id, flush=True)
while True:
    print(studio.videos.job(ADA, job.id).step, flush=True)
    time.sleep(0.01)
"""


@pytest.mark.parametrize("place", ["folder", "object store"])
def test_a_process_that_is_killed_goes_on_after_its_last_frame(
    open_studio, folder, tmp_path, clip, gate, place, request, monkeypatch
) -> None:
    """With an object store nothing else is there of its machine: another one goes on."""
    if place == "object store":
        monkeypatch.setenv("NST_FILES_URL", f"s3://{request.getfixturevalue('bucket')}")
    script = VICTIM.format(
        root=str(ROOT), tests=str(ROOT / "tests"), folder=str(folder), clip=str(tmp_path / "clip.mp4")
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as victim:
        job_id = victim.stdout.readline().strip()
        while (step := int(victim.stdout.readline())) < 5:
            pass
        victim.send_signal(signal.SIGKILL)
    studio = open_studio()
    job = finished(studio, studio.videos.job(ADA, job_id))
    assert (job.state, job.step) == ("done", 12)
    saved = step if place == "folder" else step - 1  # a frame is told of before it is far away
    assert len(gate.painted) <= 12 - saved
    result = studio.videos.result_file(ADA, job_id)
    clip = probe(result)
    assert len(list(frames(clip, (64, 48)))) == 12


def test_its_log_can_be_followed(open_studio, clip) -> None:
    studio = open_studio()
    job = submit(studio, clip)

    async def follow():
        return [event async for batch in studio.follow(ADA, job.id) for event in batch]

    seen = asyncio.run(follow())
    assert seen[-1].data == {"state": "done"}
    assert seen[-2].kind == "result"


def test_a_machine_without_room_says_so(open_studio, clip, monkeypatch) -> None:
    studio = open_studio()
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 10, "total": 10**9}))
    job = finished(studio, submit(studio, clip))
    assert job.state == "failed"
    assert "disk" in job.error


def test_an_object_store_that_fails_costs_no_frame(open_studio, clip, gate, bucket, monkeypatch) -> None:
    monkeypatch.setenv("NST_FILES_URL", f"s3://{bucket}")
    monkeypatch.setattr(video_painting, "SAVE_SECONDS", 0)
    monkeypatch.setattr(video_painting, "RETRY_SECONDS", 0.1)
    studio = open_studio()
    files, failures = studio._files, []
    send = files._send

    def failing(path: Path, key: str) -> None:
        if key.startswith("jobs/") and len(failures) < 15:
            failures.append(key)
            raise Unreachable
        send(path, key)

    monkeypatch.setattr(files, "_send", failing)
    done = finished(studio, submit(studio, clip))
    assert (done.state, done.step, len(gate.painted)) == ("done", 12, 12)
    assert len(failures) == 15
    assert probe(studio.videos.result_file(ADA, done.id)).frames == 12
