"""Following a job's log as it grows, without holding a thread or asking the database again and again."""

import asyncio
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import AsyncIterator, Hashable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from threading import Lock

from nst.jobs.models import Event
from nst.jobs.records.store import Log, Store

PAGE = 500
_GATHER = 0.05  # seconds; a burst of steps becomes one batch of at most twenty a second


class Listener:
    """Knows the newest number of one job's log. Bumped from any thread, awaited on its own loop."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.changed = asyncio.Event()
        self.newest = 0
        self.is_unsure = False  # whether it knows the newest number: a look at the store is due
        self.closed = False

    def end(self) -> None:
        self.closed = True
        bump((self,), 0)

    async def beyond(self, seq: int, seconds: float | None) -> bool:
        """Wait until the log may be longer than `seq`; false when closed, or after so many seconds."""
        try:
            async with asyncio.timeout(seconds):
                while self.newest <= seq and not self.is_unsure and not self.closed:
                    await self.changed.wait()
                    self.changed.clear()
        except TimeoutError:
            return False
        self.is_unsure = False
        return not self.closed


def bump(listeners: Iterable[Listener], seq: int) -> None:
    """Tell all of them that the log has reached `seq`. The loop is woken once, however many they are."""
    by_loop: dict[asyncio.AbstractEventLoop, list[Listener]] = defaultdict(list)
    for listener in listeners:
        listener.newest = max(listener.newest, seq)
        by_loop[listener.loop].append(listener)
    for loop, theirs in by_loop.items():
        with suppress(RuntimeError):  # the loop has ended, and its readers with it
            loop.call_soon_threadsafe(_wake, theirs)


def _wake(listeners: list[Listener]) -> None:
    for listener in listeners:
        listener.changed.set()


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
        bump(listeners, seq)

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

    def followed(self) -> set[str]:
        """The jobs that somebody listens to."""
        with self._lock:
            return set(self._listeners)

    def look(self, job: str | None = None) -> None:
        """Let those who listen to a job, or to any, look at the store: something may have gone past them."""
        with self._lock:
            kept = self._listeners if job is None else {job: self._listeners.get(job, set())}
            listeners = [listener for some in kept.values() for listener in some]
        for listener in listeners:
            listener.is_unsure = True
        bump(listeners, 0)

    def close(self) -> None:
        with self._lock:
            everyone = [listener for listeners in self._listeners.values() for listener in listeners]
        for listener in everyone:
            listener.end()


class Logs:
    """Logs as many read them at a time: those who ask for the same at once are given one answer."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._under_way: dict[Hashable, asyncio.Future[Log | None]] = {}

    async def read(self, job: str, after: int) -> Log | None:
        """The next entries after this number, as `Store.log`."""
        key = asyncio.get_running_loop(), job, after
        reading = self._under_way.get(key)
        if reading is None:
            reading = asyncio.ensure_future(asyncio.to_thread(self._store.log, job, after, PAGE))
            self._under_way[key] = reading
            reading.add_done_callback(lambda done: self._end(key, done))
        return await asyncio.shield(reading)  # who leaves takes it from nobody

    def _end(self, key: Hashable, reading: "asyncio.Future[Log | None]") -> None:
        del self._under_way[key]
        if not reading.cancelled():
            reading.exception()  # is seen, even if everybody has left


async def follow(
    logs: Logs, wake: Wake, job: str, after: int, quiet: float | None = None
) -> AsyncIterator[list[Event]]:
    """Batches of the job's events with numbers above `after`, until it is finished and all are read.

    Ends also when the job is deleted or the studio closes. With `quiet`, an empty batch comes after so
    many seconds without news, so that the caller can see whether its own reader is still there.
    Several readers may be given the same batch: nobody changes it.
    """
    # Listening starts before the first look, so that nothing falls between the two.
    with wake.listen(job) as listener:
        while True:
            log = await logs.read(job, after)
            if log is None:
                return
            after = log.last
            if log.events:
                yield log.events
            if log.complete:
                return
            if len(log.events) == PAGE:
                continue
            while not await listener.beyond(after, quiet):
                if listener.closed:
                    return
                yield []
            await asyncio.sleep(_GATHER)
