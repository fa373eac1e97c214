"""A painter whose disk or database refuses: it waits, or does without, says so, and goes on by itself."""

import errno
import os
import sqlite3
from collections.abc import Callable
from threading import Event

import pytest
from sqlalchemy.exc import OperationalError

from nst.jobs.painters import patience
from nst.jobs.painters.patience import Closing, Patience, Unwanted
from nst.jobs.troubles import BUSY, NO_SPACE


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "RETRY_SECONDS", 0.001)


def full() -> OSError:
    return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def said(name: str) -> OperationalError:
    """As the database says it."""
    cause = sqlite3.OperationalError("database is locked")
    cause.sqlite_errorname = name
    return OperationalError("BEGIN IMMEDIATE", None, cause)


def refusing(times: int, error: Exception, seen: Callable[[], None] = lambda: None) -> Callable[[], str]:
    left = [error] * times

    def act() -> str:
        seen()
        if left:
            raise left.pop()
        return "done"

    return act


@pytest.mark.parametrize(
    ("error", "words"), [(full(), NO_SPACE), (said("SQLITE_FULL"), NO_SPACE), (said("SQLITE_BUSY"), BUSY)]
)
def test_it_waits_says_why_and_goes_on(error: Exception, words: str) -> None:
    one = Patience(Event())
    heard: list[dict[str, str]] = []
    assert one.insist("store", refusing(3, error, lambda: heard.append(dict(one.troubles)))) == "done"
    assert heard == [{}, {"store": words}, {"store": words}, {"store": words}]
    assert one.troubles == {}


def test_what_is_no_trouble_of_disk_or_database_goes_through() -> None:
    with pytest.raises(ZeroDivisionError):
        Patience(Event()).insist("files", refusing(1, ZeroDivisionError()))
    with pytest.raises(FileNotFoundError):
        Patience(Event()).attempt("files", refusing(1, FileNotFoundError(errno.ENOENT, "gone")))


def test_it_does_without_what_can_be_done_without() -> None:
    one = Patience(Event())
    act = refusing(1, full())
    assert not one.attempt("files", act)
    assert one.troubles == {"files": NO_SPACE}
    assert one.attempt("files", act)
    assert one.troubles == {}


def test_it_ends_with_the_studio_or_when_nobody_wants_it() -> None:
    closing = Event()
    with pytest.raises(Unwanted):
        Patience(closing).insist("files", refusing(9, full()), lambda: False)
    closing.set()
    with pytest.raises(Closing):
        Patience(closing).insist("files", refusing(9, full()))
