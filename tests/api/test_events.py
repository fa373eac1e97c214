import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from jobs.fake_engine import FakeEngine, picture

from nst.api import events as events_api
from nst.jobs.models import Event

from .conftest import Json, listening, problem

Make = Callable[..., Json]


def parse(text: str) -> list[tuple[int, str, Json]]:
    found = []
    for block in text.strip().split("\n\n"):
        if not block.startswith(":"):
            fields = dict(line.split(": ", 1) for line in block.split("\n"))
            assert list(fields) == ["id", "event", "data"]
            found.append((int(fields["id"]), fields["event"], json.loads(fields["data"])))
    return found


def test_the_stream_tells_everything_and_ends(client: TestClient, create: Make) -> None:
    job = create()
    answer = client.get(f"/api/v1/jobs/{job['id']}/events")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["cache-control"] == "no-store"
    told = parse(answer.text)
    assert [number for number, _, _ in told] == list(range(1, len(told) + 1))
    steps = [data["step"] for _, kind, data in told if kind == "step"]
    assert steps == [1, 2, 3, 4, 5]
    assert told[0][1:] == ("state", {"state": "queued"})
    assert told[-1][1:] == ("state", {"state": "done"})
    first_step = next(data for _, kind, data in told if kind == "step")
    place = {"step", "steps", "scale", "scales", "width", "height"}
    assert first_step.keys() == place | {"seconds", "seconds_left", "losses"}


def test_what_many_read_is_written_out_once_and_is_each_jobs_own() -> None:
    def batch(job: str, *numbers: int) -> list[Event]:
        moment = datetime.now(UTC)
        return [Event(job=job, seq=seq, kind="preview", data={"seq": seq}, created=moment) for seq in numbers]

    texts = events_api.Texts()
    text = texts.of(batch("a", 1, 2))
    assert parse(text) == [(1, "preview", {"seq": 1}), (2, "preview", {"seq": 2})]
    assert texts.of(batch("a", 1, 2)) is text
    assert parse(texts.of(batch("a", 2))) == [(2, "preview", {"seq": 2})]
    assert texts.of(batch("b", 1, 2)) is not text
    for number in range(texts.MOST):
        texts.of(batch("c", number))
    assert texts.of(batch("a", 1, 2)) is not text  # it is not kept for ever


@pytest.mark.parametrize("how", ["header", "query"])
def test_a_reader_goes_on_where_it_stopped(client: TestClient, create: Make, until: Make, how: str) -> None:
    job = until(create(), "done")
    url = f"/api/v1/jobs/{job['id']}/events"
    everything = parse(client.get(url).text)
    if how == "header":
        answer = client.get(url, params={"after": 1}, headers={"Last-Event-ID": "4"})
    else:
        answer = client.get(url, params={"after": 4})
    assert parse(answer.text) == everything[4:]


def test_who_has_read_everything_is_told_not_to_come_back(
    client: TestClient, create: Make, until: Make
) -> None:
    job = until(create(), "done")
    url = f"/api/v1/jobs/{job['id']}/events"
    last = parse(client.get(url).text)[-1][0]
    for known in (str(last), "999999", "9" * 50):
        assert client.get(url, headers={"Last-Event-ID": known}).status_code == 204


@pytest.mark.parametrize("known", ["", "x", "-3", "1.5", "٣"])
def test_a_strange_last_event_id_counts_as_none(
    client: TestClient, create: Make, until: Make, known: str
) -> None:
    job = until(create(), "done")
    answer = client.get(f"/api/v1/jobs/{job['id']}/events", headers={"Last-Event-ID": known.encode()})
    assert parse(answer.text)[0][0] == 1


def test_a_bad_start_is_named(client: TestClient, create: Make) -> None:
    job = create()
    answer = client.get(f"/api/v1/jobs/{job['id']}/events", params={"after": -1})
    assert answer.status_code == 422
    assert problem(answer)["field"] == "after"


def test_a_failure_is_in_the_stream(client: TestClient, create: Make, engine: FakeEngine) -> None:
    engine.failures[2] = MemoryError()
    told = parse(client.get(f"/api/v1/jobs/{create()['id']}/events").text)
    assert told[-1][2]["state"] == "failed"
    assert "memory" in told[-1][2]["error"]


def make_job(browser: httpx.Client) -> str:
    image = browser.post("/api/v1/images", files={"file": picture()}).json()["id"]
    body = {"content": image, "styles": [{"image": image}], "options": {"size": 64, "steps": 3}}
    return browser.post("/api/v1/jobs", json=body).json()["id"]


def blocks(lines: Iterator[str]) -> Iterator[str]:
    block: list[str] = []
    for line in lines:
        if line:
            block.append(line)
        else:
            yield "\n".join(block)
            block = []


def test_events_come_as_they_happen_and_silence_has_a_heartbeat(
    server: FastAPI, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events_api, "HEARTBEAT_SECONDS", 0.05)
    engine.hold()
    with listening(server) as browser:
        job = make_job(browser)
        with browser.stream("GET", f"/api/v1/jobs/{job}/events") as answer:
            stream = blocks(answer.iter_lines())
            seen = []
            while ": still here" not in seen:
                seen.append(next(stream))
            assert not any("event: step" in block for block in seen)
            engine.step()
            while "event: step" not in (block := next(stream)):
                pass
            assert '"step": 1' in block
            engine.let_go()
            *_, last = stream
        assert '"done"' in last
