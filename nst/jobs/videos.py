"""The videos of each client, and the jobs that paint them."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from nst.errors import Refusal
from nst.jobs.filing.files import Files, job_key, video_key
from nst.jobs.ids import is_id, new_id
from nst.jobs.missing import missing, no_page, none_yet
from nst.jobs.painters.video_work import CLIP, RESULT, discard_work
from nst.jobs.pictures import Pictures
from nst.jobs.records.idempotency import Request
from nst.jobs.records.store import Store
from nst.jobs.records.video_store import VideoStore
from nst.jobs.records.wishes import WAITING, Wishes
from nst.jobs.troubles import is_disk_full
from nst.jobs.video_models import StoredVideo, VideoJob, VideoSpec
from nst.settings import Settings

if TYPE_CHECKING:
    from nst.video.clip import Clip


class Videos:
    """Methods that take an owner and an id raise `Refusal("not_found")` for an id that is not theirs."""

    def __init__(
        self,
        store: Store,
        files: Files,
        pictures: Pictures,
        settings: Settings,
        poke: Callable[[], None],
        make_room: Callable[[str, int], None],
    ) -> None:
        """`poke` tells whoever paints that the queue has changed; `make_room` is as for `Pictures`."""
        self._make_room = make_room
        self._jobs = store
        self._videos = VideoStore(store)
        self._files = files
        self._pictures = pictures
        self._settings = settings
        self._poke = poke
        self._wishes = Wishes(store, self.job, self._give_up, poke, noun="video", cancelled="was given up")

    # Clips

    def add(self, owner: str, stream: BinaryIO) -> StoredVideo:
        """Keep an uploaded video, as it is. Raises the refusals of `nst.video.apart`, about `file`."""
        video_id = new_id()
        key = video_key(video_id)
        try:
            path = self._files.receive(key, stream, self._settings.max_video_bytes)
            if path is None:
                raise Refusal(
                    "file_too_large",
                    f"The video is larger than {self._settings.max_video_bytes / 2**20:.0f} MB, the most "
                    "that is accepted. Shorten it or save it smaller and try again.",
                    "file",
                )
            self._make_room(owner, path.stat().st_size)
            clip = _probed(path)
            video = StoredVideo(
                id=video_id,
                owner=owner,
                kind=clip.kind,
                width=clip.width,
                height=clip.height,
                frames=clip.frames,
                seconds=float(clip.seconds),
                rate=float(clip.rate),
                has_sound=clip.has_sound,
                size=path.stat().st_size,
                created=datetime.now(UTC),
            )
            return self._videos.add(video, self._settings.videos_per_client)
        except BaseException as error:
            self._files.delete(key)
            if is_disk_full(error):
                raise Refusal(
                    "disk_full", "There is no room for this video at the moment. Try again later.", "file"
                ) from error
            raise

    def known(self, owner: str, video_id: str, field: str | None = None) -> StoredVideo:
        found = self._videos.video(owner, video_id) if is_id(video_id) else None
        return found or missing("video", field)

    def forget(self, owner: str, video_id: str) -> None:
        """Delete a video. Jobs that were asked for keep what they need of it."""
        video = self.known(owner, video_id)
        if not self._videos.delete(owner, video.id):
            missing("video")
        self._files.delete(video_key(video.id))

    # Jobs

    def submit(self, owner: str, spec: VideoSpec, request: Request | None = None) -> VideoJob:
        """Put a video in the queue. Raises `Refusal` about the video or the style, no room, or queue_full.

        Of requests that are the same, only the first is taken: `AlreadyMade`.
        """
        self._make_room(owner, self.known(owner, spec.video, "video").size)  # the job has it as well
        video = self.known(owner, spec.video, "video")
        style = self._pictures.file(owner, spec.style, "style")
        job = VideoJob(
            id=new_id(),
            owner=owner,
            spec=spec,
            state="queued",
            steps=video.frames,
            created=datetime.now(UTC),
        )
        try:
            try:
                self._files.share(video_key(video.id), job_key(job.id, CLIP))
            except FileNotFoundError:  # deleted meanwhile
                missing("video", "video")
            self._files.write(job_key(job.id, "style.png"), style.read_bytes())
            limits = self._settings.queued_per_client, self._settings.queued_total
            self._jobs.add_job(job, *limits, request)
        except BaseException:
            self._files.delete(job_key(job.id))
            raise
        queued = self.job(owner, job.id)
        self._poke()
        return queued

    def job(self, owner: str, job_id: str) -> VideoJob:
        found = self._videos.job(job_id, owner) if is_id(job_id) else None
        return found or missing("video job")

    def jobs(
        self, owner: str, limit: int = 20, before: str | None = None
    ) -> tuple[list[VideoJob], str | None]:
        """The owner's jobs, newest first, and the `before` of the next page if there is one."""
        if before is not None and not (before.isascii() and before.isdigit() and len(before) < 10):
            no_page("videos")
        found, following = self._videos.jobs(owner, limit, None if before is None else int(before))
        return found, None if following is None else str(following)

    def cancel(self, owner: str, job_id: str) -> VideoJob:
        """Give a video up; nothing of it is kept. A running one stops at its next frame."""
        return self._wishes.cancel(owner, job_id)

    def pause(self, owner: str, job_id: str) -> VideoJob:
        """Let a running video rest after its next frame; other jobs are painted meanwhile."""
        return self._wishes.pause(owner, job_id)

    def resume(self, owner: str, job_id: str) -> VideoJob:
        """Put a paused video back at the front of the queue; it goes on after its last finished frame."""
        return self._wishes.resume(owner, job_id)

    def _give_up(self, job: VideoJob) -> bool:
        moved = self._jobs.move(job.id, WAITING, "cancelled")
        if moved:
            discard_work(self._files, job.id)
        return moved

    def delete(self, owner: str, job_id: str) -> None:
        """Forget a job and its video. One that is running stops at its next frame."""
        job = self.job(owner, job_id)
        if not self._jobs.delete(owner, job.id):
            missing("video job")
        self._files.delete(job_key(job.id))
        self._poke()

    def preview_file(self, owner: str, job_id: str) -> Path:
        """The newest painted frame that was kept, a JPEG with a long side of at most 768 pixels."""
        return self._file(owner, job_id, "preview.jpg", "preview picture")

    def result_file(self, owner: str, job_id: str) -> Path:
        """The finished video, an MP4."""
        return self._file(owner, job_id, RESULT, "result")

    def _file(self, owner: str, job_id: str, name: str, what: str) -> Path:
        job = self.job(owner, job_id)
        there = job.has_result or name != RESULT
        path = self._files.path(job_key(job.id, name)) if there else None
        if path is None:
            none_yet("video", what)
        return path


def _probed(path: Path) -> "Clip":
    """What is in an upload; its sentences do not begin with a name that nobody gave it."""
    from nst.video.apart import probe_apart  # with FFmpeg, which most web processes can do without

    try:
        return probe_apart(path, field="file")
    except Refusal as refusal:
        message = refusal.message.removeprefix(f"{path.name}: ")
        raise Refusal(refusal.code, message, "file") from refusal
