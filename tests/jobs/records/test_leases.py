from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from jobs.conftest import AddJob, numbers
from sqlalchemy import Engine, func, select, update

from nst.jobs.filing.files import Folder
from nst.jobs.painters.recovery import recover
from nst.jobs.records import leases as leases_module
from nst.jobs.records.leases import Leases
from nst.jobs.records.schema import jobs, rounds, workers
from nst.jobs.records.store import Store


@pytest.fixture
def other(database: Callable[[], Engine]) -> Iterator[Store]:
    """Another worker's."""
    made = Store(database(), lambda job, seq: None)
    yield made
    made.close()


def beat(store: Store) -> None:
    Leases(store).beat(is_ready=True, trouble=None, speed={})


def fall_silent(store: Store, since: timedelta = timedelta(minutes=5)) -> None:
    """As if the worker of this store had not been heard of for so long."""
    with store.write() as change:
        mine = workers.c.name == store.worker
        known = change.connection.scalar(select(workers.c.beat).where(mine))
        change.connection.execute(update(workers).where(mine).values(beat=known - since))


def test_those_who_were_heard_of_lately_are_alive(store: Store, other: Store, add: AddJob) -> None:
    job = add()
    Leases(store).beat(is_ready=False, trouble="No weights.", speed={"rates": [1]})
    beat(store)
    Leases(other).beat(is_ready=False, trouble="No weights.", speed={"rates": [1]})
    store.claim()
    live = {worker.name: worker for worker in Leases(store).live()}
    first, second = live.pop(store.worker), live.pop(other.worker)
    assert live == {}
    assert (first.name, first.is_ready, first.trouble, first.job) == (store.worker, True, None, job.id)
    assert (second.is_ready, second.trouble, second.speed) == (False, "No weights.", {"rates": [1]})
    assert second.job is None
    fall_silent(store)
    assert [worker.name for worker in Leases(store).live()] == [other.worker]
    Leases(other).leave()
    assert Leases(store).live() == []


def test_the_job_of_a_living_worker_is_not_taken(store: Store, other: Store, add: AddJob) -> None:
    add()
    beat(store)
    job = store.claim()
    assert Leases(other).abandoned() == []
    assert not Leases(other).take(job)


def test_the_job_of_a_silent_worker_is_taken_once_and_never_given_back_to_it(
    store: Store, other: Store, add: AddJob, tmp_path: Path
) -> None:
    add()
    beat(store)
    job = store.claim()
    fall_silent(store)
    ((lost, crashes),) = Leases(other).abandoned()
    assert (lost.id, crashes) == (job.id, 0)
    assert Leases(other).take(lost)
    assert not Leases(other).take(lost)
    assert Leases(other).abandoned()[0][1] == 1
    recover(other, Folder(tmp_path), Leases(other))
    beat(other)
    assert other.claim().id == job.id
    beat(store)  # it was only slow
    assert store.record_step(job.id, numbers(3)).wish == "gone"
    assert not store.move(job.id, ("running",), "interrupted")
    assert other.record_step(job.id, numbers(1)).wish == "go"


def test_of_many_who_recover_at_once_one_does(
    store: Store, other: Store, add: AddJob, tmp_path: Path
) -> None:
    for _ in range(6):
        add()
        store.claim()
    beat(other)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: recover(other, Folder(tmp_path), Leases(other)), range(4)))
    with other.read() as connection:
        known = connection.execute(
            select(jobs.c.state, jobs.c.crashes, func.count()).group_by("state", "crashes")
        )
        assert list(known) == [("queued", 1, 6)]


def test_what_is_handed_back_is_anybodys_and_no_crash(store: Store, other: Store, add: AddJob) -> None:
    add()
    assert not Leases(store).hand_back()
    job = store.claim()
    assert not Leases(other).hand_back()
    assert Leases(store).hand_back()
    ((lost, crashes),) = Leases(other).abandoned()
    assert (lost.id, lost.state, crashes) == (job.id, "interrupted", 0)


def test_workers_that_died_long_ago_are_forgotten(store: Store, other: Store) -> None:
    beat(store)
    fall_silent(store, leases_module._FORGET * 2)
    beat(other)
    with store.read() as connection:
        assert list(connection.scalars(select(workers.c.name))) == [other.worker]


def test_of_many_who_would_look_for_lost_jobs_one_does_and_the_next_when_it_is_time(
    store: Store, other: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases_module, "BEAT_SECONDS", 3600.0)
    everybody = [Leases(store), Leases(other)] * 4
    for _ in range(3):
        with ThreadPoolExecutor(len(everybody)) as pool:
            told = list(pool.map(Leases.is_my_turn, everybody))
        assert sorted(told) == [False] * 7 + [True]
        with store.write() as change:  # so much later
            begun = change.connection.scalar(select(rounds.c.begun))
            change.connection.execute(update(rounds).values(begun=begun - timedelta(hours=1)))
