"""What went wrong, in a sentence for the person whose painting it was."""

import errno
import sqlite3
from collections.abc import Iterator

from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.exc import TimeoutError as NoConnection

from nst.errors import Refusal
from nst.jobs.filing.files import Unreachable

NO_MEMORY = "There was not enough memory for a picture of this size. Try a smaller size."
MEMORY_SHORT = (
    "There is not enough memory in the studio at the moment. What is painted is kept: "
    "go on when there is more."
)
NO_SPACE = "The studio's disk is full. Please tell whoever runs it, and try again later."
FILES_AWAY = (
    "The studio cannot reach its pictures at the moment. Please try again in a minute; "
    "if it happens again, tell whoever runs it."
)
UNKNOWN = (
    "Something went wrong in the studio while painting. Please try again; "
    "if it happens again, tell whoever runs it."
)
CRASHES = (
    "The studio stopped twice while painting this picture, so it was given up. "
    "Try a smaller size, or start it again later."
)
BUSY = "The studio's database is busy at the moment. Please try again in a minute."
DAMAGED = "The studio's database is damaged. Please tell whoever runs it: a copy has to be put back."
STORE_AWAY = (
    "The studio cannot reach its database at the moment. Please try again in a minute; "
    "if it happens again, tell whoever runs it."
)
_CLOSED = (errno.EACCES, errno.EPERM, errno.EROFS, errno.EIO, errno.ENODEV, errno.ENXIO, errno.ESTALE)


def of_storage(error: BaseException) -> Refusal | None:
    """What to say where disk or database refuse, which may pass: disk_full, files_away, store_away,
    store_busy or store_damaged. None for any other error."""
    for cause in _chain(error):
        if is_disk_full(cause):
            return Refusal("disk_full", NO_SPACE)
        if isinstance(cause, NoConnection):
            return Refusal("store_busy", BUSY)
        if isinstance(cause, DBAPIError) and isinstance(cause.orig, sqlite3.Error):
            return _of_sqlite(getattr(cause.orig, "sqlite_errorname", ""))
        if isinstance(cause, Unreachable) or (isinstance(cause, OSError) and cause.errno in _CLOSED):
            return Refusal("files_away", FILES_AWAY)
        if isinstance(cause, DBAPIError) and (state := postgres_said(cause).get("C")):
            return _of_postgres(state)
    if isinstance(error, DBAPIError) and not isinstance(error, (IntegrityError, ProgrammingError)):
        return Refusal("store_away", STORE_AWAY)
    return None


def in_short(error: BaseException) -> str:
    """For the log: what the system or the database said, without the values or paths that it was about."""
    if isinstance(error, DBAPIError):
        return str(error.orig)
    return (isinstance(error, OSError) and error.strerror) or type(error).__name__


def plain(error: BaseException) -> str:
    """One sentence for `error` or whatever caused it."""
    for cause in _chain(error):
        if isinstance(cause, Refusal):
            return cause.message
        if is_out_of_memory(cause):
            return NO_MEMORY
        if is_disk_full(cause):
            return NO_SPACE
        if isinstance(cause, Unreachable):
            return FILES_AWAY
    return UNKNOWN


def is_out_of_memory(error: BaseException) -> bool:
    """Whether Python's memory or TensorFlow's was full."""
    # By name: this room does not import TensorFlow.
    return any(kind.__name__ in ("MemoryError", "ResourceExhaustedError") for kind in type(error).__mro__)


def is_short_of_memory(error: BaseException) -> bool:
    """Whether memory was full, or was seen to be too little beforehand; at another time it may do."""
    return is_out_of_memory(error) or (isinstance(error, Refusal) and error.code == "too_little_memory")


def is_disk_full(error: BaseException) -> bool:
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    return getattr(error, "sqlite_errorname", None) == "SQLITE_FULL"


def _of_sqlite(name: str) -> Refusal | None:
    """For one of SQLite's result codes, such as SQLITE_BUSY_SNAPSHOT."""
    if name == "SQLITE_FULL":
        return Refusal("disk_full", NO_SPACE)
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return Refusal("store_busy", BUSY)
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return Refusal("store_damaged", DAMAGED)
    if name.startswith(("SQLITE_CANTOPEN", "SQLITE_IOERR", "SQLITE_READONLY", "SQLITE_PERM", "SQLITE_AUTH")):
        return Refusal("store_away", STORE_AWAY)
    return None


def postgres_said(error: DBAPIError) -> dict[str, str]:
    """What the server said of an error, by the letters of its protocol: C is the code, M the message."""
    said = error.orig.args[0] if error.orig is not None and error.orig.args else None
    return said if isinstance(said, dict) else {}


def _of_postgres(state: str) -> Refusal | None:
    """For one of its codes (SQLSTATE), by class: resources, rolled back; connection, intervention."""
    if state.startswith(("53", "40")):
        return Refusal("store_busy", BUSY)
    return Refusal("store_away", STORE_AWAY) if state.startswith(("08", "57")) else None


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    following: BaseException | None = error
    while following is not None and id(following) not in seen:
        seen.add(id(following))
        yield following
        following = following.__cause__ or following.__context__
