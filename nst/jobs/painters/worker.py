"""Who paints. In this form: one thread of this process, which owns the engine."""

import atexit
import logging
import os
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextlib import suppress
from threading import Event, Thread
from typing import NoReturn

import numpy as np

from nst.errors import Interrupted, Refusal
from nst.jobs import metrics
from nst.jobs.filing.files import Files
from nst.jobs.models import Job
from nst.jobs.painters.engine import Engine
from nst.jobs.painters.painting import Painting
from nst.jobs.painters.patience import Part, Patience
from nst.jobs.painters.recovery import recover
from nst.jobs.painters.speed import TRIAL, Laps, Speed
from nst.jobs.painters.video_work import PainterFor
from nst.jobs.records.leases import Leases
from nst.jobs.records.store import Store
from nst.jobs.troubles import in_short, of_storage, plain
from nst.jobs.video_models import VideoJob
from nst.options import Options

CLOSE_SECONDS = 5.0
LAST_SECONDS = 1.0  # and then once more, when all else has stopped
_RETRY_SECONDS = 30.0

log = logging.getLogger(__name__)


class Worker(ABC):
    """Takes jobs from the queue, oldest first, and paints one at a time."""

    @abstractmethod
    def start(self) -> None: ...

    def hasten(self) -> None:  # noqa: B027 - who paints elsewhere has nothing to hasten
        """Stop as `close` does, without waiting for it."""

    @abstractmethod
    def close(self) -> None:
        """Stop soon (about five seconds); the running job is left `interrupted`, with a checkpoint."""

    @abstractmethod
    def poke(self) -> None:
        """The queue has changed, or what is wanted of a job that runs or is paused."""

    @property
    @abstractmethod
    def is_alive(self) -> bool: ...

    @property
    @abstractmethod
    def is_ready(self) -> bool:
        """Whether a job that came now would be painted at once, or as soon as the one before it is done."""

    @abstractmethod
    def check(self, width: int, height: int, options: Options) -> None:
        """Raise a `Refusal` where it is known that a photograph of this size cannot be painted like this.

        To be silent means nothing: the engine may not be there yet to be asked.
        """

    @abstractmethod
    def expected_seconds(self, width: int, height: int, options: Options) -> float | None:
        """How long it takes to paint a photograph of this size, as runs on this machine have shown."""

    @property
    @abstractmethod
    def trouble(self) -> str | None:
        """Why no engine could be had, if so."""

    @property
    def waits_for(self) -> Mapping[Part, str]:
        """What refuses to take what the job at the easel has to write, in sentences."""
        return {}


def tensorflow_engine() -> Engine:
    """The real engine. Takes seconds: TensorFlow is imported here and nowhere else, weights are loaded."""
    from nst.engine.transfer import Checkpoint, StyleTransfer

    engine = StyleTransfer(style_looked_up=metrics.style_target_looked_up)
    return Engine(engine.run, Checkpoint.from_bytes, engine.refuse_what_cannot_fit)


