"""One video job at the easel: frame by frame to its result."""

import logging
import time
from collections.abc import Callable, Sequence
from threading import Event
from typing import Any

from nst import images
from nst.errors import Refusal
from nst.images import Pixels
from nst.jobs.files import Files, Room, job_key
from nst.jobs.models import State
from nst.jobs.store import Store
from nst.jobs.troubles import plain
from nst.jobs.video_models import VideoJob
from nst.video.clip import probe
from nst.video.options import VideoOptions
from nst.video.styling import Painter, Progress, Styling, work_folder

CLIP, STYLE, RESULT = "clip", "style.png", "video.mp4"  # of a job
PREVIEW_SIDE = 768  # pixels
PREVIEW_SECONDS = 1.0
TELL_SECONDS = 0.1  # between two frames that are told of
TURN_SECONDS = 15.0  # that a video is painted at least before it lets a waiting picture go first
SAVE_SECONDS = 10.0  # of painting that are lost at most with the machine
RETRY_SECONDS = 5.0

PainterFor = Callable[[Sequence[Pixels], VideoOptions], Painter]

log = logging.getLogger(__name__)


class VideoPainting:
    """A video job that was claimed. What is finished lies in its folder, for whoever claims it next."""

    def __init__(
        self, job: VideoJob, painter: PainterFor, store: Store, files: Files, closing: Event
    ) -> None:
        self.job = job
        self._painter = painter
        self._store = store
        self._files = files
        self._closing = closing
        self._told = self._previewed = -PREVIEW_SECONDS
        self._began = self._saved = time.monotonic()
        self._has_progressed = False
        self._size: tuple[int, int] | None = None

    def paint(self) -> None:
        """Paint until the job is finished, paused, interrupted (the studio closes) or deleted."""
        try:
            self._paint()
        except Refusal as refusal:  # foreseen, and told to who asked: no matter for a traceback
            log.warning("video job %s refused: %s", self.job.id, refusal.code)
            self._fail(refusal.message.removeprefix(f"{CLIP}: "))
        except Exception as error:
            log.exception("video job %s failed", self.job.id)
            self._fail(plain(error))

    def _paint(self) -> None:
        with self._files.room(job_key(self.job.id)) as room:
            self._paint_in(room)

    def _paint_in(self, room: Room) -> None:
        folder = room.folder
        options = self.job.spec.options
        style = images.load(folder / STYLE)
        clip = probe(folder / CLIP, field="video")
        output = folder / RESULT
        frames = Styling(clip, output, options, [style], lambda: self._painter([style], options))
        self._size = frames.size
        if not output.exists():  # else a process ended between the last frame and telling of it
            for frame in frames:
                left = self._tell(frame)
                if left is not None:
                    frames.close()
                    self._leave(left, room)
                    return
                if time.monotonic() - self._saved >= SAVE_SECONDS:
                    self._save(room)
        while not self._save(room):
            if self._closing.wait(RETRY_SECONDS):
                self._store.move(self.job.id, ("running",), "interrupted")
                return
        self._store.move(self.job.id, ("running",), "done", result=self._size)
        discard_work(self._files, self.job.id)
        self._sweep_if_deleted()

    def _tell(self, frame: Progress) -> State | None:
        """Tell of a finished frame; the state to go to, if it is not to go on."""
        now = time.monotonic()
        if self._closing.is_set():
            return "interrupted"
        if now - self._told < TELL_SECONDS and frame.done < frame.frames:
            return None
        self._told = now
        orders = self._store.record_step(self.job.id, _numbers(frame))
        if not self._has_progressed:
            self._store.forget_crashes(self.job.id)
            self._has_progressed = True
        if now - self._previewed >= PREVIEW_SECONDS or frame.done == frame.frames:
            self._previewed = now
            self._preview(frame)
        left: dict[str, State] = {"cancel": "cancelled", "gone": "cancelled", "pause": "paused"}
        if orders.wish == "go" and now - self._began >= TURN_SECONDS and self._store.has_waiting_picture():
            return "queued"
        return left.get(orders.wish)

    def _preview(self, frame: Progress) -> None:
        try:
            self._files.write(job_key(self.job.id, "preview.jpg"), _small(frame.pixels))
        except OSError:  # the video itself may well go on
            log.warning("video job %s: a preview cannot be kept", self.job.id, exc_info=True)
        else:
            self._store.record_preview(self.job.id)

    def _save(self, room: Room) -> bool:
        """Keep what is finished, for whoever goes on; whether it could be. Until then the room holds it."""
        try:
            room.save()
        except OSError:
            log.warning("video job %s: what is finished cannot be kept yet", self.job.id, exc_info=True)
            return False
        finally:
            self._saved = time.monotonic()
        return True

    def _leave(self, state: State, room: Room) -> None:
        if state != "cancelled":
            self._save(room)
        self._store.move(self.job.id, ("running",), state)
        if state == "cancelled":
            discard_work(self._files, self.job.id)
        self._sweep_if_deleted()

    def _fail(self, reason: str) -> None:
        """Record the failure, however long the disk or the database refuse to take it."""
        while True:
            try:
                discard_work(self._files, self.job.id)
                self._store.move(self.job.id, ("running",), "failed", error=reason)
                self._sweep_if_deleted()
                return
            except Exception:
                log.exception("video job %s: its failure cannot be recorded yet", self.job.id)
                if self._closing.wait(RETRY_SECONDS):
                    return

    def _sweep_if_deleted(self) -> None:
        """A job that was deleted while it was painted leaves no files."""
        if self._store.log(self.job.id, 0, 1) is None:
            self._files.delete(job_key(self.job.id))


def discard_work(files: Files, job_id: str) -> None:
    """Remove what is only needed to go on with a video."""
    for name in (CLIP, STYLE, work_folder(RESULT)):
        files.delete(job_key(job_id, name))


def _numbers(frame: Progress) -> dict[str, Any]:
    height, width = frame.pixels.shape[:2]
    return {
        "step": frame.done,
        "steps": frame.frames,
        "width": width,
        "height": height,
        "seconds": round(frame.seconds, 3),
        "seconds_left": None if frame.seconds_left is None else round(frame.seconds_left, 1),
    }


def _small(pixels: Pixels) -> bytes:
    """A painted frame as a JPEG, long side at most `PREVIEW_SIDE`."""
    height, width = pixels.shape[:2]
    if max(height, width) > PREVIEW_SIDE:
        pixels = images.resize(pixels, images.fitted(width, height, PREVIEW_SIDE))
    return images.encode_jpeg(pixels, 80)
