import asyncio
import io
import json
from dataclasses import asdict, replace

import pytest
from dash._callback_context import context_value
from dash._utils import AttributeDict
from jobs.fake_engine import PATIENCE, picture, wait_until
from open_pages import ADA, BOB, Page, becomes, keep, opened

from components import broadcast, controls, feed, ids
from components.broadcast import Broadcasts
from components.reading import Reading
from nst.jobs.models import Job, JobSpec, StyleRef
from nst.jobs.records.store import Store
from nst.jobs.studio import Studio
from nst.options import Options


def spec_for(studio: Studio, owner: str = ADA, steps: int = 5) -> JobSpec:
    image, _ = studio.add_image(owner, io.BytesIO(picture()))
    return JobSpec(content=image.id, styles=[StyleRef(image=image.id)], options=Options(size=64, steps=steps))


@pytest.fixture
def finished(studio: Studio) -> Job:
    job = studio.submit(ADA, spec_for(studio, steps=5))
    wait_until(lambda: studio.job(ADA, job.id).state == "done")
    return studio.job(ADA, job.id)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "send", keep)
    monkeypatch.setattr(feed, "BEAT_EVERY", 0.02)
    monkeypatch.setattr(broadcast, "TICK", 0.0)


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The jobs whose rows or logs were read."""
    found: list[str] = []
    for name in ("job", "log", "state"):
        asked = getattr(Store, name)

        def counted(self: Store, job_id: str, *given: object, asked=asked) -> object:
            found.append(job_id)
            return asked(self, job_id, *given)

        monkeypatch.setattr(Store, name, counted)
    return found


def curve(page: Page) -> list[int]:
    """The steps of the curves as they were first drawn."""
    (graph,) = page.told[ids.LOSSES_PLACE]["children"]
    return graph.figure["data"][0]["x"]


def test_a_look_reads_the_whole_log_after_the_last_known_event(studio, finished):
    job, reading = feed.look(studio, ADA, Reading(finished.id))
    assert job.state == "done"
    assert [point.step for point in reading.points] == [1, 2, 3, 4, 5]
    assert feed.look(studio, ADA, reading)[1] is reading


def test_a_page_that_shows_a_finished_painting_hears_of_it_once(studio, finished):
    page = Page(finished.id)

    async def visit() -> None:
        async with opened(Broadcasts(studio), page):
            await becomes(lambda: ids.PICTURE in page.told)
            before = page.beats
            await becomes(lambda: page.beats > before + 5)

    asyncio.run(visit())
    assert [update.keys() == {ids.PICTURE} for update in page.updates] == [False, True]
    assert page.told[ids.PAGE] == {"data-state": "done"}
    assert page.told[ids.RESULT]["data"]["result"] == f"/api/v1/jobs/{finished.id}"
    assert curve(page) == [1, 2, 3, 4, 5]


def test_a_page_that_waits_in_line_is_told_only_what_changes(studio, engine, monkeypatch):
    monkeypatch.setattr(broadcast, "LOOK_EVERY", 0.02)  # the log of a job that waits is silent
    engine.hold()
    first, second, third = (studio.submit(ADA, spec_for(studio)) for _ in range(3))
    page = Page(third.id)

    async def visit() -> None:
        async with opened(Broadcasts(studio), page):
            await becomes(lambda: page.told.get(ids.STATUS) == {"children": "2nd in line"})
            await asyncio.to_thread(studio.cancel, ADA, second.id)
            await becomes(lambda: page.told[ids.STATUS] == {"children": "Next in line"})

    asyncio.run(visit())
    assert page.updates[-1].keys() == {ids.STATUS, ids.ANNOUNCER}
    studio.cancel(ADA, first.id)


def test_the_feed_turns_to_another_painting(studio, finished):
    other = studio.submit(ADA, spec_for(studio, steps=2))
    wait_until(lambda: studio.job(ADA, other.id).state == "done")
    page = Page(finished.id)

    async def visit() -> None:
        async with opened(Broadcasts(studio), page):
            await becomes(lambda: page.told)
            assert curve(page) == [1, 2, 3, 4, 5]
            page.shown = other.id  # and nobody tells
            await becomes(lambda: curve(page) == [1, 2])

    asyncio.run(visit())


def test_a_turn_that_is_told_is_followed_without_asking(studio, engine, monkeypatch):
    monkeypatch.setattr(feed, "BEAT_EVERY", 3600.0)
    engine.hold()
    first, second = (studio.submit(ADA, spec_for(studio)) for _ in range(2))
    page = Page(first.id)

    async def visit() -> None:
        async with opened(Broadcasts(studio), page):
            engine.step(2)
            await becomes(lambda: page.told.get(ids.STATUS) == {"children": "Painting, step 2 of 5"})
            page.turn(second.id)
            await becomes(lambda: page.told[ids.STATUS] == {"children": "Next in line"})
            page.turn(None)
            await becomes(lambda: page.told[ids.PAGE] == {"data-state": "empty"})
            assert page.beats == 1

    asyncio.run(visit())


def test_a_painting_that_is_gone_is_said_to_be_lost(studio, finished):
    studio.delete(ADA, finished.id)
    assert lost(studio, finished.id)


def test_a_painting_that_goes_while_it_is_shown_is_said_to_be_lost(studio, engine):
    engine.hold()
    job = studio.submit(ADA, spec_for(studio))
    page = Page(job.id)

    async def visit() -> None:
        async with opened(Broadcasts(studio), page):
            await becomes(lambda: page.told)
            await asyncio.to_thread(studio.delete, ADA, job.id)
            await becomes(lambda: page.told.get(ids.JOB) == {"data": None})

    asyncio.run(visit())
    assert "not here any more" in page.told[ids.NOTICE]["children"]


def test_nobody_hears_of_other_visitors_paintings(studio):
    job = studio.submit(BOB, spec_for(studio, BOB))
    assert lost(studio, job.id)


def lost(studio: Studio, job_id: str) -> bool:
    """Whether a page of Ada's is told of this painting that it is not there, and nothing else."""
    page = Page(job_id)

    async def visit() -> None:
        async with opened(Broadcasts(studio), page):
            await becomes(lambda: page.updates)
            before = page.beats
            await becomes(lambda: page.beats > before + 3)

    asyncio.run(visit())
    (told,) = page.updates
    assert "not here any more" in told[ids.NOTICE]["children"]
    return told[ids.JOB] == {"data": None} and told[ids.PAGE] == {"data-state": "empty"}


