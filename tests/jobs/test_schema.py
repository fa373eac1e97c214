from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import Column, MetaData, Table, insert, inspect, select
from sqlalchemy.exc import IntegrityError

from nst.jobs.ids import new_id
from nst.jobs.models import Job, JobSpec, StyleRef
from nst.jobs.schema import Moment, events, jobs, metadata, open_sqlite
from nst.jobs.steering import Steering
from nst.jobs.store import Store


def test_a_moment_comes_back_in_utc(tmp_path: Path) -> None:
    engine = open_sqlite(tmp_path / "test.db")
    table = Table("t", MetaData(), Column("at", Moment))
    east = datetime(2026, 1, 2, 3, 4, 5, 678901, timezone(timedelta(hours=3)))
    with engine.begin() as connection:
        table.create(connection)
        connection.execute(insert(table).values(at=east))
        found = connection.scalar(select(table.c.at))
    assert found == east
    assert found.tzinfo is UTC
    engine.dispose()


def test_an_event_needs_its_job(tmp_path: Path) -> None:
    engine = open_sqlite(tmp_path / "test.db")
    metadata.create_all(engine)
    orphan = {"job": "none", "seq": 1, "kind": "state", "data": {}, "created": datetime.now(UTC)}
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(insert(events).values(orphan))
    engine.dispose()


def test_a_file_name_with_odd_characters_is_only_a_file_name(tmp_path: Path) -> None:
    path = tmp_path / "a?b#c %41.db"
    engine = open_sqlite(path)
    metadata.create_all(engine)
    engine.dispose()
    assert path.exists()


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


def test_a_new_database_has_every_column(tmp_path: Path) -> None:
    store = Store(open_sqlite(tmp_path / "test.db"), lambda job, seq: None)
    store.close()
    engine = open_sqlite(tmp_path / "test.db")
    for table in metadata.sorted_tables:
        assert {column["name"] for column in inspect(engine).get_columns(table.name)} == set(
            table.columns.keys()
        )
    engine.dispose()
