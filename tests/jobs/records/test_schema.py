from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import Column, MetaData, Table, insert, select
from sqlalchemy.exc import IntegrityError

from nst.jobs.records.database import open_sqlite
from nst.jobs.records.schema import Moment, events, metadata


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