def test_the_stream_of_a_page_that_no_longer_answers_ends(studio, engine):
    engine.hold()
    page = Page(studio.submit(ADA, spec_for(studio)).id)

    async def visit() -> None:
        live = asyncio.create_task(page.live(Broadcasts(studio)))
        await becomes(lambda: page.told)
        page.is_open = False
        await asyncio.wait_for(live, PATIENCE)
        await becomes(lambda: asyncio.all_tasks() == {asyncio.current_task()})  # nobody follows any more

    asyncio.run(visit())


@pytest.mark.parametrize("state", ["empty", "done"])
def test_a_page_with_nothing_under_way_reads_nothing(studio, finished, reads, state):
    page = Page(finished.id if state == "done" else None)

    async def visit() -> None:
        async with opened(Broadcasts(studio), page):
            await becomes(lambda: page.beats > 3 and bool(page.updates) == (state == "done"))
            reads.clear()
            before = page.beats
            await becomes(lambda: page.beats > before + 5)

    asyncio.run(visit())
    assert reads == []


def test_a_page_with_a_silent_painting_reads_nothing(studio, engine, reads, monkeypatch):
    monkeypatch.setattr(broadcast, "LOOK_EVERY", 3600.0)
    engine.hold()
    page = Page(studio.submit(ADA, spec_for(studio)).id)

    async def is_silent() -> bool:
        reads.clear()
        before = page.beats
        await becomes(lambda: page.beats > before + 5)
        return page.shown not in reads

    async def visit() -> None:
        async with opened(Broadcasts(studio), page), asyncio.timeout(PATIENCE):
            await becomes(lambda: page.told.get(ids.STATUS) == {"children": "Setting up the easel"})
            while not await is_silent():  # the last of its beginning may still be on its way
                pass

    asyncio.run(visit())


def test_a_cleared_page_is_cleared_again_after_late_news(studio, finished):
    page = Page(finished.id)

    async def visit() -> None:
        async with opened(Broadcasts(studio), page):
            await becomes(lambda: page.told)
            page.turn(None)
            await becomes(lambda: page.told[ids.PAGE] == {"data-state": "empty"})

    asyncio.run(visit())
    assert page.told[ids.PICTURE]["src"] == ""


def test_the_stream_ends_at_once_where_there_is_no_websocket(server):
    dash_callbacks = server.state.dash.callback_map
    stream = next(entry for entry in dash_callbacks.values() if entry.get("websocket"))
    token = context_value.set(AttributeDict({"updated_props": {}}))
    try:
        asyncio.run(asyncio.wait_for(stream["callback"].__wrapped__(), 5))
    finally:
        context_value.reset(token)


