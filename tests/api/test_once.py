"""A request that is sent again, because its answer was lost, makes nothing new."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from jobs.fake_engine import FakeEngine, wait_until

from nst.jobs.records import idempotency

from .conftest import Json, problem

JOBS = "/api/v1/jobs"


@pytest.fixture(autouse=True)
def held(engine: FakeEngine) -> None:
    engine.hold()


def key(name: str = "first") -> dict[str, str]:
    return {"Idempotency-Key": name}


def count(client: TestClient) -> int:
    return len(client.get(JOBS).json()["jobs"])


def test_the_same_request_again_is_the_same_painting(client: TestClient, ask: Callable[..., Json]) -> None:
    body = ask()
    first = client.post(JOBS, json=body, headers=key())
    assert first.status_code == 202
    assert "idempotent-replayed" not in first.headers
    again = client.post(JOBS, json=dict(reversed(body.items())), headers=key())
    assert (again.status_code, again.json()["id"]) == (202, first.json()["id"])
    assert again.headers["idempotent-replayed"] == "true"
    assert count(client) == 1


def test_requests_without_a_key_or_with_others_are_apart(
    client: TestClient, ask: Callable[..., Json]
) -> None:
    body = ask()
    for headers in ({}, key("one"), key("two")):
        assert client.post(JOBS, json=body, headers=headers).status_code == 202
    assert count(client) == 3


def test_a_key_belongs_to_one_client(
    client: TestClient, stranger: TestClient, ask: Callable[..., Json]
) -> None:
    mine = client.post(JOBS, json=ask(), headers=key()).json()["id"]
    theirs = stranger.post(JOBS, json=ask(stranger), headers=key())
    assert theirs.status_code == 202
    assert theirs.json()["id"] != mine


def test_a_key_with_another_request_is_refused(client: TestClient, ask: Callable[..., Json]) -> None:
    body = ask()
    client.post(JOBS, json=body, headers=key())
    group = {"contents": [body["content"]], "styles": body["styles"]}
    for path, other in ((JOBS, ask(steps=9)), ("/api/v1/groups", group)):
        answer = client.post(path, json=other, headers=key())
        assert answer.status_code == 422
        assert problem(answer)["code"] == "key_reused"
        assert problem(answer)["field"] == "Idempotency-Key"
    assert count(client) == 1


@pytest.mark.parametrize("wrong", ["", "x" * 256])
def test_a_key_that_cannot_be_is_refused(client: TestClient, ask: Callable[..., Json], wrong: str) -> None:
    answer = client.post(JOBS, json=ask(), headers=key(wrong))
    assert answer.status_code == 422
    assert problem(answer)["field"] == "Idempotency-Key"


@pytest.mark.parametrize("body", [b"", b"a=1", b'{"steps": ', b"[" * 5000, b"\xff"])
@pytest.mark.parametrize(
    "path", [JOBS, "/api/v1/groups", "/api/v1/video-jobs", f"{JOBS}/{'0' * 32}/continue"]
)
def test_a_body_that_is_no_json_is_refused_as_without_a_key(
    client: TestClient, path: str, body: bytes
) -> None:
    for kind in ("text/plain", "application/json"):
        plain, keyed = (
            client.post(path, content=body, headers={"Content-Type": kind, **more}) for more in ({}, key())
        )
        assert 400 <= plain.status_code < 500
        assert (keyed.status_code, keyed.json()) == (plain.status_code, plain.json())


def test_what_was_refused_can_be_tried_again(client: TestClient, ask: Callable[..., Json]) -> None:
    body = ask()
    for number in range(4):  # one runs, three wait
        assert client.post(JOBS, json=body, headers=key(str(number))).status_code == 202
        if number == 0:
            wait_until(lambda: client.get(JOBS).json()["jobs"][0]["state"] == "running")
    full = client.post(JOBS, json=body, headers=key("late"))
    assert full.status_code == 429
    again = client.post(JOBS, json=body, headers=key("2"))
    assert again.status_code == 202  # although the queue is full: it is in it
    client.post(f"{JOBS}/{again.json()['id']}/cancel")
    assert client.post(JOBS, json=body, headers=key("late")).status_code == 202


def test_of_requests_at_once_one_makes_a_painting(client: TestClient, ask: Callable[..., Json]) -> None:
    body = ask()

    def post(_: int) -> tuple[int, str]:
        answer = client.post(JOBS, json=body, headers=key())
        return answer.status_code, answer.json()["id"]

    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(post, range(24)))
    assert len(answers) == 1
    assert answers.pop()[0] == 202
    assert count(client) == 1


def test_what_was_deleted_is_not_made_again(client: TestClient, ask: Callable[..., Json]) -> None:
    body = ask()
    made = client.post(JOBS, json=body, headers=key()).json()["id"]
    client.delete(f"{JOBS}/{made}")
    answer = client.post(JOBS, json=body, headers=key())
    assert answer.status_code == 404
    assert "new key" in problem(answer)["message"]
    assert count(client) == 0


def test_a_key_is_forgotten_after_a_day(
    client: TestClient, ask: Callable[..., Json], monkeypatch: pytest.MonkeyPatch
) -> None:
    body = ask()
    first = client.post(JOBS, json=body, headers=key()).json()["id"]
    assert timedelta(hours=24) == idempotency.KEPT
    monkeypatch.setattr(idempotency, "KEPT", timedelta(0))
    assert client.post(JOBS, json=body, headers=key()).json()["id"] != first


def test_groups_and_what_goes_on_are_made_once(
    client: TestClient, ask: Callable[..., Json], engine: FakeEngine, until: Callable[..., Json]
) -> None:
    body = ask()
    group = {"contents": [body["content"]], "styles": body["styles"]}
    made = {client.post("/api/v1/groups", json=group, headers=key()).json()["id"] for _ in range(2)}
    assert len(made) == 1
    assert count(client) == 1
    engine.let_go()
    job = until(client.get(JOBS).json()["jobs"][0], "done")
    onward = f"{JOBS}/{job['id']}/continue"
    later = [client.post(onward, json={"steps": 5}, headers=key("on")) for _ in range(2)]
    assert [answer.status_code for answer in later] == [202, 202]
    assert later[0].json()["id"] == later[1].json()["id"]
    assert count(client) == 2
