from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread

import pytest
from jobs.fake_engine import FakeEngine, wait_until
from sqlalchemy import Engine
from video.painters import Negative

from nst.jobs.filing.files import Folder
from nst.jobs.painters.leased_worker import LeasedWorker
from nst.jobs.painters.speed import Speed
from nst.jobs.records.leases import Leases
from nst.jobs.records.store import Store


@pytest.fixture
def painter(store: Store, tmp_path: Path, engine: FakeEngine) -> Iterator[LeasedWorker]:
    files = Folder(tmp_path / "files")
    files.write("made", b"")
    made = LeasedWorker(store, files, Speed(files), engine.load, lambda styles, options: Negative())
    made.start()
    yield made
    made.close()


def waiting(painter: LeasedWorker) -> Thread:
    thread = Thread(target=painter.wait_until_idle, daemon=True)
    thread.start()
    return thread


def test_who_waits_until_it_is_idle_is_let_go_when_it_is(painter: LeasedWorker) -> None:
    painter.poke()
    thread = waiting(painter)
    wait_until(lambda: not thread.is_alive())


def test_word_of_work_that_comes_when_it_closes_keeps_nobody_waiting(painter: LeasedWorker) -> None:
    wait_until(painter._idle.is_set)
    painter.close()
    painter.poke()
    thread = waiting(painter)
    wait_until(lambda: not thread.is_alive())


def test_it_is_heard_of_until_it_closes(painter: LeasedWorker, database: Callable[[], Engine]) -> None:
    other = Store(database(), lambda job, seq: None)
    wait_until(lambda: [worker for worker in Leases(other).live() if worker.is_ready])
    painter.close()
    assert Leases(other).live() == []
    other.close()
