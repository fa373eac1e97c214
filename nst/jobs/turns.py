"""One thread that many share: each gets a turn, for what was asked last. Nothing queues up."""

import logging
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from threading import Condition, Thread
from typing import Any, TypeVar

from nst.errors import Refusal

T = TypeVar("T")

log = logging.getLogger(__name__)


class Turns:
    """Who asks again takes the place of what they asked before, if that has not begun.

    So nobody has more than one piece of work under way and one waiting, and a fast asker slows down no one.
    """

    def __init__(self, name: str, most_waiting: int) -> None:
        self._name = name
        self._most = most_waiting
        self._changed = Condition()
        self._waiting: OrderedDict[Hashable, tuple[Future[Any], Callable[[], Any]]] = OrderedDict()
        self._is_closing = False
        self._thread: Thread | None = None

    def start(self, first: Callable[[Callable[[float], bool]], None]) -> None:
        """`first` is called in the thread before any work; its argument waits so many seconds for some."""
        self._is_closing = False
        self._thread = Thread(target=self._live, args=(first,), name=self._name, daemon=True)
        self._thread.start()

    def close(self, seconds: float) -> Thread | None:
        """Begin nothing more. The thread comes back if it has not ended in so many seconds."""
        with self._changed:
            self._is_closing = True
            for future, _ in self._waiting.values():
                _refuse(future, _closing())
            self._waiting.clear()
            self._changed.notify_all()
        thread = self._thread
        if thread is not None:
            thread.join(seconds)
        return thread if thread is not None and thread.is_alive() else None

    def ask(self, who: Hashable, work: Callable[[], T]) -> Future[T]:
        """What `work` returns, or raises, or `Refusal("superseded")` because `who` has asked again.

        Raises:
            Refusal: `queue_full` where too many others wait.
        """
        future: Future[T] = Future()
        with self._changed:
            if self._is_closing or self._thread is None:
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
                if not self._waiting:
                    continue
                _, (future, work) = self._waiting.popitem(last=False)
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(work())
                except BaseException as error:
                    future.set_exception(error)
            del future, work  # no picture is held while nothing is asked

    def _wait(self, seconds: float | None) -> bool:
        """Whether there is work; false after so many seconds, and when it is over."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_closing or self._waiting, seconds)
            return bool(self._waiting) and not self._is_closing

    @property
    def is_closing(self) -> bool:
        return self._is_closing


def _refuse(future: Future[Any], refusal: Refusal) -> None:
    if future.set_running_or_notify_cancel():  # unless nobody waits for it any more
        future.set_exception(refusal)


def _closing() -> Refusal:
    return Refusal("closing", "The studio is closing. Try again in a moment.")
