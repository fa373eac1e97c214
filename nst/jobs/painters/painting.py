"""One job at the easel: from its pictures, step by step, to its result."""

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from threading import Event
from typing import Any, Literal, TypeVar

from nst import images, logs
from nst.errors import Interrupted, Refusal
from nst.images import Pixels
from nst.jobs import metrics
from nst.jobs.filing.files import Files, job_key, stage_key
from nst.jobs.models import Change, Job, Stage, State
from nst.jobs.painters import stages
from nst.jobs.painters.engine import Checkpoint, Engine, Run, Step
from nst.jobs.painters.patience import Closing, Part, Patience, Unwanted
from nst.jobs.painters.results import Size, discard_progress, keep_last, write_progress, write_result
from nst.jobs.painters.speed import Laps, Speed
from nst.jobs.painters.subject import Subject
from nst.jobs.records.store import Orders, Store
from nst.jobs.steering import in_force
from nst.jobs.troubles import plain

PREVIEW_SIDE = 768  # pixels
PREVIEW_SECONDS = 1 / 6
CHECKPOINT_SECONDS = 5.0  # a step that takes longer is followed by one at once
SHARE_OF_TIME = 0.05  # that checkpoints may take: at print size they come more seldom
MOST_SECONDS = 10.0  # but not more seldom than that
RETRY_SECONDS = 2.0

T = TypeVar("T")

Outcome = Literal["finished", "paused", "interrupted", "gone"]

log = logging.getLogger(__name__)


