import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import pytest

from jobs.conftest import add_picture
from jobs.fake_engine import PATIENCE
from nst.jobs.events import LocalWake, Logs, follow
from nst.jobs.ids import new_id
from nst.jobs.models import Event, Job, JobSpec, StyleRef
from nst.jobs.records.database import open_sqlite
from nst.jobs.records.store import Log, Store


class CountingStore(Store):
    """Counts how often the log is read."""

    reads = 0

    def log(self, job_id: str, after: int, limit: int) -> Log | None:
        read = super().log(job_id, after, limit)
        self.reads += 1
        return read


@pytest.fixture
def wake() -> LocalWake:
    return LocalWake()


@pytest.fixture
def store(tmp_path: Path, wake: LocalWake) -> Iterator[CountingStore]:
    made = CountingStore(open_sqlite(tmp_path / "test.db"), wake.announce)
    yield made
    made.close()


@pytest.fixture
def job(store: CountingStore) -> Job:
    spec = JobSpec(content=add_picture(store), styles=[StyleRef(image=add_picture(store))])
    made = Job(id=new_id(), owner="ada", spec=spec, state="queued", steps=3, created=datetime.now(UTC))
    store.add_job(made, 10, 10)
    store.claim()
    return made


def run(test: Callable[[], Awaitable[None]]) -> None:
    async def patiently() -> None:
        await asyncio.wait_for(test(), PATIENCE)

    asyncio.run(patiently())


async def gather(
    store: Store, wake: LocalWake, job: Job, after: int = 0, logs: Logs | None = None
) -> list[Event]:
    batches = follow(logs or Logs(store), wake, job.id, after)
    return [event async for batch in batches for event in batch]


async def until_listening(wake: LocalWake, job: Job, readers: int = 1) -> None:
    while len(wake._listeners.get(job.id, ())) < readers:
        await asyncio.sleep(0.001)


def test_a_reader_is_woken_and_ends_with_the_job(store: CountingStore, wake: LocalWake, job: Job) -> None:
    async def test() -> None:
        reading = asyncio.create_task(gather(store, wake, job))
        await until_listening(wake, job)
        await asyncio.to_thread(store.record_preview, job.id)
        await asyncio.sleep(0.1)
        assert not reading.done()
        await asyncio.to_thread(store.move, job.id, ("running",), "done", result=(64, 48))
        events = await reading
        assert [event.seq for event in events] == [1, 2, 3, 4, 5]
        assert [event.kind for event in events] == ["state", "state", "preview", "result", "state"]
        assert not wake._listeners

    run(test)


def test_a_reader_goes_on_after_the_number_it_knows(store: CountingStore, wake: LocalWake, job: Job) -> None:
    store.move(job.id, ("running",), "done")

    async def test() -> None:
        assert [event.seq for event in await gather(store, wake, job, after=1)] == [2, 3]
        assert await gather(store, wake, job, after=3) == []
        assert await gather(store, wake, job, after=999) == []

    run(test)


def test_a_reader_ahead_of_the_log_still_hears_the_end(
    store: CountingStore, wake: LocalWake, job: Job
) -> None:
    async def test() -> None:
        reading = asyncio.create_task(gather(store, wake, job, after=999))
        while not store.reads:
            await asyncio.sleep(0.001)
        await asyncio.to_thread(store.move, job.id, ("running",), "done")
        assert [event.seq for event in await reading] == [3]

    run(test)


def test_nothing_is_lost_while_many_read_what_many_write(
    store: CountingStore, wake: LocalWake, job: Job
) -> None:
    def write() -> None:
        for _ in range(40):
            store.record_preview(job.id)

    async def test() -> None:
        readers = [asyncio.create_task(gather(store, wake, job)) for _ in range(5)]
        writers = [Thread(target=write) for _ in range(3)]
        for writer in writers:
            writer.start()
        for writer in writers:
            await asyncio.to_thread(writer.join)
        await asyncio.to_thread(store.move, job.id, ("running",), "done")
        for events in await asyncio.gather(*readers):
            assert [event.seq for event in events] == list(range(1, 124))

    run(test)


