"""A painter among others: it tells the database that it lives, and takes up the jobs of those who do not."""

import logging
import time
from threading import Event, Lock, Thread

from nst.jobs.painters.recovery import recover
from nst.jobs.painters.worker import ThreadWorker
from nst.jobs.records import leases

_BEAT_ENDS_SECONDS = 1.0  # the database may not answer
_HEED_SECONDS = 0.5  # between two looks at what is wanted of a job, while a step takes so long or longer

log = logging.getLogger(__name__)


class LeasedWorker(ThreadWorker):
    """Looks at the queue by itself too, should nobody be able to poke it."""

    look_again = 3.0
    _idle: Event
    _ending: Lock  # held for a look at whether the painter closes, and what follows from it
    _beating: Thread | None = None

    def start(self) -> None:
        self._idle = Event()
        self._ending = Lock()
        super().start()
        self._beating = Thread(target=self._beat, args=(self._closing,), name="lease", daemon=True)
        self._beating.start()
        Thread(target=self._heed, args=(self._closing,), name="heed", daemon=True).start()

    def poke(self) -> None:
        self._be_busy()
        super().poke()

    def wait_until_idle(self) -> None:
        """Return when nothing waits that could be painted here, or the painter closes."""
        self._idle.wait()

    def close_soon(self) -> None:
        """Begin to close, without waiting for it."""
        Thread(target=self.close, name="closing").start()

    def close(self) -> None:
        super().close()
        with self._ending:
            self._idle.set()
        if self._beating is not None:
            self._beating.join(_BEAT_ENDS_SECONDS)  # else it might say that it lives after it left
        try:
            self._leases.leave()
        except Exception:
            log.warning("the database was not told that this worker is gone; it will find out", exc_info=True)

    def _rest(self) -> None:
        if not self._work.is_set():
            self._idle.set()
        super()._rest()
        self._be_busy()

    def _be_busy(self) -> None:
        with self._ending:
            if not self._closing.is_set():  # else nobody would end the waiting any more
                self._idle.clear()

    def _heed(self, closing: Event) -> None:
        """Nobody tells this process what is wanted of its job: ask, but never where steps are short."""
        while not closing.wait(_HEED_SECONDS):
            painting = self._easel
            if painting is not None and time.monotonic() - painting.step_since >= _HEED_SECONDS:
                painting.heed()

    def _beat(self, closing: Event) -> None:
        steady_since = float("-inf")
        while not closing.is_set():
            try:
                self._leases.beat(
                    is_ready=self.is_ready, trouble=self.trouble, speed={"rates": self._speed.rates}
                )
                # After a time without the database the others must be given time to say that they live.
                is_steady = time.monotonic() - steady_since >= leases.LEASE_SECONDS
                if is_steady and self._leases.is_my_turn():
                    recover(self._store, self._files, self._leases)
            except Exception:
                log.warning("the database does not take the heartbeat", exc_info=True)
                steady_since = time.monotonic()
            # While it loads it is not ready, and those who ask want to know soon when it is.
            closing.wait(leases.BEAT_SECONDS if self.is_ready else 1.0)
