"""The database: SQLite in a file or PostgreSQL, opened and brought up to date."""

import zlib
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError

from nst.errors import Refusal
from nst.jobs.records import database_file
from nst.jobs.troubles import postgres_said

WRITES = "writes"  # execution option of connections that will write
POSTGRES = "postgresql+pg8000"
_MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_SECONDS = 5.0  # that another program may hold the database before it is told
_WAIT_SECONDS = 10  # for a connection; a request should not hang longer


def open_sqlite(path: Path) -> Engine:
    """An SQLite database in WAL mode: readers never wait for the writer, a commit costs no disk flush."""
    engine = create_engine(
        database_file.address(path),
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
        pool_size=10,
        max_overflow=40,
    )

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # transactions begin where `begin` below says so
        for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A writer takes its turn at once: a reader that becomes a writer half-way would be refused.
        writes = connection.get_execution_options().get(WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    database_file.stay_with(engine, path)
    return engine


def open_postgres(address: str) -> Engine:
    """A PostgreSQL database, reached through pg8000. Raises `Refusal` (bad_setting)."""
    try:
        url = make_url(address)
        backend = url.get_backend_name()
    except ArgumentError:
        backend = ""
    if backend not in ("postgresql", "postgres"):
        raise Refusal(
            "bad_setting",
            "NST_DATABASE_URL must look like postgresql://user:password@host/database.",
            "NST_DATABASE_URL",
        )
    return create_engine(
        url.set(drivername=POSTGRES),
        # Asked before each use: a server that was restarted costs nobody an error.
        pool_pre_ping=True,
        pool_size=5,
        max_overflow=15,
        pool_timeout=_WAIT_SECONDS,
        connect_args={"timeout": _WAIT_SECONDS, "tcp_keepalive": True},
    )


def migrate(engine: Engine) -> None:
    """Bring the tables up to date; of several processes that start at once one does.

    Raises:
        Refusal: `database_newer` when a later version of the studio has had the database.
    """
    with engine.execution_options(**{WRITES: True}).begin() as connection:
        alone(connection, "migrations")
        configuration = Config()
        configuration.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
        configuration.attributes["connection"] = connection
        try:
            command.upgrade(configuration, "head")
        except CommandError as error:
            raise Refusal(
                "database_newer",
                "The studio’s database was made by a later version. Start that version, or bring back a "
                "backup from before it.",
            ) from error


def alone(connection: Connection, what: str) -> None:
    """Nobody else is within `what`, in any process, until the transaction ends. SQLite has one writer."""
    if connection.dialect.name == "postgresql":
        key = zlib.crc32(f"pentimento {what}".encode())
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})


def unusable(error: DBAPIError) -> Refusal:
    """Why PostgreSQL cannot be used, for whoever starts the studio."""
    said = postgres_said(error).get("M") or str(error.orig or error)
    return Refusal(
        "database_unusable",
        f"PostgreSQL cannot be used ({said.strip().rstrip('.')}). NST_DATABASE_URL says where, and as whom.",
        "NST_DATABASE_URL",
    )
