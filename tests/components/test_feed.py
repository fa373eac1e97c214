import asyncio
import io
import json
from collections.abc import Iterator
from dataclasses import asdict, replace

import pytest
from dash._callback_context import context_value
from dash._utils import AttributeDict
from jobs.fake_engine import FakeEngine, picture, wait_until

from components import controls, feed, ids
from components.feed import Feed
from components.reading import Reading
from nst.jobs.models import Change, Job, JobSpec, StyleRef
from nst.jobs.studio import Studio
from nst.options import Options
from nst.settings import settings

ADA, BOB = "ada", "bob"


def spec_for(studio: Studio, owner: str = ADA, steps: int = 5) -> JobSpec:
    image, _ = studio.add_image(owner, io.BytesIO(picture()))
    return JobSpec(content=image.id, styles=[StyleRef(image=image.id)], options=Options(size=64, steps=steps))


class Browser:
    """Stands in for the page: says which painting it shows, and keeps what it is told."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.shown: list[str | None] = []
        self.told: list[dict] = []
        monkeypatch.setattr(feed, "send", self.told.append)
        monkeypatch.setattr(feed, "TICK", 0.0)
        monkeypatch.setattr(feed, "IDLE_TICK", 0.0)

    async def ask(self, element: str, prop: str) -> object:
        assert (element, prop) == (ids.JOB, "data")
        if not self.shown:
            raise TimeoutError  # the tab was closed
        return self.shown.pop(0)

    def follow(self, studio: Studio, *shown: str | None) -> list[dict]:
        """What the page is told while it shows these, one a look, and is then closed."""
        self.shown, self.told[:] = list(shown), []
        with pytest.raises(TimeoutError):
            asyncio.run(Feed(studio, ADA, self.ask).run())
        return [update for update in self.told if ids.FEED_BEAT not in update]


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Browser:
    return Browser(monkeypatch)


@pytest.fixture
def studio(engine: FakeEngine) -> Iterator[Studio]:
    opened = Studio(settings(), engine.load)
    opened.start()
    yield opened
    engine.let_go()
    opened.close()


@pytest.fixture
def finished(studio: Studio) -> Job:
    job = studio.submit(ADA, spec_for(studio, steps=5))
    wait_until(lambda: studio.job(ADA, job.id).state == "done")
    return studio.job(ADA, job.id)


def test_a_look_reads_the_whole_log_after_the_last_known_event(studio, finished):
    job, reading = feed.look(studio, ADA, Reading(finished.id))
    assert job.state == "done"
    assert [point.step for point in reading.points] == [1, 2, 3, 4, 5]
    assert feed.look(studio, ADA, reading)[1] is reading


def test_the_graph_travels_once_then_only_points(job, log):
    first = Reading("j1").advanced(log(1, 2))
    second = first.advanced(log(3, first_seq=3))
    opening = feed.news(job(step=2), Reading("j1"), first)
    assert opening[ids.LOSSES_PLACE]["children"][0].figure["data"][0]["x"] == [1, 2]
    assert ids.LOSSES_POINTS not in opening
    later = feed.news(job(step=3), first, second)
    assert ids.LOSSES_PLACE not in later
    assert later[ids.LOSSES_POINTS]["data"]["x"] == [1, 2, 3]


def test_no_news_sends_no_points(job, log):
    reading = Reading("j1").advanced(log(1))
    assert ids.LOSSES_POINTS not in feed.news(job(step=1), reading, reading)


def test_a_change_that_is_refused_in_mid_run_is_a_notice_once(job, log):
    first = Reading("j1").advanced(log(1))
    later = replace(first, after=9, refused=(9, "The mask is gone."))
    assert feed.news(job(), first, later)[ids.NOTICE]["children"] == "The mask is gone."
    assert ids.NOTICE not in feed.news(job(), later, later)
    assert ids.NOTICE not in feed.news(job(), Reading("j1"), later), "it is old when the page is opened"
    cursor = json.loads(json.dumps(asdict(replace(later, points=()))))
    assert feed.resumed(cursor, "j1") == replace(later, points=())


def test_the_marks_of_changes_travel_with_the_news(job, log):
    reading = Reading("j1").advanced(log(1))
    steered = job(step=9, changes=[Change(after=5, options={"steps": 40})])
    opening = feed.news(steered, Reading("j1"), reading)
    assert opening[ids.LOSSES_MARKS]["data"]["told"] == ["Step 5: Epochs 300 → 40"]
    assert opening[ids.LOSSES_PLACE]["children"][0].figure["layout"]["shapes"]


def test_a_page_that_shows_a_finished_painting_hears_of_it_once(browser, studio, finished):
    told = browser.follow(studio, finished.id, finished.id, finished.id)
    assert len(told) == 1
    assert told[0][ids.PAGE] == {"data-state": "done"}
    assert told[0][ids.RESULT]["data"]["result"] == f"/api/v1/jobs/{finished.id}"


def test_a_page_that_waits_in_line_is_told_only_what_changes(browser, studio, engine):
    engine.hold()
    studio.submit(ADA, spec_for(studio))
    second = studio.submit(ADA, spec_for(studio))
    first_look, second_look = browser.follow(studio, second.id, second.id)
    assert first_look[ids.STATUS]["children"] == "Next in line"
    assert second_look == {}


def test_the_feed_turns_to_another_painting(browser, studio, finished):
    other = studio.submit(ADA, spec_for(studio, steps=2))
    wait_until(lambda: studio.job(ADA, other.id).state == "done")
    told = browser.follow(studio, finished.id, other.id)
    graphs = [update[ids.LOSSES_PLACE]["children"][0] for update in told]
    assert [graph.figure["data"][0]["x"][-1] for graph in graphs] == [5, 2]


def test_a_painting_that_is_gone_is_said_to_be_lost(browser, studio, finished):
    studio.delete(ADA, finished.id)
    (told,) = browser.follow(studio, finished.id)
    assert told[ids.JOB] == {"data": None}
    assert "not here any more" in told[ids.NOTICE]["children"]


def test_nobody_hears_of_other_visitors_paintings(browser, studio):
    job = studio.submit(BOB, spec_for(studio, BOB))
    (told,) = browser.follow(studio, job.id)
    assert told[ids.PAGE] == {"data-state": "empty"}


def test_an_empty_page_is_only_told_that_the_studio_lives(browser, studio):
    assert browser.follow(studio, None, None) == []
    assert [ids.FEED_BEAT in update for update in browser.told] == [True]


def test_a_cleared_page_is_cleared_again_after_late_news(browser, studio, finished):
    told = browser.follow(studio, finished.id, None, None)
    assert [update[ids.PAGE]["data-state"] for update in told] == ["done", "empty"]


def test_the_stream_ends_at_once_where_there_is_no_websocket(server):
    dash_callbacks = server.state.dash.callback_map
    stream = next(entry for entry in dash_callbacks.values() if entry.get("websocket"))
    token = context_value.set(AttributeDict({"updated_props": {}}))
    try:
        asyncio.run(asyncio.wait_for(stream["callback"].__wrapped__(), 5))
    finally:
        context_value.reset(token)


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
    assert second[ids.LOSSES_POINTS]["data"]["x"] == [3]
    assert ids.LOSSES_PLACE not in second


def test_polling_without_a_painting_is_a_sign_of_life(page):
    assert page.fire(ids.FEED_POLL, "data", 5) == {ids.FEED_BEAT: {"data": 5}}


def test_a_cursor_of_another_painting_is_not_used(log):
    assert feed.resumed({"job": "other", "after": 9, "last": None}, "j1") == Reading("j1")