def test_silence_costs_the_database_nothing(store: CountingStore, wake: LocalWake, job: Job) -> None:
    async def test() -> None:
        readers = [asyncio.create_task(gather(store, wake, job)) for _ in range(20)]
        await until_listening(wake, job, 20)
        while store.reads < 20:
            await asyncio.sleep(0.001)
        await asyncio.sleep(0.3)
        assert store.reads == 20
        wake.announce(new_id(), 99)
        await asyncio.sleep(0.1)
        assert store.reads == 20
        await asyncio.to_thread(store.delete, "ada", job.id)
        await asyncio.gather(*readers)

    run(test)


def test_what_many_wait_for_is_read_once(store: CountingStore, wake: LocalWake, job: Job) -> None:
    async def test() -> None:
        logs = Logs(store)
        readers = [asyncio.create_task(gather(store, wake, job, logs=logs)) for _ in range(50)]
        await until_listening(wake, job, 50)
        while store.reads < 1:
            await asyncio.sleep(0.001)
        await asyncio.sleep(0.1)
        assert store.reads == 1
        await asyncio.to_thread(store.move, job.id, ("running",), "done")
        for events in await asyncio.gather(*readers):
            assert [event.seq for event in events] == [1, 2, 3]
        assert store.reads < 10  # two, unless the processor was elsewhere

    run(test)


def test_who_leaves_in_the_middle_takes_nothing_from_the_others(
    store: CountingStore, wake: LocalWake, job: Job
) -> None:
    async def test() -> None:
        logs = Logs(store)
        leaving = asyncio.create_task(logs.read(job.id, 0))
        staying = asyncio.create_task(logs.read(job.id, 0))
        await asyncio.sleep(0)
        leaving.cancel()
        read = await staying
        assert read is not None
        assert [event.seq for event in read.events] == [1, 2]

    run(test)


def test_a_log_that_cannot_be_read_fails_for_all_and_not_the_next_time(
    store: CountingStore, wake: LocalWake, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError("the disk is gone")

    async def test() -> None:
        logs = Logs(store)
        with monkeypatch.context() as broken:
            broken.setattr(store, "log", fail)
            both = await asyncio.gather(logs.read(job.id, 0), logs.read(job.id, 0), return_exceptions=True)
        assert [type(one) for one in both] == [OSError, OSError]
        assert await logs.read(job.id, 0) is not None

    run(test)


def test_a_burst_is_read_in_few_batches(store: CountingStore, wake: LocalWake, job: Job) -> None:
    def burst() -> None:
        for _ in range(200):
            store.record_preview(job.id)
        store.move(job.id, ("running",), "done")

    async def test() -> None:
        reading = asyncio.create_task(gather(store, wake, job))
        await until_listening(wake, job)
        await asyncio.to_thread(burst)
        assert len(await reading) == 203
        assert store.reads < 100

    run(test)


def test_a_deleted_job_lets_its_readers_go(store: CountingStore, wake: LocalWake, job: Job) -> None:
    async def test() -> None:
        reading = asyncio.create_task(gather(store, wake, job))
        await until_listening(wake, job)
        await asyncio.to_thread(store.delete, "ada", job.id)
        await reading

    run(test)


def test_closing_lets_everyone_go(store: CountingStore, wake: LocalWake, job: Job) -> None:
    async def test() -> None:
        readers = [asyncio.create_task(gather(store, wake, job)) for _ in range(3)]
        await until_listening(wake, job, 3)
        wake.close()
        await asyncio.gather(*readers)

    run(test)


def test_a_quiet_reader_gets_empty_batches(store: CountingStore, wake: LocalWake, job: Job) -> None:
    async def test() -> None:
        batches = [len(batch) async for batch in _first(follow(Logs(store), wake, job.id, 2, quiet=0.01), 3)]
        assert batches == [0, 0, 0]

    run(test)


async def _first(batches, count: int):
    async for batch in batches:
        yield batch
        count -= 1
        if not count:
            await batches.aclose()
            return


def test_a_reader_whose_loop_has_ended_does_not_disturb_the_writer(
    store: CountingStore, wake: LocalWake, job: Job
) -> None:
    async def listen() -> None:
        listening = wake.listen(job.id)
        listening.__enter__()
        left_open.append(listening)

    left_open: list = []
    asyncio.run(listen())
    assert store.record_preview(job.id)
    left_open[0].__exit__(None, None, None)
    assert not wake._listeners
