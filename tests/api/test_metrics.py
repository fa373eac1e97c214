import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from nst.api import create_api
from nst.jobs.studio import Studio
from nst.settings import settings

from .conftest import listening, problem

LOCAL = "http://localhost:8050"


def figures(text: str) -> dict[str, dict[tuple[tuple[str, str], ...], float]]:
    return {
        family.name: {tuple(sorted(sample.labels.items())): sample.value for sample in family.samples}
        for family in text_string_to_metric_families(text)
    }


def test_a_program_on_this_machine_reads_the_studios_figures(server: FastAPI) -> None:
    with listening(server) as browser:
        answer = browser.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert "set-cookie" not in answer.headers
    found = figures(answer.text)
    assert found["pentimento_workers"] == {(): 1}
    assert found["pentimento_quota_bytes"][()] > 0
    assert found["pentimento_disk_bytes"][()] > found["pentimento_disk_free_bytes"][()] > 0
    assert found["process_resident_memory_bytes"][()] > 0
    assert "pentimento_event_loop_lag_seconds" in found


def test_jobs_that_wait_are_seen(server: FastAPI, engine, create, until, client: TestClient) -> None:
    engine.hold()
    until(create(), "running")
    create()
    local = TestClient(server, LOCAL, client=("127.0.0.1", 1))
    found = figures(local.get("/metrics").text)
    depth = found["pentimento_queue_jobs"]
    assert depth[("kind", "picture"), ("state", "queued")] == 1
    assert depth[("kind", "picture"), ("state", "running")] == 1
    assert found["pentimento_workers_ready"] == found["pentimento_workers_painting"] == {(): 1}
    assert found["pentimento_workers_failing"] == {(): 0}
    assert found["pentimento_queue_oldest_seconds"][(("kind", "picture"),)] >= 0


@pytest.mark.parametrize(
    ("address", "base", "headers"),
    [
        ("192.0.2.7", LOCAL, {}),
        ("127.0.0.1", LOCAL, {"X-Forwarded-For": "192.0.2.7"}),
        ("127.0.0.1", LOCAL, {"Forwarded": "for=192.0.2.7"}),
        ("127.0.0.1", "http://studio.example", {}),
    ],
    ids=["another machine", "a proxy", "a newer proxy", "another name"],
)
def test_to_others_there_is_nothing(
    client: TestClient, server: FastAPI, address: str, base: str, headers: dict[str, str]
) -> None:
    answer = TestClient(server, base, client=(address, 1)).get("/metrics", headers=headers)
    assert answer.status_code == 404
    assert problem(answer)["code"] == "not_found"


@pytest.mark.parametrize(
    ("token", "header", "status"),
    [
        ("s3cret-s3cret-s3cret", "Bearer s3cret-s3cret-s3cret", 200),
        ("s3cret-s3cret-s3cret", "Bearer wrong", 404),
        ("s3cret-s3cret-s3cret", None, 404),
        ("", "Bearer ", 404),
    ],
)
def test_with_a_token_it_may_be_read_from_anywhere(
    engine, monkeypatch: pytest.MonkeyPatch, token: str, header: str | None, status: int
) -> None:
    monkeypatch.setenv("NST_METRICS", "token")
    monkeypatch.setenv("NST_METRICS_TOKEN", token)
    server = create_api(Studio(settings(), engine.load))
    with TestClient(server, client=("192.0.2.7", 1)) as away:
        headers = {} if header is None else {"Authorization": header}
        assert away.get("/metrics", headers=headers).status_code == status


def test_it_can_be_switched_off(engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NST_METRICS", "off")
    with listening(create_api(Studio(settings(), engine.load))) as browser:
        assert browser.get("/metrics").status_code == 404
