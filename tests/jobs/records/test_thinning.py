"""What is left of the log of a finished job, and that those who read it do not mind."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from jobs.conftest import AddJob, numbers
from sqlalchemy import select, update

from components.reading import Reading
from nst.jobs.events import LocalWake, Logs, follow
from nst.jobs.models import Event, State
from nst.jobs.records.schema import jobs
from nst.jobs.records.store import Store
from nst.jobs.records.thinning import MOST, thin_one

STEPS = 400
ALL = range(1, STEPS + 1)
CHANGED = 123  # a change came after this step, and a preview between the two


def painted(store: Store, add: AddJob, steps: Sequence[int], state: State = "done") -> str:
    """A job that came to this state with the log that these steps leave."""
    job = add()
    store.claim()
    entries: list[tuple[str, dict[str, Any]]] = []
    for step in steps:
        entries.append(("step", numbers(step) | {"steps": max(steps), "seconds_left": None}))
        if step % 41 == 0:
            entries.append(("preview", {"seq": step // 41}))
        if step == CHANGED:
            entries.append(("change", {"step": step, "changed": {"style_weight": 2.0}}))
    with store.write() as change:
        change.advance(job.id, ("running",), entries, step=max(steps), steps=max(steps))
    if state != "running":
        assert store.move(job.id, ("running",), state, result=(64, 48))
    return job.id


def thin_all(store: Store) -> int:
    """Of how many jobs the log was thinned."""
    count = 0
    while thin_one(store, datetime.now(UTC) + timedelta(seconds=1)):
        count += 1
    return count


def whole(store: Store, job: str, after: int = 0) -> list[Event]:
    log = store.log(job, after, 10_000)
    assert log is not None
    return log.events


def steps_of(events: list[Event]) -> list[int]:
    return [int(str(event.data["step"])) for event in events if event.kind == "step"]


@pytest.mark.parametrize("state", ["done", "failed", "cancelled"])
def test_a_long_log_keeps_its_ends_what_is_beside_a_change_and_others_evenly(
    store: Store, add: AddJob, state: State
) -> None:
    job, other = painted(store, add, ALL, state), painted(store, add, ALL, "running")
    before, others = whole(store, job), whole(store, other)
    assert thin_all(store) == 1
    after = whole(store, job)
    steps = steps_of(after)
    assert len(steps) <= MOST + 4
    assert {1, CHANGED, CHANGED + 1, STEPS} <= set(steps)
    assert max(right - left for left, right in pairwise(steps)) <= 3
    assert [event for event in before if event.kind not in ("step", "preview")] == [
        event for event in after if event.kind not in ("step", "preview")
    ]
    assert {event.seq for event in after} <= {event.seq for event in before}
    assert [event.data["seq"] for event in after if event.kind == "preview"] == [STEPS // 41]
    assert whole(store, other) == others, "what is under way is left alone"


def test_a_log_with_few_steps_keeps_them(store: Store, add: AddJob) -> None:
    job = painted(store, add, range(1, MOST + 1))
    assert thin_all(store) == 1
    assert steps_of(whole(store, job)) == list(range(1, MOST + 1))


def test_of_what_was_painted_twice_the_first_stays(store: Store, add: AddJob) -> None:
    job = painted(store, add, [*range(1, 61), *range(50, 101)])  # it went on from its checkpoint
    thin_all(store)
    assert steps_of(whole(store, job)) == list(range(1, 101))


def test_a_job_that_ended_just_now_keeps_its_log_a_while(store: Store, add: AddJob) -> None:
    job = painted(store, add, ALL)
    with store.read() as connection:
        finished = connection.scalar(select(jobs.c.finished))
    assert not thin_one(store, finished)
    assert steps_of(whole(store, job)) == list(ALL)
    assert thin_one(store, finished + timedelta(seconds=1))
    assert steps_of(whole(store, job)) != list(ALL)


def test_of_many_who_thin_at_once_each_takes_another_log(store: Store, add: AddJob) -> None:
    made = [painted(store, add, ALL) for _ in range(9)]
    with ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(thin_all, [store] * 4))
    assert sum(counts) == len(made)
    assert all(len(steps_of(whole(store, job))) <= MOST + 4 for job in made)


@pytest.mark.parametrize("steps", [160, 1100])
def test_what_is_thinned_is_a_curve_still_and_thinning_it_again_takes_nothing(
    store: Store, add: AddJob, steps: int
) -> None:
    job = painted(store, add, range(1, steps + 1))
    thin_all(store)
    after = whole(store, job)
    drawn = [point.step for point in Reading(job).advanced(after).points]
    assert (drawn[0], drawn[-1]) == (1, steps)
    assert MOST / 2 <= len(drawn) <= MOST + 4
    assert max(right - left for left, right in pairwise(drawn)) <= 2 * steps / MOST + 1
    assert thin_all(store) == 0
    with store.write() as change:  # as of a version that did not thin them
        change.connection.execute(update(jobs).values(thinned=False))
    assert thin_all(store) == 1
    assert whole(store, job) == after


def test_a_reader_in_mid_log_goes_on_to_the_end(store: Store, add: AddJob) -> None:
    job = painted(store, add, ALL)
    seen = next(event.seq for event in whole(store, job) if event.data.get("step") == 203)
    thin_all(store)
    assert seen not in [event.seq for event in whole(store, job)]

    async def rest() -> list[Event]:
        return [event async for batch in follow(Logs(store), LocalWake(), job, seen) for event in batch]

    events = asyncio.run(asyncio.wait_for(rest(), 20))
    assert events == whole(store, job, seen)
    assert events[-1].data == {"state": "done"}
    assert steps_of(events)[-1] == STEPS
