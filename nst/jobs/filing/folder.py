"""The data folder: made, tried, and held by one studio at a time."""

import errno
import os
import sqlite3
from pathlib import Path

from sqlalchemy.exc import DatabaseError

from nst.errors import Refusal

HANDOVER_SECONDS = 8.0  # a predecessor that is closing needs about five


def make(folder: Path) -> None:
    """Make the folder if it is not there. Raises `OSError` where nothing can be written."""
    folder.mkdir(parents=True, exist_ok=True)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def hold(folder: Path) -> sqlite3.Connection:
    """Hold the folder for this process: a lock that the system takes back however the process ends.

    Raises:
        Refusal: `data_dir_in_use` when another process has it.
    """
    path = folder / "studio.lock"
    try:
        lock = sqlite3.connect(path, timeout=HANDOVER_SECONDS, isolation_level=None, check_same_thread=False)
    except sqlite3.OperationalError as error:
        raise unusable(folder, error) from error
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        lock.close()
        if error.sqlite_errorname != "SQLITE_BUSY":
            raise unusable(folder, error) from error
        raise Refusal(
            "data_dir_in_use",
            f"Another studio is using the folder {folder}. Stop it, or set NST_DATA_DIR to another folder.",
            "NST_DATA_DIR",
        ) from error
    return lock


def unusable(folder: Path, error: OSError | DatabaseError | sqlite3.Error) -> Refusal:
    # SQLAlchemy's own words take three lines
    cause = error.orig if isinstance(error, DatabaseError) else error
    reason = cause.strerror if isinstance(cause, OSError) else str(cause)
    if isinstance(cause, FileExistsError):
        reason = "it is a file"
    return Refusal(
        "data_dir_unusable",
        f"The folder {folder} cannot be used for the studio's data ({(reason or 'it fails').lower()}). "
        "NST_DATA_DIR names another one.",
        "NST_DATA_DIR",
    )
