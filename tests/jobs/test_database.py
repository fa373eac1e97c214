import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier, Thread

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from servers import Postgres, free_port
from sqlalchemy import Column, Engine, MetaData, Table, insert, text
from sqlalchemy.exc import DBAPIError

from nst.errors import Refusal
from nst.jobs.database import migrate, open_postgres, open_sqlite, unusable
from nst.jobs.ids import new_id
from nst.jobs.models import Job, JobSpec, StyleRef
from nst.jobs.schema import jobs, metadata
from nst.jobs.steering import Steering
from nst.jobs.store import Store
from nst.jobs.troubles import of_storage

POSTGRES = pytest.param("postgres", marks=pytest.mark.postgres)


@pytest.fixture(params=["sqlite", POSTGRES])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    if request.param == "postgres":
        made = open_postgres(request.getfixturevalue("postgres_url"))
    else:
        made = open_sqlite(tmp_path / "test.db")
    yield made
    made.dispose()


def store_on(engine: Engine) -> Store:
    return Store(engine, lambda job, seq: None)


def differences(engine: Engine) -> list[object]:
    """What is in the database but not in `nst.jobs.schema`, or the other way round."""
    with engine.begin() as connection:
        return compare_metadata(MigrationContext.configure(connection), metadata)


# Migrations


def test_the_migrations_make_the_tables_that_the_code_knows(engine: Engine) -> None:
    migrate(engine)
    assert differences(engine) == []
    migrate(engine)
    assert differences(engine) == []


# The tables of jobs as the first version made them.
FIRST = """
CREATE TABLE jobs (
    number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, id VARCHAR(32) NOT NULL, owner VARCHAR(64) NOT NULL,
    spec JSON NOT NULL, state VARCHAR(16) NOT NULL, asked VARCHAR(16), step INTEGER NOT NULL,
    steps INTEGER NOT NULL, losses JSON NOT NULL, error TEXT, created DATETIME NOT NULL, started DATETIME,
    finished DATETIME, width INTEGER, height INTEGER, preview_seq INTEGER NOT NULL,
    has_result BOOLEAN NOT NULL, crashes INTEGER NOT NULL, seq INTEGER NOT NULL, UNIQUE (id))
"""


def test_a_database_of_the_first_version_is_taken_over(tmp_path: Path) -> None:
    engine = open_sqlite(tmp_path / "test.db")
    spec = {"content": new_id(), "styles": [{"image": new_id(), "weight": 0.5}], "mask": None, "init": None}
    spec["options"] = {"size": 64, "steps": 9, "style_weight": 2.0}
    old = {"id": new_id(), "owner": "ada", "spec": spec, "state": "queued", "step": 0, "steps": 9}
    old |= {"losses": {}, "created": datetime.now(UTC), "preview_seq": 0, "has_result": False}
    new = {"changes", "wanted", "stages"}
    with engine.begin() as connection:
        connection.exec_driver_sql(FIRST)
        columns = [column for column in jobs.columns if column.name not in new]
        before = Table("jobs", MetaData(), *(Column(column.name, column.type) for column in columns))
        connection.execute(insert(before).values(**old, crashes=0, seq=0))

    for _ in range(2):  # and again, now that it is done
        store = Store(engine, lambda job, seq: None)
        job = store.job(old["id"])
        assert (job.changes, job.wanted, job.stages, job.steps) == ([], None, [], 9)
        assert (job.spec.regions, job.spec.options.style_weight) == ([], 2.0)
    added = Job(
        id=new_id(),
        owner="ada",
        spec=JobSpec(content=new_id(), styles=[StyleRef(image=new_id())]),
        state="queued",
        steps=300,
        created=datetime.now(UTC),
    )
    store.add_job(added, 10, 10)
    assert store.want(old["id"], Steering(options={"steps": 20}))
    assert store.job(old["id"]).steps == 20
    store.close()


def test_of_many_that_start_at_once_one_makes_the_tables(engine: Engine) -> None:
    together, failures = Barrier(4), []

    def start() -> None:
        together.wait()
        try:
            migrate(engine)
        except Exception as error:
            failures.append(error)

    threads = [Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert differences(engine) == []


def test_a_database_of_a_later_version_is_left_alone(engine: Engine) -> None:
    migrate(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Refusal, match="later version") as caught:
        store_on(engine)
    assert caught.value.code == "database_newer"


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
