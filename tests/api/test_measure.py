from fastapi import FastAPI
from fastapi.testclient import TestClient
from jobs.fake_engine import FakeEngine, picture, wait_until
from jobs.test_metrics import value

from .conftest import listening
from .test_events import blocks, make_job


def requests(method: str, route: str, status: int) -> float:
    of = {"method": method, "route": route, "status": str(status)}
    return value("pentimento_http_requests_total", **of)


def test_requests_are_counted_by_the_pattern_of_their_address(client: TestClient, create) -> None:
    job = create()
    route = "/api/v1/jobs/{job_id}"
    seen, missed = requests("GET", route, 200), requests("GET", route, 404)
    timed = value("pentimento_http_seconds_count", method="GET", route=route)
    client.get(f"/api/v1/jobs/{job['id']}")
    client.get("/api/v1/jobs/another")
    client.get("/api/v1/jobs/yet-another")
    assert requests("GET", route, 200) == seen + 1
    assert requests("GET", route, 404) == missed + 2
    assert value("pentimento_http_seconds_count", method="GET", route=route) == timed + 3


def test_an_address_that_nobody_knows_is_no_label(client: TestClient) -> None:
    before = requests("GET", "unknown", 404)
    client.get("/api/v1/photo-of-my-house.jpg")
    client.get("/wp-login.php")
    assert requests("GET", "unknown", 404) == before + 2


def test_what_is_turned_away_at_the_door_is_counted(client: TestClient) -> None:
    before = requests("POST", "unknown", 403)
    client.post("/api/v1/jobs", json={}, headers={"Origin": "http://elsewhere.example"})
    assert requests("POST", "unknown", 403) == before + 1


def test_a_method_of_somebodys_own_is_no_label(client: TestClient) -> None:
    before = requests("other", "unknown", 405)
    client.request("BREW", "/healthz")
    assert value("pentimento_http_requests_total", method="BREW", route="unknown", status="405") == 0
    assert requests("other", "/healthz", 405) + requests("other", "unknown", 405) >= before + 1


def test_an_open_event_stream_is_seen_until_it_ends(server: FastAPI, engine: FakeEngine) -> None:
    engine.hold()
    before = value("pentimento_event_streams")
    with listening(server) as browser:
        job = make_job(browser)
        with browser.stream("GET", f"/api/v1/jobs/{job}/events") as answer:
            stream = blocks(answer.iter_lines())  # held, or it would end with its last use
            next(stream)
            assert value("pentimento_event_streams") == before + 1
        engine.let_go()
        wait_until(lambda: value("pentimento_event_streams") == before)


def test_an_open_websocket_is_seen_until_it_ends(client: TestClient) -> None:
    client.post("/api/v1/images", files={"file": ("a.png", picture())})  # for the cookie
    before = value("pentimento_websockets", route="/api/v1/camera")
    cookie = f"nst_client={client.cookies['nst_client']}"
    with client.websocket_connect("/api/v1/camera", headers={"cookie": cookie}):
        assert value("pentimento_websockets", route="/api/v1/camera") == before + 1
    wait_until(lambda: value("pentimento_websockets", route="/api/v1/camera") == before)
