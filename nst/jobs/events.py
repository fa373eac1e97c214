"""Following a job's log as it grows, without holding a thread or asking the database again and again."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from threading import Lock

from nst.jobs.models import Event
from nst.jobs.store import Store

_PAGE = 500
_GATHER = 0.05  # seconds; a burst of steps becomes one batch of at most twenty a second


class Listener:
    """Knows the newest number of one job's log. Bumped from any thread, awaited on its own loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._changed = asyncio.Event()
        self._newest = 0
        self.closed = False

    def bump(self, seq: int) -> None:
        self._newest = max(self._newest, seq)
        with suppress(RuntimeError):  # the loop has ended, and its reader with it
            self._loop.call_soon_threadsafe(self._changed.set)

    def end(self) -> None:
        self.closed = True
        self.bump(0)

    async def beyond(self, seq: int, seconds: float | None) -> bool:
        """Wait until the log is longer than `seq`; false when closed, or after so many seconds."""
        try:
            async with asyncio.timeout(seconds):
                while self._newest <= seq and not self.closed:
                    await self._changed.wait()
                    self._changed.clear()
        except TimeoutError:
            return False
        return not self.closed


class Wake(ABC):
    """Tells those who follow a job that its log has grown. It may forget: the truth is in the store."""

    @abstractmethod
    def announce(self, job: str, seq: int) -> None:
        """The job's log has reached `seq`. Called from any thread."""

    @abstractmethod
    def listen(self, job: str) -> AbstractContextManager[Listener]:
        """Hear of the job, from now on. Called on an event loop."""

    @abstractmethod
    def close(self) -> None:
        """Let everyone who listens go."""


class LocalWake(Wake):
    """Within this process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._listeners: dict[str, set[Listener]] = {}

    def announce(self, job: str, seq: int) -> None:
        with self._lock:
            listeners = tuple(self._listeners.get(job, ()))
        for listener in listeners:
            listener.bump(seq)

    @contextmanager
    def listen(self, job: str) -> Iterator[Listener]:
        listener = Listener()
        with self._lock:
            self._listeners.setdefault(job, set()).add(listener)
        try:
            yield listener
        finally:
            with self._lock:
                self._listeners[job].discard(listener)
                if not self._listeners[job]:
                    del self._listeners[job]

    def close(self) -> None:
        with self._lock:
            everyone = [listener for listeners in self._listeners.values() for listener in listeners]
        for listener in everyone:
            listener.end()


async def follow(
    store: Store, wake: Wake, job: str, after: int, quiet: float | None = None
) -> AsyncIterator[list[Event]]:
    """Batches of the job's events with numbers above `after`, until it is finished and all are read.

    Ends also when the job is deleted or the studio closes. With `quiet`, an empty batch comes after so
    many seconds without news, so that the caller can see whether its own reader is still there.
    """
    # Listening starts before the first look, so that nothing falls between the two.
    with wake.listen(job) as listener:
        while True:
            log = await asyncio.to_thread(store.log, job, after, _PAGE)
            if log is None:
                return
            after = log.last
            if log.events:
                yield log.events
            if log.complete:
                return
            if len(log.events) == _PAGE:
                continue
            while not await listener.beyond(after, quiet):
                if listener.closed:
                    return
                yield []
            await asyncio.sleep(_GATHER)
