"""Staying with an SQLite file: one that is moved away, deleted or put back while the studio runs."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Engine, event
from sqlalchemy.exc import DisconnectionError


def address(path: Path) -> URL:
    """Of a database file that is there, or is made now. Raises `OSError` where it cannot be.

    Later connections fail where there is no file: an empty one would look like a studio without paintings.
    """
    path.touch()
    return URL.create("sqlite", database=f"file:{quote(str(path))}", query={"mode": "rw", "uri": "true"})


def stay_with(engine: Engine, path: Path) -> None:
    """Give up connections to a file that is not the one of this name any more."""

    @event.listens_for(engine, "connect")
    def note(_connection: Any, record: Any) -> None:
        record.info["file"] = _identity(path)

    @event.listens_for(engine, "checkout")
    def look(_connection: Any, record: Any, _proxy: Any) -> None:
        if record.info["file"] != _identity(path):
            raise DisconnectionError("another file has the name of the database now")


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
