"""A few threads that many share: each gets a turn, for what was asked last. Nothing queues up."""

import logging
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from threading import Condition, Thread
from time import monotonic
from typing import Any, TypeVar

from nst.errors import Refusal

T = TypeVar("T")

log = logging.getLogger(__name__)


class Turns:
    """Who asks again takes the place of what they asked before, if that has not begun.

    So nobody has more than one piece of work under way and one waiting, and a fast asker slows down no one.
    """

    def __init__(self, name: str, most_waiting: int, threads: int = 1) -> None:
        self._name = name
        self._most = most_waiting
        self._count = threads
        self._changed = Condition()
        self._waiting: OrderedDict[Hashable, tuple[Future[Any], Callable[[], Any]]] = OrderedDict()
        self._served: set[Hashable] = set()  # whose work is under way
        self._is_closing = False
        self._threads: list[Thread] = []

    def start(self, first: Callable[[Callable[[float], bool]], None]) -> None:
        """`first` is called in a thread before any work; its argument waits so many seconds for some."""
        self._is_closing = False
        begin = [first] + [lambda _: None] * (self._count - 1)
        self._threads = [
            Thread(target=self._live, args=(each,), name=self._name, daemon=True) for each in begin
        ]
        for thread in self._threads:
            thread.start()

    def close(self, seconds: float) -> list[Thread]:
        """Begin nothing more. The threads that have not ended in so many seconds."""
        with self._changed:
            self._is_closing = True
            for future, _ in self._waiting.values():
                _refuse(future, _closing())
            self._waiting.clear()
            self._changed.notify_all()
        until = monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, until - monotonic()))
        return [thread for thread in self._threads if thread.is_alive()]

    def ask(self, who: Hashable, work: Callable[[], T]) -> Future[T]:
        """What `work` returns, or raises, or `Refusal("superseded")` because `who` has asked again.

        Raises:
            Refusal: `queue_full` where too many others wait.
        """
        future: Future[T] = Future()
        with self._changed:
            if self._is_closing or not self._threads:
                raise _closing()
            older = self._waiting.get(who)
            if older is None and len(self._waiting) >= self._most:
                raise Refusal("queue_full", "Many previews are being painted. Try again in a few seconds.")
            self._waiting[who] = future, work  # in the older one's place in line
            self._changed.notify_all()
        if older is not None:
            _refuse(older[0], Refusal("superseded", "A newer preview was asked for meanwhile."))
        return future

    def _live(self, first: Callable[[Callable[[float], bool]], None]) -> None:
        try:
            first(self._wait)
        except Exception:
            log.exception("the previews did not warm up")
        while self._wait(None):
            with self._changed:
                who = self._next()
                if who is None:
                    continue
                future, work = self._waiting.pop(who)
                self._served.add(who)
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(work())
                except BaseException as error:
                    future.set_exception(error)
            del future, work  # no picture is held while nothing is asked
            with self._changed:
                self._served.remove(who)
                self._changed.notify_all()

    def _next(self) -> Hashable | None:
        """Who has waited longest of those for whom nothing is under way."""
        return next((who for who in self._waiting if who not in self._served), None)

    def _wait(self, seconds: float | None) -> bool:
        """Whether there is work; false after so many seconds, and when it is over."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_closing or self._next() is not None, seconds)
            return self._next() is not None and not self._is_closing

    @property
    def is_closing(self) -> bool:
        return self._is_closing


def _refuse(future: Future[Any], refusal: Refusal) -> None:
    if future.set_running_or_notify_cancel():  # unless nobody waits for it any more
        future.set_exception(refusal)


def _closing() -> Refusal:
    return Refusal("closing", "The studio is closing. Try again in a moment.")
