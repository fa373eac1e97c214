"""One job at the easel: from its pictures, step by step, to its result."""

import io
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any, Literal, NamedTuple, Protocol

import numpy as np

from nst import images
from nst.errors import Refusal
from nst.images import Pixels
from nst.jobs.files import Files, image_key, job_key
from nst.jobs.models import Job, JobSpec
from nst.jobs.store import Store
from nst.jobs.troubles import plain
from nst.options import Options
from nst.record import record

PREVIEW_SIDE = 768  # pixels
PREVIEW_SECONDS = 1 / 6
CHECKPOINT_SECONDS = 5.0
RETRY_SECONDS = 5.0

Outcome = Literal["finished", "paused", "interrupted", "gone"]

log = logging.getLogger(__name__)


class Checkpoint(Protocol):
    """What an engine needs to go on from a step."""

    def to_bytes(self) -> bytes: ...


class Step(Protocol):
    """One optimisation step, as the engine tells of it."""

    @property
    def index(self) -> int: ...
    @property
    def steps(self) -> int: ...
    @property
    def scale(self) -> int: ...
    @property
    def scales(self) -> int: ...
    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...
    @property
    def seconds(self) -> float: ...
    @property
    def seconds_left(self) -> float | None: ...
    @property
    def losses(self) -> dict[str, float]: ...
    @property
    def image(self) -> Pixels: ...
    def checkpoint(self) -> Checkpoint: ...


class Engine(NamedTuple):
    """What a painter needs: the engine's `run`, and how a checkpoint is read back.

    `check(width, height, options)`, if there is one, raises a `Refusal` for a photograph of a size that the
    engine could not paint.
    """

    run: Callable[..., Iterator[Step]]
    restore: Callable[[bytes], object]
    check: Callable[[int, int, Options], None] | None = None


@dataclass(frozen=True)
class Subject:
    """A job's pictures, read from the files."""

    content: Pixels
    styles: Sequence[Pixels]
    masks: Sequence[Pixels]
    init: Pixels | None


class Painting:
    """A job that was claimed. `paint` goes on where it was left, so that a pause costs nothing."""

    def __init__(self, job: Job, engine: Engine, store: Store, files: Files, closing: Event) -> None:
        self.job = job
        self._engine = engine
        self._store = store
        self._files = files
        self._closing = closing
        self._steps: Iterator[Step] | None = None
        self._last: Step | None = None
        self._previewed = -PREVIEW_SECONDS
        self._shown: Step | None = None
        self._saved = time.monotonic()
        self._has_progressed = False  # beyond the checkpoint that it began with

    def paint(self) -> Outcome:
        """Paint until the job is finished, paused, interrupted (the studio closes) or deleted."""
        try:
            return self._paint()
        except Refusal as refusal:  # foreseen, and told to who asked: no matter for a traceback
            log.warning("job %s refused: %s", self.job.id, refusal.code)
            return self._fail(refusal.message)
        except Exception as error:
            log.exception("job %s failed", self.job.id)
            return self._fail(plain(error))

    def drop(self) -> None:
        """Give back what the engine holds for this job; a checkpoint remains."""
        close = getattr(self._steps, "close", None)
        if close is not None:
            close()
        self._steps = self._last = self._shown = None

    def _paint(self) -> Outcome:
        if self._steps is None:
            self._steps = self._begin()
        for step in self._steps:
            self._last = step
            wish = self._store.record_step(self.job.id, _numbers(step))
            if wish == "gone":
                return self._gone()
            if time.monotonic() - self._previewed >= PREVIEW_SECONDS:
                self._preview(step)
            if wish == "cancel":
                return self._finish("cancelled")
            if wish == "pause":
                self._preview(step)
                self._save(step)
                return "paused" if self._store.move(self.job.id, ("running",), "paused") else self._gone()
            if self._closing.is_set():
                self._save(step)
                moved = self._store.move(self.job.id, ("running",), "interrupted")
                return "interrupted" if moved else self._gone()
            if time.monotonic() - self._saved >= CHECKPOINT_SECONDS:
                self._save(step)
        return self._finish("done")

    def _begin(self) -> Iterator[Step]:
        spec = self.job.spec
        subject = _read_subject(self._store, self._files, self.job.owner, spec)
        return self._engine.run(
            subject.content,
            subject.styles,
            spec.options,
            blend=[style.weight for style in spec.styles],
            masks=subject.masks,
            init=subject.init,
            resume=self._checkpoint(),
        )

    def _checkpoint(self) -> object | None:
        data = self._files.read(job_key(self.job.id, "checkpoint"))
        if data is None:
            return None
        try:
            return self._engine.restore(data)
        except Exception:
            log.exception("job %s: its checkpoint cannot be read; it starts again", self.job.id)
            return None

    def _preview(self, step: Step) -> None:
        if step is self._shown:
            return
        pixels = step.image
        height, width = pixels.shape[:2]
        if max(height, width) > PREVIEW_SIDE:
            pixels = images.resize(pixels, images.fitted(width, height, PREVIEW_SIDE))
        self._files.write(job_key(self.job.id, "preview.jpg"), images.encode_jpeg(pixels, 80))
        self._store.record_preview(self.job.id)
        self._shown, self._previewed = step, time.monotonic()

    def _save(self, step: Step) -> None:
        """Keep what is needed to go on after a restart, and the picture should nobody ever go on."""
        self._files.write(job_key(self.job.id, "checkpoint"), step.checkpoint().to_bytes())
        self._files.write(job_key(self.job.id, "last.npy"), _packed(step.image))
        self._saved = time.monotonic()
        if not self._has_progressed:
            self._store.forget_crashes(self.job.id)
            self._has_progressed = True

    def _finish(self, state: Literal["done", "cancelled"]) -> Outcome:
        if self._last is not None:
            self._preview(self._last)
            write_result(self._files, self.job, self._last.image, self._last.index)
            kept = True
        else:  # a checkpoint of the very last step: there was nothing left to paint
            kept = keep_last(self._files, self.job)
        if not self._store.move(self.job.id, ("running",), state, result=kept):
            return self._gone()
        discard_progress(self._files, self.job.id)
        return "finished"

    def _fail(self, reason: str) -> Outcome:
        """Record the failure, however long the disk or the database refuse to take it."""
        while True:
            try:
                kept = self._rescue()
                failed = self._store.move(self.job.id, ("running",), "failed", error=reason, result=kept)
                return "finished" if failed else self._gone()
            except Exception:
                log.exception("job %s: its failure cannot be recorded yet", self.job.id)
                if self._closing.wait(RETRY_SECONDS):
                    return "interrupted"

    def _rescue(self) -> bool:
        """Make the last good picture the result, if there is one and it can still be had."""
        try:
            if self._last is not None:
                write_result(self._files, self.job, self._last.image, self._last.index)
                return True
        except Exception:
            log.warning("job %s: its newest picture is lost", self.job.id, exc_info=True)
        try:
            return keep_last(self._files, self.job)
        except Exception:
            log.warning("job %s: its last picture cannot be kept", self.job.id, exc_info=True)
            return False

    def _gone(self) -> Outcome:
        """Somebody else moved the job: deleted, it leaves no files; closing, it keeps its checkpoint."""
        if self._store.job(self.job.id) is None:
            self._files.delete(job_key(self.job.id))
        return "gone"