class Painting:
    """A job that was claimed. `paint` goes on where it was left, so that a pause costs nothing."""

    def __init__(
        self, job: Job, engine: Engine, store: Store, files: Files, speed: Speed, closing: Event
    ) -> None:
        self.job = job
        self._spec = job.spec  # with the changes that are in force
        self._ahead: list[Change] = []  # to be made when their step comes
        self._engine = engine
        self._store = store
        self._files = files
        self._speed = speed
        self._laps = Laps()
        self._closing = closing
        self._steps: Run | None = None
        self._last: Step | None = None
        self._index = 0  # of the last step, here or before the checkpoint
        self._previewed = -PREVIEW_SECONDS
        self._shown: Step | None = None
        self._saved: float | None = None  # when
        self._save_seconds = 0.0  # that it took
        self.step_since = time.monotonic()  # when the step under way was begun
        self._has_progressed = False  # beyond the checkpoint that it began with
        self.patience = Patience(closing)

    def paint(self) -> Outcome:
        """Paint until the job is finished, paused, interrupted (the studio closes) or deleted."""
        with logs.about(self.job.id, self.job.owner):
            return self._paint_or_fail()

    def _paint_or_fail(self) -> Outcome:
        try:
            return self._paint()
        except Closing:
            return "interrupted"
        except Unwanted:
            return self._gone()
        except Refusal as refusal:  # foreseen, and told to who asked: no matter for a traceback
            log.warning("job %s refused: %s", self.job.id, refusal.code)
            return self._fail(refusal.message)
        except Exception as error:
            log.exception("job %s failed", self.job.id)
            return self._fail(plain(error))

    def is_at(self, job: Job) -> bool:
        """Whether a job that was claimed stands where this one was left: others may have had it meanwhile."""
        return (job.id, job.step, job.changes) == (self.job.id, self._index, self.job.changes)

    def heed(self) -> None:
        """Let the step under way be given up, if something else is wanted meanwhile. From any thread."""
        steps = self._steps
        if steps is None:
            return
        with suppress(Exception):  # where the database does not answer, it is asked after the step
            if self._closing.is_set() or self._store.orders(self.job.id) != Orders("go"):
                steps.interrupt()

    def drop(self) -> None:
        """Give back what the engine holds for this job; a checkpoint remains."""
        if self._steps is not None:
            self._steps.close()
        self._steps = self._last = self._shown = None

    def _paint(self) -> Outcome:
        job = self._insist("store", lambda: self._store.job(self.job.id))
        if job is None:
            return self._gone()
        self.job = job
        if self._steps is None:
            steps = self._steps = self._insist("files", self._begin)
            self.heed()  # what was asked for meanwhile
        else:
            steps = self._steps
            self._laps.rest()
            self._steer(steps, self._index)
        while True:
            self.step_since = time.monotonic()
            try:
                step = next(steps, None)
            except Interrupted:
                step = None
                orders = self._insist("store", partial(self._store.orders, self.job.id))
                self._laps.rest()
            else:
                if step is None:
                    return self._finish("done")
                orders = self._take(step)
            outcome = self._obey(orders)
            if outcome is not None:
                return outcome
            if step is not None and (step.ends_scale or self._is_due(time.monotonic() - self.step_since)):
                self.patience.attempt("files", partial(self._save, step))
            self.job = self.job.model_copy(update={"wanted": orders.wanted})
            self._steer(steps, self._index)

    def _take(self, step: Step) -> Orders:
        """Record a step, and show it now and then; what is wanted after it."""
        if self._last is not None and self._last.scale != step.scale:
            self._keep_stage(self._last)
        self._last, self._index = step, step.index
        lap = self._laps.add(step)
        if lap is not None:
            metrics.step_taken(step.width, step.height, self._spec.options, lap)
        orders = self._insist("store", partial(self._store.record_step, self.job.id, _numbers(step)))
        if orders.wish != "gone":
            if stages.is_due(step.index, step.steps):
                self._keep_stage(step)
            if time.monotonic() - self._previewed >= PREVIEW_SECONDS:
                self._preview(step)
        return orders

    def _obey(self, orders: Orders) -> Outcome | None:
        """Do what ends the painting, or lets it rest; none if it goes on."""
        if orders.wish == "gone":
            return self._gone()
        if orders.wish == "cancel":
            return self._finish("cancelled")
        if orders.wish == "pause":
            if self._last is not None:
                self._preview(self._last)
                # At the size asked for: whoever stops it while it rests keeps this picture.
                self._insist("files", partial(self._save, self._last, self._last.enlarged()))
            return "paused" if self._move("paused") else self._gone()
        if self._closing.is_set():
            if self._last is not None:
                self.patience.attempt("files", partial(self._save, self._last))
            return "interrupted" if self._move("interrupted") else self._gone()
        return None

    def _begin(self) -> Run:
        """The engine's run, from the checkpoint if there is one, with all changes made up to there."""
        checkpoint = self._checkpoint()
        index = self._index = 0 if checkpoint is None else checkpoint.index
        self._ahead = [change for change in self.job.changes if change.after > index]
        for change in in_force(self.job.changes, index):
            self._spec = self._spec.changed(change)
        if self.job.wanted is not None:
            self._record(self.job.wanted.at(index))
        subject = Subject(self.job, self._store, self._files)
        return self._engine.run(**subject.arguments(self._spec), resume=checkpoint)

    def _steer(self, steps: Run, index: int) -> None:
        """Let the run know of the changes that are due, now that `index` steps are painted."""
        due = in_force(self._ahead, index)
        self._ahead = [change for change in self._ahead if change not in due]
        if self.job.wanted is not None:
            due.append(self.job.wanted.at(index))
        subject = Subject(self.job, self._store, self._files)
        for change in due:
            spec = self._spec.changed(change)
            try:
                steps.steer(**self._insist("files", partial(subject.changes, change, spec)))
            except Refusal as refusal:  # was checked when it was asked for, so this is rare
                log.warning("job %s: a change was refused: %s", self.job.id, refusal.code)
                told = partial(self._store.record_refused_change, self.job.id, change, refusal.message)
                self._insist("store", told)
            else:
                self._record(change)
                self._laps.rest()

    def _record(self, change: Change) -> None:
        self._spec = self._spec.changed(change)
        recorded = self._insist("store", partial(self._store.record_change, self.job.id, change))
        self.job = recorded or self.job
        self._previewed = -PREVIEW_SECONDS  # whoever made the change is waiting to see it

    def _checkpoint(self) -> Checkpoint | None:
        data = self._files.read(self._key("checkpoint"))
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
        small = _small(step, PREVIEW_SIDE)
        if self.patience.attempt("files", lambda: self._files.write(self._key("preview.jpg"), small)):
            self.patience.attempt("store", lambda: self._store.record_preview(self.job.id))
        self._shown, self._previewed = step, time.monotonic()

    def _keep_stage(self, step: Step) -> None:
        """Keep a small picture of this step, and of fewer others if they become too many."""
        known = self.job.stages
        if any(stage.step == step.index for stage in known):
            return
        small = _small(step, stages.SIDE)
        kept = stages.thinned([*known, Stage(step=step.index, scale=step.scale)])
        if not (
            self.patience.attempt(
                "files", lambda: self._files.write(stage_key(self.job.id, step.index), small)
            )
            and self.patience.attempt("store", lambda: self._store.record_stages(self.job.id, kept))
        ):
            return  # a filmstrip can do without
        self.job = self.job.model_copy(update={"stages": kept})
        for stage in known:
            if stage not in kept:
                self._files.delete(stage_key(self.job.id, stage.step))

    def _is_due(self, lap: float) -> bool:
        """Whether a checkpoint is: it would be late after another step that takes `lap` seconds as well.

        The first one is at once, so that whoever goes on after a crash has come further.
        """
        if self._saved is None:
            return True
        apart = min(max(CHECKPOINT_SECONDS, self._save_seconds / SHARE_OF_TIME), MOST_SECONDS)
        return time.monotonic() - self._saved + lap >= apart

    def _save(self, step: Step, picture: Pixels | None = None) -> None:
        began = time.monotonic()
        write_progress(self._files, self.job, step, step.image if picture is None else picture)
        self._save_seconds, self._saved = time.monotonic() - began, time.monotonic()
        if not self._has_progressed:
            forget = partial(self._store.forget_crashes, self.job.id)
            self._has_progressed = self.patience.attempt("store", forget)

    def _finish(self, state: Literal["done", "cancelled"]) -> Outcome:
        if self._last is not None:
            self._preview(self._last)
            self._keep_stage(self._last)
            kept: Size | None = self._insist("files", partial(self._write, self._last))
        else:  # a checkpoint of the very last step: there was nothing left to paint
            kept = self._insist("files", lambda: keep_last(self._files, self.job))
        # The picture is on the disk for good before anybody is told of it.
        if not self._move(state, kept):
            return self._gone()
        discard_progress(self._files, self.job.id)
        self._speed.learn(self.job.spec.options, self._laps)
        return "finished"

    def _fail(self, reason: str) -> Outcome:
        """Record the failure, however long the disk or the database refuse to take it."""
        while True:
            try:
                kept = self._rescue()
                if not self._store.move(self.job.id, ("running",), "failed", error=reason, result=kept):
                    return self._gone()
                discard_progress(self._files, self.job.id)
                return "finished"
            except Exception:
                log.exception("job %s: its failure cannot be recorded yet", self.job.id)
                if self._closing.wait(RETRY_SECONDS):
                    return "interrupted"

    def _rescue(self) -> Size | None:
        """Make the last good picture the result, if there is one and it can still be had; its size."""
        try:
            if self._last is not None:
                return self._write(self._last)
        except Exception:
            log.warning("job %s: its newest picture is lost", self.job.id, exc_info=True)
        try:
            return keep_last(self._files, self.job)
        except Exception:
            log.warning("job %s: its last picture cannot be kept", self.job.id, exc_info=True)
            return None

    def _write(self, step: Step) -> Size:
        """Make the picture after this step the result, at the size asked for however early it is."""
        return write_result(self._files, self.job, step.enlarged(), step.index)

    def _move(self, state: State, kept: Size | None = None) -> bool:
        move = partial(self._store.move, self.job.id, ("running",), state, result=kept)
        return self._insist("store", move)

    def _gone(self) -> Outcome:
        """Somebody else moved the job: deleted, it leaves no files; closing, it keeps its checkpoint."""
        if self._store.job(self.job.id) is None:
            self._files.delete(job_key(self.job.id))
        return "gone"

    def _insist(self, part: Part, act: Callable[[], T]) -> T:
        return self.patience.insist(part, act, lambda: self._store.job(self.job.id) is not None)

    def _key(self, name: str) -> str:
        return job_key(self.job.id, name)


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


def _small(step: Step, side: int) -> bytes:
    """The picture after this step as a JPEG, long side at most so many pixels; its comment is the step."""
    pixels = step.enlarged(side)
    height, width = pixels.shape[:2]
    if max(height, width) > side:
        pixels = images.resize(pixels, images.fitted(width, height, side))
    return images.encode_jpeg(pixels, 80, comment=str(step.index))