class ThreadWorker(Worker):
    """One daemon thread. `load` is called inside it, so that nothing else waits for TensorFlow."""

    look_again: float | None = None  # seconds until the queue is looked at although nobody poked

    def __init__(
        self, store: Store, files: Files, speed: Speed, load: Callable[[], Engine], video_painter: PainterFor
    ) -> None:
        self._video_painter = video_painter
        self._store = store
        self._files = files
        self._load = load
        self._speed = speed
        self._leases = Leases(store)
        self._was_tried = False  # how fast this machine is, or it cannot be tried
        self._engine: Engine | None = None
        self._trouble: str | None = None
        self._is_warm = False
        self._is_occupied = False  # by a job that is painted, or rests in memory
        self._work = Event()
        self._closing = Event()
        self._hastened = 0.0  # when it was to stop
        self._easel: Painting | None = None  # what is painted now
        self._patience = Patience(self._closing)  # of the job at the easel
        self._thread: Thread | None = None

    def start(self) -> None:
        # A new event each time: a thread that was left behind in a long step must still see its own.
        self._closing = Event()
        self._thread = Thread(target=self._live, args=(self._closing,), name="painter", daemon=True)
        self._thread.start()

    def hasten(self) -> None:
        if not self._closing.is_set():
            self._hastened = time.monotonic()
            self._closing.set()
            self.poke()

    def close(self) -> None:
        self.hasten()
        if self._thread is not None:
            self._thread.join(max(0.0, self._hastened + CLOSE_SECONDS - time.monotonic()))
            if self._thread.is_alive():
                atexit.register(leave_behind, self._thread)
        with suppress(Exception):  # a painter in the middle of a long step did not get to say it
            self._leases.hand_back()

    def poke(self) -> None:
        self._work.set()
        if (painting := self._easel) is not None:
            painting.heed()

    @property
    def is_alive(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    @property
    def is_ready(self) -> bool:
        return self._is_warm and self.is_alive

    def check(self, width: int, height: int, options: Options) -> None:
        engine = self._engine
        # The memory that is free while another job has some says nothing of what will be free after it.
        if engine is not None and engine.check is not None and self.is_ready and not self._is_occupied:
            engine.check(width, height, options)

    def expected_seconds(self, width: int, height: int, options: Options) -> float | None:
        return self._speed.expected(width, height, options)

    @property
    def trouble(self) -> str | None:
        return self._trouble

    @property
    def waits_for(self) -> Mapping[Part, str]:
        return self._patience.troubles

    def _live(self, closing: Event) -> None:
        held: Painting | None = None
        while not closing.is_set():
            try:
                self._work.clear()
                if not self._is_warm:
                    self._get_engine(closing)
                held = self._turn(held, closing)
            except Exception as error:  # the database does not answer: nothing can be said about any job
                log.error("the painter stumbled: %s", in_short(error), exc_info=of_storage(error) is None)
                closing.wait(1)

    def _turn(self, held: Painting | None, closing: Event) -> Painting | None:
        """Paint the next job, or wait for one. Returns the paused painting that stays on the easel."""
        if self._leases.hand_back():  # what the database would not hear of when it was left
            recover(self._store, self._files, self._leases)
        job = self._store.claim()
        if job is None:
            held = self._still_resting(held)
            if held is None and self._engine is not None:
                self._try_speed(self._engine, closing)
            self._rest()
            return held
        if held is not None and not (isinstance(job, Job) and held.is_at(job)):
            held.drop()
            held = None
        if isinstance(job, VideoJob):
            self._paint_video(job, closing)
            return None
        if self._engine is None:
            self._store.move(job.id, ("running",), "failed", error=self._trouble)
            return None
        return self._paint(
            held or Painting(job, self._engine, self._store, self._files, self._speed, closing)
        )

    def _paint(self, painting: Painting) -> Painting | None:
        """Paint it; the painting itself if it rests now."""
        self._is_occupied = True
        self._patience = painting.patience
        self._easel = painting
        try:
            outcome = painting.paint()
        finally:
            self._easel = None
        if outcome == "paused":
            return painting
        painting.drop()
        self._is_occupied = False
        return None

    def _paint_video(self, job: VideoJob, closing: Event) -> None:
        from nst.jobs.painters.video_painting import (
            VideoPainting,  # with FFmpeg, which a web process does without
        )

        self._is_occupied = True
        video = VideoPainting(job, self._video_painter, self._store, self._files, closing)
        self._patience = video.patience
        video.paint()
        self._is_occupied = False

    def _still_resting(self, held: Painting | None) -> Painting | None:
        """The painting that rests in memory, unless its job does not any more."""
        if held is None or self._is_paused(held):
            return held
        held.drop()
        self._is_occupied = False
        return None

    def _rest(self) -> None:
        """Wait until there may be something to do."""
        self._work.wait(_RETRY_SECONDS if self._engine is None else self.look_again)

    def _is_paused(self, painting: Painting) -> bool:
        job = self._store.job(painting.job.id)
        return job is not None and job.state in ("paused", "queued")

    def _get_engine(self, closing: Event) -> None:
        try:
            self._engine = self._engine or self._load()
            self._trouble = None
        except Refusal as refusal:  # the weights are not there: foreseen, and told in `trouble`
            log.warning("the engine cannot be had: %s", refusal.message)
            self._trouble = refusal.message
            return
        except Exception as error:
            log.exception("the engine cannot be had")
            self._trouble = plain(error)
            return
        if not closing.is_set():
            self._warm_up(self._engine)
            self._is_warm = True

    def _warm_up(self, engine: Engine) -> None:
        """Paint a tiny picture, so that the first real one need not wait for graphs to be traced."""
        grey = np.full((32, 32, 3), 128, np.uint8)
        try:
            for _ in engine.run(grey, [grey], Options(size=32, steps=1)):
                pass
        except Exception:
            log.exception("the engine did not warm up")

    def _try_speed(self, engine: Engine, closing: Event) -> None:
        """Paint a small picture to see how fast this machine is, once, and only while nobody waits."""
        if self._was_tried or self._speed.knows(TRIAL):
            return
        noise = np.random.default_rng(0).integers(0, 256, (192, 256, 3), np.uint8)
        laps = Laps()
        try:
            run = engine.run(noise, [noise], TRIAL)
            for step in run:
                laps.add(step)
                if closing.is_set() or self._work.is_set():
                    run.close()
                    return
            self._speed.learn(TRIAL, laps)
        except Interrupted:  # which was meant for the run before; the next time, then
            return
        except Exception:
            log.exception("the speed of this machine cannot be tried")
        self._was_tried = True


def leave_behind(thread: Thread) -> None:
    """End the process although a thread is inside TensorFlow, in a step or in its import.

    Python would end such a thread by unwinding through C++, which aborts the process with a core dump.
    """
    thread.join(LAST_SECONDS)
    if thread.is_alive():
        leave(1)


def leave(status: int) -> NoReturn:
    """End the process at once, whatever its threads are inside of."""
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)
