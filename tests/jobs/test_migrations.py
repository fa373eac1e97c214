"""Databases of every revision, with rows in them, come to be as the code knows them: on both kinds."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Connection, Engine, MetaData, Table, func, insert, inspect, select, text

import nst.jobs.records.database
from jobs.conftest import add_picture
from nst.errors import Refusal
from nst.jobs.filing.files import Folder
from nst.jobs.ids import new_id
from nst.jobs.models import Job, JobSpec, StyleRef
from nst.jobs.records.database import WRITES, migrate, open_sqlite
from nst.jobs.records.schema import jobs, metadata, uses
from nst.jobs.records.stock import Stock
from nst.jobs.records.store import Store
from nst.jobs.steering import Steering

MIGRATIONS = Path(nst.jobs.records.database.__file__).parent / "migrations"


@pytest.fixture
def engine(database: Callable[[], Engine]) -> Iterator[Engine]:
    made = database()
    yield made
    made.dispose()


def differences(engine: Engine) -> list[object]:
    """What is in the database but not in `nst.jobs.records.schema`, or the other way round."""
    with engine.begin() as connection:
        return compare_metadata(MigrationContext.configure(connection), metadata)


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
        spec=JobSpec(content=add_picture(store), styles=[StyleRef(image=add_picture(store))]),
        state="queued",
        steps=300,
        created=datetime.now(UTC),
    )
    store.add_job(added, 10, 10)
    assert store.want(old["id"], Steering(options={"steps": 20}))
    assert store.job(old["id"]).steps == 20
    store.close()


REVISIONS = [
    script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions() if script.revision
]
CAME = datetime(2026, 1, 31, 12, tzinfo=UTC)


class Before:
    """A database as it was at a revision, with something in each of its tables."""

    def __init__(self, engine: Engine, revision: str) -> None:
        self._engine = engine
        with engine.execution_options(**{WRITES: True}).begin() as connection:
            configuration = Config()
            configuration.set_main_option("script_location", str(MIGRATIONS))
            configuration.attributes["connection"] = connection
            command.upgrade(configuration, revision)
            there = inspect(connection)
            self.tables = {
                table.name: Table(
                    table.name,
                    MetaData(),
                    *(
                        Column(column["name"], table.c[column["name"]].type)
                        for column in there.get_columns(table.name)
                    ),
                )
                for table in metadata.sorted_tables
                if there.has_table(table.name)
            }
            self.image, self.video, self.group = new_id(), new_id(), new_id()
            mine = {"owner": "ada", "created": CAME, "width": 64, "height": 48}
            clip = {"kind": "mp4", "frames": 9, "seconds": 1.0, "rate": 9.0, "has_sound": False, "size": 9}
            self._add(connection, "images", id=self.image, file=self.image, **mine)
            self._add(connection, "videos", id=self.video, **clip, **mine)
            self._add(connection, "groups", id=self.group, axes=[], members=[], **mine)
            self.new = self._add_job(connection, 2)
            self.grouped = self._add_job(connection, 3, group=self.group)
            self.clip = self._add_job(connection, 5, kind="video")
            self.begun = self._add_job(connection, 0, started=CAME, step=4, seq=2)
            self.done = self._add_job(connection, 0, state="done", started=CAME, finished=CAME)
            for seq in (1, 2):
                told = {"kind": "step", "data": {"step": seq}}
                self._add(connection, "events", job=self.begun, seq=seq, **told, **mine)
            self._add(connection, "tokens", id=new_id(), name="mine", hash="0" * 64, **mine)
            self._add(connection, "requests", key="0" * 64, digest="1" * 64, made=self.new, **mine)
            alive = {"name": "one-1-1", "machine": "one", "ready": True, "speed": {}}
            self._add(connection, "workers", started=CAME, beat=CAME, **alive)
            self._add(connection, "uses", job=self.new, id=self.image)

    def rows(self) -> dict[str, list[tuple[Any, ...]]]:
        """All that is in these tables, but the places in line, which one of the revisions gives."""
        kept = {name: [one for one in table.c if one.name != "lane"] for name, table in self.tables.items()}
        with self._engine.begin() as connection:
            return {
                name: [tuple(row) for row in connection.execute(select(*columns).order_by(columns[0]))]
                for name, columns in kept.items()
            }

    def _add_job(self, connection: Connection, lane: int, kind: str = "picture", **values: object) -> str:
        style = {"image": self.image, "weight": 0.5}
        spec = {"content": self.image, "styles": [style], "options": {"size": 64, "steps": 9}}
        if kind == "video":
            spec = {"video": self.video, "style": self.image}
        job = {"id": new_id(), "owner": "ada", "state": "queued", "kind": kind, "created": CAME, "step": 0}
        job |= {"spec": spec, "steps": 9, "losses": {}, "preview_seq": 0, "has_result": False, "crashes": 0}
        self._add(connection, "jobs", **job | {"seq": 0, "lane": lane} | values)
        return str(job["id"])

    def _add(self, connection: Connection, table: str, **values: object) -> None:
        """A row, without what the table does not know yet."""
        if table in self.tables:
            known = {name: value for name, value in values.items() if name in self.tables[table].c}
            connection.execute(insert(self.tables[table]).values(known))


@pytest.mark.parametrize("revision", REVISIONS)
def test_what_an_earlier_revision_holds_is_kept_and_used(
    engine: Engine, revision: str, tmp_path: Path
) -> None:
    before = Before(engine, revision)
    rows = before.rows()
    store = Store(engine, lambda job, seq: None)
    assert differences(engine) == []
    assert before.rows() == rows
    assert [row[0] for row in rows["events"]] == [before.begun] * 2

    stock = Stock(store, Folder(tmp_path))
    stock.look()
    with engine.begin() as connection:
        found = select(uses.c.id).where(uses.c.job == before.begun)
        assert list(connection.scalars(found)) == [before.image]
        assert connection.scalar(select(func.count()).where(jobs.c.bytes.is_(None))) == 0
    assert stock.bytes() == 9

    spec = JobSpec(content=before.image, styles=[StyleRef(image=before.image)])
    added = Job(id=new_id(), owner="bob", spec=spec, state="queued", steps=300, created=datetime.now(UTC))
    store.add_job(added, 9, 9)
    assert store.want(before.new, Steering(options={"steps": 20}))
    claimed = [store.claim() for _ in range(6)]
    order = [before.begun, before.new, added.id, before.grouped, before.clip]
    assert [job and job.id for job in claimed] == [*order, None]
    assert claimed[0].created == CAME
    log = store.log(before.begun, 0, 10)
    assert [event.seq for event in log.events] == [1, 2, 3]
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
        Store(engine, lambda job, seq: None)
    assert caught.value.code == "database_newer"
