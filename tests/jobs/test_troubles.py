import errno
import sqlite3

import pytest
from sqlalchemy.exc import OperationalError

from nst.errors import Refusal
from nst.jobs.troubles import NO_MEMORY, NO_SPACE, UNKNOWN, plain


class ResourceExhaustedError(Exception):
    """Named like TensorFlow's."""


def full_database() -> Exception:
    cause = sqlite3.OperationalError("database or disk is full")
    cause.sqlite_errorname = "SQLITE_FULL"
    wrapped = OperationalError("INSERT", {}, cause)
    wrapped.__cause__ = cause
    return wrapped


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (MemoryError(), NO_MEMORY),
        (ResourceExhaustedError("OOM when allocating tensor"), NO_MEMORY),
        (OSError(errno.ENOSPC, "No space left on device"), NO_SPACE),
        (full_database(), NO_SPACE),
        (Refusal("weights_missing", "The weights are not here."), "The weights are not here."),
        (OSError(errno.EACCES, "Permission denied"), UNKNOWN),
        (ValueError("/secret/path"), UNKNOWN),
    ],
)
def test_each_error_has_its_sentence(error: Exception, sentence: str) -> None:
    assert plain(error) == sentence


def test_the_cause_counts() -> None:
    error = RuntimeError("while painting")
    error.__cause__ = MemoryError()
    assert plain(error) == NO_MEMORY
