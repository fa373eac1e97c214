"""The page for whoever runs the studio: who is let in, and what is told."""

from collections.abc import Callable, Iterator
from threading import Event

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from jobs.fake_engine import PATIENCE, FakeEngine, wait_until

from nst.api import create_api
from nst.api.admin_page import rendered
from nst.api.attempts import FREE
from nst.errors import Refusal
from nst.jobs.studio import Studio
from nst.settings import settings

from .conftest import Json, problem

PASSWORD = "correct horse battery"
RIGHT = httpx.BasicAuth("anybody", PASSWORD)
WRONG = httpx.BasicAuth("admin", "wrong horse battery")


@pytest.fixture
def server(engine: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> FastAPI:
    monkeypatch.setenv("NST_ADMIN_PASSWORD", PASSWORD)
    settings.cache_clear()
    return create_api(Studio(settings(), engine.load))


@pytest.fixture
def without_password(engine: FakeEngine) -> Iterator[TestClient]:
    with TestClient(create_api(Studio(settings(), engine.load))) as client:
        yield client


@pytest.mark.parametrize("path", ["/admin", "/admin/state", "/admin/shell/1/admin.js"])
def test_without_a_password_there_is_no_such_page(without_password: TestClient, path: str) -> None:
    answer = without_password.get(path, auth=RIGHT)
    assert answer.status_code == 404


@pytest.mark.parametrize("path", ["/admin", "/admin/state"])
@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "no_password"),
        ({"Authorization": "Bearer correct"}, "no_password"),
        ({"Authorization": "Basic %%%"}, "wrong_password"),
        ({"Authorization": "Basic " + "gIA="}, "wrong_password"),
        ({"Authorization": "Basic "}, "wrong_password"),
        ({"Authorization": "Basic OmNvcnJlY3QgaG9yc2U="}, "wrong_password"),
    ],
    ids=["nothing", "another scheme", "no base64", "no text", "empty", "half of it"],
)
def test_who_does_not_know_the_password_stays_outside(
    client: TestClient, path: str, headers: dict[str, str], code: str
) -> None:
    answer = client.get(path, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Basic ")
    assert problem(answer)["code"] == code


def test_who_knows_it_sees_the_page_and_no_cache_keeps_it(client: TestClient) -> None:
    answer = client.get("/admin", auth=RIGHT)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert "Versions" in answer.text or "python" in answer.text
    script = next(part for part in answer.text.split('"') if part.endswith("admin.js"))
    assert client.get(f"/{script}").status_code == 200


@pytest.mark.usefixtures("long_wait")
def test_guessing_is_slowed_down_even_for_the_right_guess(client: TestClient, server: FastAPI) -> None:
    for _ in range(FREE):
        assert client.get("/admin", auth=WRONG).status_code == 401
    for auth in (WRONG, RIGHT):
        answer = client.get("/admin", auth=auth)
        assert (answer.status_code, problem(answer)["code"]) == (429, "too_many_attempts")
        assert int(answer.headers["retry-after"]) >= 1
    elsewhere = TestClient(server, client=("192.0.2.7", 1))
    assert elsewhere.get("/admin", auth=RIGHT).status_code == 200


@pytest.mark.usefixtures("long_wait")
def test_the_addresses_of_one_network_guess_together(client: TestClient, server: FastAPI) -> None:
    for number in range(FREE):
        guesser = TestClient(server, client=(f"2001:db8::{number}", 1))
        assert guesser.get("/admin", auth=WRONG).status_code == 401
    assert TestClient(server, client=("2001:db8::f", 1)).get("/admin", auth=WRONG).status_code == 429
    assert TestClient(server, client=("2001:db8:1::1", 1)).get("/admin", auth=RIGHT).status_code == 200


def test_looking_often_is_no_guessing(client: TestClient) -> None:
    for _ in range(FREE + 2):
        assert client.get("/admin/state", auth=RIGHT).status_code == 200


def test_a_short_password_is_refused_and_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NST_ADMIN_PASSWORD", "hunter2")
    settings.cache_clear()
    with pytest.raises(Refusal) as refused:
        settings()
    assert refused.value.field == "NST_ADMIN_PASSWORD"
    assert "hunter2" not in refused.value.message


def test_it_tells_how_the_studio_stands_and_nothing_of_people(
    client: TestClient,
    stranger: TestClient,
    engine: FakeEngine,
    create: Callable[..., Json],
    until: Callable[..., Json],
) -> None:
    engine.failures[3] = RuntimeError("boom")
    failed = until(create(), "failed")
    engine.failures.clear()
    wait_until(lambda: client.get("/readyz").status_code == 200)
    engine.hold()
    running = until(create(), "running")
    waiting = [create(), create(), create(by=stranger)]
    state = client.get("/admin/state", auth=RIGHT).json()
    standings = {(one["kind"], one["state"]): one["jobs"] for one in state["queue"]}
    assert standings == {("picture", "running"): 1, ("picture", "queued"): 3}
    assert state["waiting_per_client"] == [2, 1]
    assert [one["job"] for one in state["running"]] == [running["id"]]
    (failure,) = state["failures"]
    assert (failure["job"], failure["reason"]) == (failed["id"], failed["error"])
    assert state["newest"] == {"failed": 1, "queued": 3, "running": 1}
    (worker,) = state["workers"]
    assert (worker["ready"], worker["trouble"], worker["job"]) == (True, None, running["id"])
    assert state["wrong"] == {}
    assert state["disk"]["total"] > state["disk"]["free"] > 0
    assert state["disk"]["quota"] > 0
    assert state["versions"].keys() >= {"pentimento", "python", "dash", "fastapi"}
    page = client.get("/admin", auth=RIGHT).text
    for text in (running["id"], failed["id"], "All is well", "2, 1"):
        assert text in page
    for secret in (client.cookies["nst_client"], stranger.cookies["nst_client"]):
        assert secret.partition(".")[0] not in page + str(state)
    assert not any(job["id"] in page for job in waiting)


def test_what_is_wrong_is_the_first_thing_to_be_read(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = client.app.state.loop_watch
    note = watch.note
    monkeypatch.setattr(watch, "note", lambda lag: None)  # it goes on looking by itself
    for _ in range(10):
        note(5.0)
    page = client.get("/admin", auth=RIGHT).text
    assert "Something is wrong" in page
    assert page.index("Something is wrong") < page.index("Queue")


def test_an_engine_that_is_loaded_is_nothing_wrong(engine: FakeEngine, server: FastAPI) -> None:
    may_load = Event()

    def load() -> object:
        may_load.wait(PATIENCE)
        return engine.load()

    with TestClient(create_api(Studio(settings(), load))) as client:
        page = client.get("/admin", auth=RIGHT).text
        assert "Getting ready" in page
        assert "gets ready" in page
        assert "wrong" not in page
        may_load.set()
        wait_until(lambda: "All is well" in client.get("/admin", auth=RIGHT).text)


def test_each_worker_is_told_with_what_it_does(client: TestClient) -> None:
    wait_until(lambda: client.get("/readyz").status_code == 200)
    state = client.get("/admin/state", auth=RIGHT).json()
    (here,) = state["workers"]
    there = {"machine": "painter-7", "since": "2026-01-31T12:00:00+00:00", "ready": False}
    state["workers"] += [
        here | there | {"name": "painter-7-41"},
        here | there | {"name": "painter-7-42", "trouble": "The weights are <gone>."},
        here | there | {"name": "painter-7-43", "ready": True, "job": "4f3c"},
    ]
    page = rendered(state)
    table = page[page.index("<h2>Workers") : page.index("<h2>Disk")]
    for told in ("is ready", "gets ready", "&lt;gone&gt;", "paints <code>4f3c</code>"):
        assert table.count(told) == 1
    assert table.count("2026-01-31 12:00:00 UTC") == table.count("<td>painter-7</td>") == 3
    assert "Something is wrong" in page, "though others paint"
    assert "1 of 4 cannot paint" in page


def test_words_that_came_from_elsewhere_are_no_markup(client: TestClient) -> None:
    state = client.get("/admin/state", auth=RIGHT).json()
    state["failures"] = [{"job": "1", "kind": "picture", "time": None, "reason": "<script>alert(1)</script>"}]
    state["wrong"] = {"files": "<b>"}
    page = rendered(state)
    assert "<script>" not in page
    assert "<b>" not in page
    assert "&lt;script&gt;" in page