def test_the_page_tells_over_its_websocket_to_what_it_turned(page, engine, monkeypatch):
    monkeypatch.setattr(feed, "BEAT_EVERY", PATIENCE)
    monkeypatch.setattr(feed, "PAGE_TIMEOUT", 10.0)
    engine.hold()
    known = {ids.option(name): value for name, value in controls.values_of(Options(size=64)).items()}
    first, second = (page.fire(ids.EXAMPLES[0], "n_clicks", 1, **known)[ids.JOB]["data"] for _ in range(2))
    origin = {"origin": "http://testserver"}
    with page.client.websocket_connect("/_dash-ws-callback", headers=origin) as websocket:
        socket = Socket(websocket, page.client)
        socket.call(lambda callback: callback["persistent"], {})
        socket.answers[ids.JOB] = first
        socket.until(ids.STATUS, "children", "Setting up the easel")
        name = socket.told[ids.FEED_NAME]["data"]
        del socket.answers[ids.JOB]  # it is not asked
        socket.call(
            lambda callback: callback["websocket"] and callback["inputs"],
            {ids.JOB: second, ids.FEED_NAME: name},
        )
        socket.until(ids.STATUS, "children", "Next in line")


class Socket:
    """Speaks as the browser does over the page's websocket."""

    def __init__(self, websocket, client) -> None:
        self._websocket = websocket
        self._callbacks = client.get("/_dash-dependencies").json()
        self._streams = [one["output"] for one in self._callbacks if one["persistent"]]
        self.answers = {ids.CLIENT_TOKEN: _token(client.get("/_dash-layout").json())}
        self.told: dict = {}

    def call(self, wanted, known: dict[str, object]) -> None:
        callback = next(one for one in self._callbacks if wanted(one))
        filled = {
            part: [one | {"value": known[one["id"]]} for one in callback[part]]
            for part in ("inputs", "state")
        }
        changed = [f"{one['id']}.{one['property']}" for one in callback["inputs"]]
        payload = {"output": callback["output"], "outputs": [], "changedPropIds": changed, **filled}
        message = {"type": "callback_request", "requestId": callback["output"], "rendererId": "1"}
        self._websocket.send_json(message | {"payload": payload})

    def until(self, element: str, prop: str, value: object) -> None:
        while self.told.get(element, {}).get(prop) != value:
            messages = self._websocket.receive_json()
            for message in messages if isinstance(messages, list) else [messages]:
                self._hear(message)

    def _hear(self, message: dict) -> None:
        assert message.get("requestId") not in self._streams, "the feed ended"
        payload = message["payload"]
        if message["type"] == "set_props":
            self.told.setdefault(payload["componentId"], {}).update(payload["props"])
        elif message["type"] == "get_props_request" and payload["componentId"] in self.answers:
            answer = {"type": "get_props_response", "requestId": message["requestId"]}
            props = {payload["properties"][0]: self.answers[payload["componentId"]]}
            self._websocket.send_json(answer | {"payload": props})


def _token(layout: object) -> object:
    """The token in the page's layout, wherever it is."""
    if isinstance(layout, dict):
        props = layout.get("props", {})
        return props["data"] if props.get("id") == ids.CLIENT_TOKEN else _token(props.get("children"))
    found = (_token(one) for one in layout) if isinstance(layout, list) else ()
    return next((one for one in found if one is not None), None)


def test_polling_reads_on_where_it_stopped(page, engine):
    engine.hold()
    values = controls.values_of(Options(size=64, steps=4))
    known = {ids.option(name): value for name, value in values.items()}
    job = page.fire(ids.EXAMPLES[0], "n_clicks", 1, **known)[ids.JOB]["data"]
    engine.step(2)
    wait_until(lambda: page.client.get(f"/api/v1/jobs/{job}").json()["step"] == 2)
    first = page.fire(ids.FEED_POLL, "data", 111, **{ids.JOB: job})
    assert first[ids.FEED_BEAT]["data"] == 111
    (graph,) = first[ids.LOSSES_PLACE]["children"]
    assert graph["props"]["figure"]["data"][0]["x"] == [1, 2]
    engine.step(1)
    wait_until(lambda: page.client.get(f"/api/v1/jobs/{job}").json()["step"] == 3)
    cursor = first[ids.FEED_CURSOR]["data"]
    second = page.fire(ids.FEED_POLL, "data", 222, **{ids.JOB: job, ids.FEED_CURSOR: cursor})
    assert json.loads(second[ids.LOSSES_POINTS]["data"])["x"] == [3]
    assert ids.LOSSES_PLACE not in second


def test_polling_without_a_painting_is_a_sign_of_life(page):
    assert page.fire(ids.FEED_POLL, "data", 5) == {ids.FEED_BEAT: {"data": 5}}


def test_a_cursor_of_another_painting_is_not_used(log):
    assert feed.resumed({"job": "other", "after": 9, "last": None}, "j1") == Reading("j1")


def test_a_cursor_keeps_all_but_the_points(log):
    reading = Reading("j1").advanced(log(1))
    cursor = json.loads(json.dumps(asdict(replace(reading, refused=(9, "The mask is gone."), points=()))))
    assert feed.resumed(cursor, "j1") == replace(reading, refused=(9, "The mask is gone."), points=())
