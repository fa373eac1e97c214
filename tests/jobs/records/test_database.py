import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from servers import Postgres, free_port
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from nst.errors import Refusal
from nst.jobs.records.database import open_postgres, open_sqlite, unusable
from nst.jobs.records.schema import metadata
from nst.jobs.records.store import Store
from nst.jobs.troubles import of_storage


def store_on(engine: Engine) -> Store:
    return Store(engine, lambda job, seq: None)


# SQLite


def test_a_file_name_with_odd_characters_is_only_a_file_name(tmp_path: Path) -> None:
    path = tmp_path / "a?b#c %41.db"
    engine = open_sqlite(path)
    metadata.create_all(engine)
    engine.dispose()
    assert path.exists()


def test_sqlite_is_in_wal_mode(tmp_path: Path) -> None:
    store_on(open_sqlite(tmp_path / "test.db")).close()
    with sqlite3.connect(tmp_path / "test.db") as raw:
        assert raw.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    raw.close()


# PostgreSQL


@pytest.mark.parametrize("address", ["", "studio.db", "mysql://host/name", "sqlite:///x", "postgresql//x"])
def test_only_the_address_of_a_postgresql_database_will_do(address: str) -> None:
    with pytest.raises(Refusal, match="NST_DATABASE_URL") as caught:
        open_postgres(address)
    assert caught.value.code == "bad_setting"


def failure(act: Callable[[], object]) -> DBAPIError:
    with pytest.raises(DBAPIError) as caught:
        act()
    return caught.value


def test_a_server_that_is_not_there_is_told_in_words() -> None:
    error = failure(lambda: store_on(open_postgres(f"postgresql://me@127.0.0.1:{free_port()}/none")))
    assert of_storage(error).code == "store_away"
    assert unusable(error).code == "database_unusable"


@pytest.mark.postgres
def test_a_database_that_is_not_there_is_told_by_name(postgres_url: str) -> None:
    error = failure(lambda: store_on(open_postgres(postgres_url.rpartition("/")[0] + "/elsewhere")))
    assert 'database "elsewhere" does not exist' in unusable(error).message
    assert unusable(error).field == "NST_DATABASE_URL"


@pytest.mark.postgres
def test_a_server_that_was_restarted_costs_nobody_an_error(
    postgres_server: Postgres, postgres_url: str
) -> None:
    store = store_on(open_postgres(postgres_url))
    store.check()
    postgres_server.stop()
    try:
        assert of_storage(failure(store.check)).code == "store_away"
    finally:
        postgres_server.start()
    store.check()
    store.close()


@pytest.mark.postgres
def test_what_the_server_ends_is_its_trouble_and_a_mistake_of_ours_is_not(postgres_url: str) -> None:
    engine = open_postgres(postgres_url)
    for statement, code in (
        ("SELECT pg_terminate_backend(pg_backend_pid())", "store_away"),
        ("SELECT nothing FROM nowhere", None),
    ):
        with engine.connect() as connection:
            refusal = of_storage(failure(lambda: connection.execute(text(statement))))  # noqa: B023
        assert (refusal and refusal.code) == code
    engine.dispose()