def keep_last(files: Files, job: Job) -> bool:
    """Make the picture that was saved with the last checkpoint the result; false if there is none."""
    packed = files.read(job_key(job.id, "last.npy"))
    if packed is None:
        return False
    write_result(files, job, np.load(io.BytesIO(packed), allow_pickle=False), job.step)
    return True


def write_result(files: Files, job: Job, pixels: Pixels, step: int) -> None:
    """Write the result picture, with the settings inside that paint it again."""
    spec = job.spec
    settings = record(
        spec.options,
        blend=[style.weight for style in spec.styles],
        masks=0 if spec.mask is None else 1,
        init_picture=spec.init is not None,
        steps_done=step,
    )
    files.write(job_key(job.id, "result.png"), images.encode_png(pixels, settings))


def discard_progress(files: Files, job_id: str) -> None:
    for name in ("checkpoint", "last.npy"):
        files.delete(job_key(job_id, name))


def _packed(pixels: Pixels) -> bytes:
    # Not a PNG: at 4096 pixels that would take seconds, every few seconds.
    packed = io.BytesIO()
    np.save(packed, pixels, allow_pickle=False)
    return packed.getvalue()


def _numbers(step: Step) -> dict[str, Any]:
    return {
        "step": step.index,
        "steps": step.steps,
        "scale": step.scale,
        "scales": step.scales,
        "width": step.width,
        "height": step.height,
        "seconds": round(step.seconds, 3),
        "seconds_left": None if step.seconds_left is None else round(step.seconds_left, 1),
        "losses": {name: float(value) for name, value in step.losses.items()},
    }


def _read_subject(store: Store, files: Files, owner: str, spec: JobSpec) -> Subject:
    def path(image_id: str) -> Path:
        found = store.image(owner, image_id)
        file = None if found is None else files.path(image_key(found[1]))
        if file is None:
            raise FileNotFoundError(f"image {image_id} is missing")
        return file

    return Subject(
        content=images.load(path(spec.content)),
        styles=[images.load(path(style.image)) for style in spec.styles],
        masks=[images.load(path(spec.mask), grey=True)] if spec.mask else [],
        init=images.load(path(spec.init)) if spec.init else None,
    )
