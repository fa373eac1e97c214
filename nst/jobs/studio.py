"""The studio: what the API and the page can do. Every picture and job belongs to the client who made it."""

import asyncio
import errno
import logging
import os
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, NoReturn

from sqlalchemy.exc import DatabaseError

from nst import images
from nst.errors import Refusal
from nst.gallery import catalogue
from nst.gallery.catalogue import Sample
from nst.images import Pixels
from nst.jobs import events
from nst.jobs.events import LocalWake, Wake
from nst.jobs.files import Files, Folder, image_key, job_key, thumbnail_key
from nst.jobs.ids import is_id, new_id
from nst.jobs.models import Event, Job, JobSpec, State, StoredImage
from nst.jobs.painting import Engine, discard_progress, keep_last
from nst.jobs.schema import open_sqlite
from nst.jobs.store import Store
from nst.jobs.troubles import CRASHES
from nst.jobs.worker import ThreadWorker, Worker, tensorflow_engine
from nst.settings import Settings

THUMBNAIL_SIDE = 512  # pixels
MOST_CRASHES = 2
_HANDOVER_SECONDS = 8.0  # a predecessor that is closing needs about five
_WAITING: tuple[State, ...] = ("queued", "paused", "interrupted")

log = logging.getLogger(__name__)


class Studio:
    """All methods but `follow` wait for disk or database: call them from a thread, not on an event loop.

    Every method that takes an owner and an id raises `Refusal("not_found")` for an id that is not theirs.
    Making a studio raises `Refusal("data_dir_unusable")` where its folder cannot be made or written.
    """

    def __init__(self, settings: Settings, load: Callable[[], Engine] = tensorflow_engine) -> None:
        # The one place that chooses the forms of store, files, wake and worker.
        folder = settings.data_dir.expanduser()
        self.settings = settings
        self._folder = folder
        self._lock: sqlite3.Connection | None = None
        self._wake: Wake = LocalWake()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if not os.access(folder, os.W_OK | os.X_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            self._store = Store(open_sqlite(folder / "studio.db"), self._wake.announce)
        except (OSError, DatabaseError) as error:
            raise _unusable(folder, error) from error
        self._files: Files = Folder(folder)
        self._worker: Worker = ThreadWorker(self._store, self._files, load)

    def start(self) -> None:
        """Take up the jobs that an earlier process left, and start painting; nothing if already started.

        Raises:
            Refusal: `data_dir_in_use` when another process has the same folder.
        """
        if self._lock is not None:
            return
        self._lock = _hold(self._folder / "studio.lock")
        self._recover()
        self._worker.start()

    def let_go(self) -> None:
        """End all that `follow`, although their painting goes on. Does not wait."""
        self._wake.close()

    def close(self) -> None:
        """Stop within about five seconds. The running job goes on at the next start."""
        self.let_go()
        if self._lock is not None:
            self._worker.close()
            with suppress(Exception):  # a worker in the middle of a long step did not get to say it
                for job, _ in self._store.abandoned():
                    self._store.move(job.id, ("running",), "interrupted")
        self._store.close()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    # Images

    def add_image(self, owner: str, stream: BinaryIO) -> tuple[StoredImage, list[str]]:
        """Keep an uploaded picture. The notes say what was changed on the way in."""
        picture = images.decode(stream)
        image = _stored(owner, picture.pixels)
        self._write_picture(image.id, picture.pixels)
        return self._store.add_image(image, image.id), list(picture.notes)

    def image(self, owner: str, image_id: str) -> StoredImage:
        return self._image(owner, image_id)[0]

    def image_file(self, owner: str, image_id: str) -> Path:
        """The picture as a PNG file."""
        _, file = self._image(owner, image_id)
        return self._files.path(image_key(file)) or _not_found("picture")

    def thumbnail(self, owner: str, image_id: str) -> bytes:
        """The picture as a JPEG, long side at most 512 pixels."""
        _, file = self._image(owner, image_id)
        return self._files.read(thumbnail_key(file)) or _not_found("picture")

    # Samples

    def samples(self) -> Sequence[Sample]:
        return catalogue.samples()

    def sample_thumbnail(self, name: str) -> bytes:
        """The sample as a JPEG, long side at most 512 pixels."""
        return _sample_thumbnail(catalogue.sample(name).path)

    def add_sample(self, owner: str, name: str) -> StoredImage:
        """A sample picture as if the owner had uploaded it; the same image each time."""
        sample = catalogue.sample(name)
        known = self._store.sample_image(owner, name)
        if known is not None:
            return known
        data = sample.path.read_bytes()
        pixels = images.decode(data).pixels
        file = f"sample-{sha256(data).hexdigest()[:32]}"
        if self._files.path(image_key(file)) is None:
            self._write_picture(file, pixels)
        return self._store.add_image(_stored(owner, pixels), file, name)

    # Jobs

    def submit(self, owner: str, spec: JobSpec) -> Job:
        """Put a painting in the queue.

        Raises:
            Refusal: about content, styles, mask or init (not_found, empty_mask), too_little_memory, or
                queue_full.
        """
        self._check(owner, spec)
        job = Job(
            id=new_id(),
            owner=owner,
            spec=spec,
            state="queued",
            steps=spec.options.steps,
            created=datetime.now(UTC),
        )
        self._store.add_job(job, self.settings.queued_per_client, self.settings.queued_total)
        queued = self.job(owner, job.id)
        self._worker.poke()
        return queued

    def job(self, owner: str, job_id: str) -> Job:
        job = self._store.job(job_id, owner) if is_id(job_id) else None
        return job or _not_found("painting")

    def jobs(self, owner: str, limit: int = 20, before: str | None = None) -> tuple[list[Job], str | None]:
        """The owner's jobs, newest first, and the `before` of the next page if there is one."""
        if before is not None and not (before.isascii() and before.isdigit() and len(before) < 10):
            raise Refusal("bad_page", "There is no such page of paintings.", "before")
        found, following = self._store.jobs(owner, limit, None if before is None else int(before))
        return found, None if following is None else str(following)

    def cancel(self, owner: str, job_id: str) -> Job:
        """Stop and keep: the last picture becomes the result. A running job stops at its next step."""
        while True:
            job = self.job(owner, job_id)
            if job.state == "cancelled":
                return job
            if job.is_finished:
                raise _finished(job)
            if job.state == "running":
                moved = self._store.ask(job_id, "cancel")
            else:
                moved = self._give_up(job, "cancelled")
            if moved:
                self._worker.poke()
                return self.job(owner, job_id)

    def pause(self, owner: str, job_id: str) -> Job:
        """Let a running job rest after its next step; others are painted meanwhile."""
        while True:
            job = self.job(owner, job_id)
            if job.is_finished:
                raise _finished(job)
            if job.state in ("queued", "interrupted"):
                raise Refusal(
                    "not_running", "This painting waits for its turn; only a running one can pause."
                )
            if job.state == "paused" or job.asked == "cancel" or self._store.ask(job_id, "pause"):
                return self.job(owner, job_id)

    def resume(self, owner: str, job_id: str) -> Job:
        """Put a paused job back at the front of the queue; it goes on from where it was."""
        while True:
            job = self.job(owner, job_id)
            if job.is_finished:
                raise _finished(job)
            if job.state == "paused":
                moved = self._store.move(job_id, ("paused",), "queued")
            elif job.state == "running" and job.asked == "pause":
                moved = self._store.ask(job_id, None)
            else:
                moved = True
            if moved:
                self._worker.poke()
                return self.job(owner, job_id)

    def delete(self, owner: str, job_id: str) -> None:
        """Forget a job and all its pictures. One that is running stops at its next step."""
        job = self.job(owner, job_id)
        if not self._store.delete(owner, job.id):
            _not_found("painting")
        self._files.delete(job_key(job.id))
        self._worker.poke()

    def preview_file(self, owner: str, job_id: str) -> Path:
        """The newest preview, a JPEG with a long side of at most 768 pixels."""
        job = self.job(owner, job_id)
        return self._files.path(job_key(job.id, "preview.jpg")) or _no_picture("preview")

    def result_file(self, owner: str, job_id: str) -> Path:
        """The finished (or stopped) painting, a PNG with its settings inside."""
        job = self.job(owner, job_id)
        path = self._files.path(job_key(job.id, "result.png")) if job.has_result else None
        return path or _no_picture("result")

    # The log

    def events(self, owner: str, job_id: str, after: int = 0, limit: int = 1000) -> list[Event]:
        """The job's events with numbers above `after`, oldest first."""
        self.job(owner, job_id)
        entries = self._store.log(job_id, after, limit)
        return [] if entries is None else entries.events

    async def follow(
        self, owner: str, job_id: str, after: int = 0, quiet: float | None = None
    ) -> AsyncIterator[list[Event]]:
        """Batches of events as they happen, until the job is finished and all are read.

        With `quiet`, an empty batch comes after so many seconds without news.
        """
        await asyncio.to_thread(self.job, owner, job_id)
        async for batch in events.follow(self._store, self._wake, job_id, after, quiet):
            yield batch

    def health(self) -> dict[str, str]:
        """What is wrong, by part: store, files, queue, worker, engine. Empty when all is well.

        A full queue is told as well, although the studio is then at work and in order.
        """
        wrong: dict[str, str] = {}
        try:
            self._store.check()
            if self._store.waiting() >= self.settings.queued_total:
                wrong["queue"] = "The queue is full."
        except Exception:
            log.exception("the store does not answer")
            wrong["store"] = "The database does not answer."
        try:
            self._files.check()
        except OSError:
            log.exception("the files cannot be written")
            wrong["files"] = "The data folder cannot be written."
        if not self._worker.is_alive:
            wrong["worker"] = "Nobody is painting."
        elif self._worker.trouble is None and not self._worker.is_ready:
            wrong["engine"] = "loading"
        if self._worker.trouble is not None:
            wrong["engine"] = self._worker.trouble
        return wrong

    # Below: what the public methods share

    def _image(self, owner: str, image_id: str, field: str | None = None) -> tuple[StoredImage, str]:
        found = self._store.image(owner, image_id) if is_id(image_id) else None
        return found or _not_found("picture", field)

    def _write_picture(self, file: str, pixels: Pixels) -> None:
        # The picture comes last: where it is, its thumbnail is too.
        self._files.write(thumbnail_key(file), _thumbnail(pixels))
        self._files.write(image_key(file), images.encode_png(pixels, quick=True))

    def _check(self, owner: str, spec: JobSpec) -> None:
        content, _ = self._image(owner, spec.content, "content")
        for index, style in enumerate(spec.styles):
            self._image(owner, style.image, f"styles.{index}.image")
        if spec.init is not None:
            self._image(owner, spec.init, "init")
        if spec.mask is not None:
            _, file = self._image(owner, spec.mask, "mask")
            path = self._files.path(image_key(file)) or _not_found("picture", "mask")
            if not images.load(path, grey=True).any():
                raise Refusal(
                    "empty_mask", "The mask is black all over. Paint white what is to be painted.", "mask"
                )
        self._worker.check(content.width, content.height, spec.options)

    def _give_up(self, job: Job, state: State, error: str | None = None) -> bool:
        """Finish a job that nobody is painting, with the last picture that was saved of it."""
        kept = keep_last(self._files, job)
        moved = self._store.move(job.id, _WAITING, state, error=error, result=kept)
        if moved:
            discard_progress(self._files, job.id)
        return moved

    def _recover(self) -> None:
        """Jobs that a dead process was painting go back to the front of the queue, from their checkpoint."""
        for job, crashes in self._store.abandoned():
            if job.state == "running":
                log.warning("job %s was running when the studio stopped", job.id)
                self._store.move(job.id, ("running",), "interrupted", crashed=True)
                crashes += 1
            if job.asked == "cancel":
                self._give_up(job, "cancelled")
            elif crashes >= MOST_CRASHES:
                self._give_up(job, "failed", CRASHES)
            else:
                self._store.move(job.id, ("interrupted",), "paused" if job.asked == "pause" else "queued")


def _stored(owner: str, pixels: Pixels) -> StoredImage:
    height, width = pixels.shape[:2]
    return StoredImage(id=new_id(), owner=owner, width=width, height=height, created=datetime.now(UTC))


def _thumbnail(pixels: Pixels) -> bytes:
    height, width = pixels.shape[:2]
    if max(width, height) > THUMBNAIL_SIDE:
        pixels = images.resize(pixels, images.fitted(width, height, THUMBNAIL_SIDE))
    return images.encode_jpeg(pixels, 85)


@lru_cache(maxsize=64)
def _sample_thumbnail(path: Path) -> bytes:
    return _thumbnail(images.decode(path.read_bytes()).pixels)


def _unusable(folder: Path, error: OSError | DatabaseError | sqlite3.Error) -> Refusal:
    cause = (
        error.orig if isinstance(error, DatabaseError) else error
    )  # SQLAlchemy's own words take three lines
    reason = cause.strerror if isinstance(cause, OSError) else str(cause)
    if isinstance(cause, FileExistsError):
        reason = "it is a file"
    return Refusal(
        "data_dir_unusable",
        f"The folder {folder} cannot be used for the studio's data ({(reason or 'it fails').lower()}). "
        "NST_DATA_DIR names another one.",
        "NST_DATA_DIR",
    )


def _hold(path: Path) -> sqlite3.Connection:
    """Hold the folder for this process: a lock that the system takes back however the process ends."""
    try:
        lock = sqlite3.connect(path, timeout=_HANDOVER_SECONDS, isolation_level=None, check_same_thread=False)
    except sqlite3.OperationalError as error:
        raise _unusable(path.parent, error) from error
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        lock.close()
        if error.sqlite_errorname != "SQLITE_BUSY":
            raise _unusable(path.parent, error) from error
        raise Refusal(
            "data_dir_in_use",
            f"Another studio is using the folder {path.parent}. "
            "Stop it, or set NST_DATA_DIR to another folder.",
            "NST_DATA_DIR",
        ) from error
    return lock


def _finished(job: Job) -> Refusal:
    words = {"done": "is finished", "failed": "has failed", "cancelled": "was stopped"}[job.state]
    return Refusal("already_finished", f"This painting {words} already.")


def _not_found(what: str, field: str | None = None) -> NoReturn:
    raise Refusal("not_found", f"There is no such {what}.", field)


def _no_picture(what: str) -> NoReturn:
    raise Refusal("not_found", f"This painting has no {what} picture yet.")
