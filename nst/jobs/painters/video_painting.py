"""One video job at the easel: frame by frame to its result."""

import logging
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from threading import Event
from typing import Any, Literal, TypeVar

from nst import images, logs
from nst.errors import Refusal
from nst.images import Pixels
from nst.jobs.filing.files import Files, Room, job_key
from nst.jobs.models import State
from nst.jobs.painters.patience import Closing, Part, Patience, Unwanted
from nst.jobs.painters.video_work import CLIP, RESULT, STYLE, PainterFor, discard_work
from nst.jobs.records.store import Store
from nst.jobs.troubles import MEMORY_SHORT, is_short_of_memory, plain
from nst.jobs.video_models import VideoJob
from nst.video.clip import probe
from nst.video.styling import Progress, Styling

PREVIEW_SIDE = 768  # pixels
PREVIEW_SECONDS = 1.0
TELL_SECONDS = 0.1  # between two frames that are told of
TURN_SECONDS = 15.0  # that a video is painted at least before it lets a waiting picture go first
SAVE_SECONDS = 10.0  # of painting that are lost at most with the machine
RETRY_SECONDS = 2.0

T = TypeVar("T")

log = logging.getLogger(__name__)


class VideoPainting:
    """A video job that was claimed. What is finished lies in its folder, for whoever claims it next."""

    def __init__(
        self, job: VideoJob, painter: PainterFor, store: Store, files: Files, studio_closes: Event
    ) -> None:
        self.job = job
        self._painter = painter
        self._store = store
        self._files = files
        self._closing = studio_closes
        self._told = self._previewed = -PREVIEW_SECONDS
        self._began = self._saved = time.monotonic()
        self._has_progressed = False
        self._size: tuple[int, int] | None = None
        self.patience = Patience(studio_closes)

    def paint(self) -> None:
        """Paint until the job is finished, paused, interrupted (the studio closes), deleted or another's."""
        with logs.about(self.job.id, self.job.owner):
            self._paint_or_fail()

    def _paint_or_fail(self) -> None:
        try:
            self._insist("files", self._paint)
        except Closing:
            return
        except Unwanted:
            self._sweep_if_deleted()
        except Exception as error:
            if is_short_of_memory(error) and (self.job.step or self._has_progressed):
                log.warning("video job %s rests: memory is short", self.job.id)
                self._stop("paused", MEMORY_SHORT)
            elif isinstance(error, Refusal):  # foreseen, and told to who asked: no matter for a traceback
                log.warning("video job %s refused: %s", self.job.id, error.code)
                self._stop("failed", error.message.removeprefix(f"{CLIP}: "))
            else:
                log.exception("video job %s failed", self.job.id)
                self._stop("failed", plain(error))

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
            with closing(frames):  # whatever happens: who tries again needs its work folder
                for frame in frames:
                    left = self._tell(frame)
                    if left is not None:
                        frames.close()
                        self._leave(left, room)
                        return
                    if time.monotonic() - self._saved >= SAVE_SECONDS:
                        self.patience.attempt("files", partial(self._save, room))
        self._insist("files", partial(self._save, room))
        self._end("done", self._size)

    def _tell(self, frame: Progress) -> State | Literal["gone"] | None:
        """Tell of a finished frame; the state to go to, if it is not to go on."""
        now = time.monotonic()
        if self._closing.is_set():
            return "interrupted"
        if now - self._told < TELL_SECONDS and frame.done < frame.frames:
            return None
        self._told = now
        orders = self._insist("store", partial(self._store.record_step, self.job.id, _numbers(frame)))
        if orders.wish == "gone":
            return "gone"
        if not self._has_progressed:
            forget = partial(self._store.forget_crashes, self.job.id)
            self._has_progressed = self.patience.attempt("store", forget)
        if now - self._previewed >= PREVIEW_SECONDS or frame.done == frame.frames:
            self._previewed = now
            key, small = job_key(self.job.id, "preview.jpg"), _small(frame.pixels)
            if self.patience.attempt("files", lambda: self._files.write(key, small)):
                self.patience.attempt("store", lambda: self._store.record_preview(self.job.id))
        if orders.wish == "go" and now - self._began >= TURN_SECONDS:
            return "queued" if self._insist("store", self._store.has_waiting_picture) else None
        left: dict[str, State] = {"cancel": "cancelled", "pause": "paused"}
        return left.get(orders.wish)

    def _save(self, room: Room) -> None:
        """Keep what is finished, for whoever goes on. Until then the room holds it."""
        self._saved = time.monotonic()
        room.save()

    def _leave(self, state: State | Literal["gone"], room: Room) -> None:
        if state == "gone":
            self._sweep_if_deleted()
        elif state == "cancelled":
            self._end(state)
        else:
            self.patience.attempt("files", partial(self._save, room))
            self._move(state)
            self._sweep_if_deleted()

    def _end(self, state: State, kept: tuple[int, int] | None = None) -> None:
        """Bring it to its end. What it is painted from stays where somebody else has it by now."""
        if self._move(state, kept):
            self._insist("files", partial(discard_work, self._files, self.job.id))
        self._sweep_if_deleted()

    def _stop(self, state: Literal["paused", "failed"], reason: str) -> None:
        """Record why it stops, however long the disk or the database refuse to take it."""
        moved = False
        while True:
            try:
                moved = moved or self._store.move(self.job.id, ("running",), state, error=reason)
                if moved and state == "failed":
                    discard_work(self._files, self.job.id)
                self._sweep_if_deleted()
                return
            except Exception:
                log.exception("video job %s: that it has %s cannot be recorded yet", self.job.id, state)
                if self._closing.wait(RETRY_SECONDS):
                    return

    def _move(self, state: State, kept: tuple[int, int] | None = None) -> bool:
        move = partial(self._store.move, self.job.id, ("running",), state, result=kept)
        return self._insist("store", move)

    def _insist(self, part: Part, act: Callable[[], T]) -> T:
        return self.patience.insist(part, act, lambda: self._store.log(self.job.id, 0, 1) is not None)

    def _sweep_if_deleted(self) -> None:
        """A job that was deleted while it was painted leaves no files."""
        if self._store.log(self.job.id, 0, 1) is None:
            self._files.delete(job_key(self.job.id))


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
