from collections.abc import Callable

import pytest
from jobs.conftest import AddJob

from nst.jobs.models import Group
from nst.jobs.records.store import Store


def order(store: Store) -> list[str]:
    """Whose jobs are painted, one after the other; each is finished before the next begins."""
    owners = []
    while (job := store.claim()) is not None:
        owners.append(job.owner)
        store.move(job.id, ("running",), "done")
    return owners


def test_clients_take_turns_however_many_jobs_they_have(store: Store, add: AddJob) -> None:
    for owner in ["ada"] * 5 + ["bob"] * 2 + ["cyd"]:
        add(owner)
    assert order(store) == ["ada", "bob", "cyd", "ada", "bob", "ada", "ada", "ada"]


def test_who_comes_late_waits_for_one_job_of_each_and_not_for_a_hundred(store: Store, add: AddJob) -> None:
    for _ in range(100):
        add("ada")
    for _ in range(40):
        store.move(store.claim().id, ("running",), "done")
    late = add("bob")
    assert store.job(late.id).position == 2
    assert order(store)[:3] == ["ada", "bob", "ada"]


def test_a_flood_of_newcomers_starves_nobody(store: Store, add: AddJob) -> None:
    for _ in range(3):
        add("ada")
    seen = []
    for index in range(12):
        add(f"new {index}")
        add(f"newer {index}")
        job = store.claim()
        seen.append(job.owner)
        store.move(job.id, ("running",), "done")
    assert seen.count("ada") == 3


def test_who_is_being_painted_has_had_a_turn(store: Store, add: AddJob) -> None:
    add("ada")
    store.claim()
    for owner in ("ada", "bob", "bob"):
        add(owner)
    assert order(store) == ["ada", "bob", "bob"]
    add("ada")
    store.claim()
    for owner in ("bob", "bob", "ada"):
        add(owner)
    assert order(store) == ["bob", "bob", "ada"]


def test_cancelled_jobs_are_not_held_against_a_client(store: Store, add: AddJob) -> None:
    kept = add("bob")
    for job in [add("ada") for _ in range(20)]:
        store.move(job.id, ("queued",), "cancelled")
    late = add("ada")
    assert [store.job(job.id).position for job in (kept, late)] == [1, 2]


def test_positions_are_the_order_of_painting(store: Store, add: AddJob) -> None:
    jobs = [add(owner) for owner in ["ada"] * 4 + ["bob"] * 3 + ["cyd"]]
    places = {store.job(job.id).position: job.id for job in jobs}
    pages = {job.position: job.id for owner in ("ada", "bob", "cyd") for job in store.jobs(owner, 9, None)[0]}
    assert sorted(places) == list(range(1, 9))
    assert pages == places
    assert [store.claim().id for _ in jobs] == [places[place] for place in range(1, 9)]


def test_lanes_go_one_after_the_other(store: Store, add: AddJob, add_group: Callable[..., list[str]]) -> None:
    members = add_group("ada", 3)
    single, resumed = add("bob"), add("bob")
    store.move(single.id, ("queued",), "cancelled")
    assert store.claim().id == resumed.id
    store.move(resumed.id, ("running",), "paused")
    new = add("cyd")
    assert store.claim().id == new.id
    begun = store.claim().id
    assert begun == members[0]
    for job_id in (begun, resumed.id):
        store.move(job_id, ("running", "paused"), "queued")
    latest = add("dot")
    line = [store.claim().id for _ in range(5)]
    assert line == [resumed.id, begun, latest.id, *members[1:]]


def test_groups_take_turns_among_themselves(store: Store, add_group: Callable[..., list[str]]) -> None:
    add_group("ada", 3)
    add_group("bob", 2)
    assert order(store) == ["ada", "bob", "ada", "bob", "ada"]


@pytest.fixture
def add_group(store: Store, add: AddJob) -> Callable[..., list[str]]:
    def add_one(owner: str, count: int) -> list[str]:
        model = add(owner)
        store.delete(owner, model.id)
        ids = [f"{owner:x<31}{index}" for index in range(count)]
        group = Group(
            id=f"{owner:y<32}", owner=owner, title=None, axes=[], members=ids, created=model.created
        )
        members = [model.model_copy(update={"id": one, "group": group.id}) for one in ids]
        store.add_group(group, members, 100, 1000)
        return ids

    return add_one
