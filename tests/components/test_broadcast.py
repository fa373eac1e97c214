import asyncio
import io
import json
from contextlib import ExitStack

import pytest
from jobs.fake_engine import FakeEngine, picture, wait_until
from open_pages import ADA, Page, becomes, keep, opened
from sqlalchemy.exc import TimeoutError as NoConnection

from components import broadcast, feed, ids
from components.broadcast import Broadcasts
from nst.jobs.models import JobSpec, StyleRef
from nst.jobs.records.store import Store
from nst.jobs.studio import Studio
from nst.jobs.troubles import BUSY
from nst.options import Options

PAGES = 50


@pytest.fixture
def job(studio: Studio, engine: FakeEngine) -> str:
    """A painting under way, of ten steps, as many of them painted as a test wants."""
    engine.hold()
    image, _ = studio.add_image(ADA, io.BytesIO(picture()))
    options = Options(size=64, steps=10)
    spec = JobSpec(content=image.id, styles=[StyleRef(image=image.id)], options=options)
    begun: str = studio.submit(ADA, spec).id
    wait_until(lambda: studio.job(ADA, begun).state == "running")
    return begun


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "send", keep)
    monkeypatch.setattr(feed, "BEAT_EVERY", 0.2)
    monkeypatch.setattr(broadcast, "TICK", 0.0)


def is_at(page: Page, step: int) -> bool:
    return page.told.get(ids.STATUS) == {"children": f"Painting, step {step} of 10"}


def drawn(page: Page) -> set[int]:
    """The steps of its curves: those that came with the graph, and those after it."""
    found: set[int] = set()
    for update in page.updates:
        for graph in update.get(ids.LOSSES_PLACE, {}).get("children", []):
            found = set(graph.figure["data"][0]["x"])
        if ids.LOSSES_POINTS in update:
            found.update(json.loads(update[ids.LOSSES_POINTS]["data"])["x"])
    return found


def test_pages_that_show_one_painting_share_its_reading(studio, engine, job, monkeypatch):
    reads: list[str] = []
    for name in ("job", "log"):
        asked = getattr(Store, name)

        def counted(self: Store, job_id: str, *given: object, asked=asked, name=name) -> object:
            if given and isinstance(given[0], str | int):  # the worker asks without an owner
                reads.append(name)
            return asked(self, job_id, *given)

        monkeypatch.setattr(Store, name, counted)
    told: list[object] = []
    between = broadcast.news.between
    monkeypatch.setattr(broadcast.news, "between", lambda *given: told.append(given) or between(*given))
    pages = [Page(job) for _ in range(PAGES)]

    async def visit() -> None:
        async with opened(Broadcasts(studio), *pages):
            engine.step(1)
            await becomes(lambda: all(is_at(page, 1) for page in pages))
            reads.clear()
            told.clear()
            engine.step(1)
            await becomes(lambda: all(is_at(page, 2) for page in pages))

    asyncio.run(visit())
    assert 0 < len(reads) < PAGES / 2
    assert 0 < len(told) < PAGES / 2
    assert all(page.told[ids.PROGRESS] is pages[0].told[ids.PROGRESS] for page in pages)


def test_who_comes_late_is_told_the_whole(studio, engine, job):
    early, late = Page(job), Page()

    async def visit() -> None:
        async with opened(Broadcasts(studio), early, late):
            engine.step(2)
            await becomes(lambda: is_at(early, 2))
            late.turn(job)
            await becomes(lambda: is_at(late, 2))
            engine.step(1)
            await becomes(lambda: drawn(early) == drawn(late) == {1, 2, 3})

    asyncio.run(visit())
    assert late.told[ids.BEFORE] == early.told[ids.BEFORE]
    assert sum(ids.BEFORE in update for update in late.updates) == 1, "afterwards it is told what changes"


def test_who_missed_something_is_told_the_whole(studio, engine, job):
    async def visit() -> None:
        broadcasts = Broadcasts(studio)
        with ExitStack() as stack:
            heard = stack.enter_context(broadcasts.heard(ADA, job, asyncio.Event()))
            await becomes(lambda: heard.number)
            engine.step(1)
            await becomes(lambda: heard.number > 1)
            assert ids.BEFORE not in heard.since(heard.number - 1)
            assert ids.BEFORE in heard.since(heard.number - 2)
            assert heard.since(0) is heard.since(0), "worked out once"

    asyncio.run(visit())


def test_the_more_pages_the_fewer_pictures_each_of_them_gets(studio, engine, job, monkeypatch):
    monkeypatch.setattr(broadcast, "PICTURES", 1e-6)  # a page may have one in eleven days
    page = Page(job)

    async def visit() -> None:
        async with opened(Broadcasts(studio), page):
            await becomes(lambda: page.told)
            for step in (1, 2, 3):
                engine.step(1)
                await becomes(lambda step=step: is_at(page, step))
            assert len(pictures()) == 1
            await asyncio.to_thread(studio.pause, ADA, job)
            engine.step(1)
            await becomes(lambda: page.told[ids.PAGE] == {"data-state": "paused"})
            newest = (await asyncio.to_thread(studio.job, ADA, job)).preview_seq
            await becomes(lambda: str(page.told[ids.PICTURE]["src"]).endswith(f"seq={newest}"))

    def pictures() -> list[object]:
        return [update[ids.PICTURE]["src"] for update in page.updates if ids.PICTURE in update]

    asyncio.run(visit())


def test_trouble_of_the_storage_is_told_and_passes(studio, engine, job, monkeypatch):
    monkeypatch.setattr(broadcast, "LOOK_EVERY", 0.02)
    early, late = Page(job), Page()
    asked = Store.job

    def trouble(*_given: object) -> None:
        raise NoConnection

    async def visit() -> None:
        async with opened(Broadcasts(studio), early, late):
            engine.step(1)
            await becomes(lambda: is_at(early, 1))
            monkeypatch.setattr(Store, "job", trouble)
            await becomes(lambda: early.told[ids.DETAIL] == {"children": BUSY})
            late.turn(job)
            await becomes(lambda: late.told.get(ids.DETAIL) == {"children": BUSY})
            assert is_at(late, 1)
            monkeypatch.setattr(Store, "job", asked)
            await becomes(lambda: early.told[ids.DETAIL] == late.told[ids.DETAIL] != {"children": BUSY})

    asyncio.run(visit())


def test_a_fault_is_raised_in_every_page(studio, engine, job, monkeypatch):
    pages = [Page(job), Page(job)]

    async def visit() -> list[BaseException | None]:
        broadcasts = Broadcasts(studio)
        lives = [asyncio.create_task(page.live(broadcasts)) for page in pages]
        await becomes(lambda: all(page.told for page in pages))
        monkeypatch.setattr(broadcast.news, "between", lambda *given: {}["insides"])
        engine.step(1)
        return await asyncio.gather(*lives, return_exceptions=True)

    assert [type(error) for error in asyncio.run(visit())] == [KeyError, KeyError]
