import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from nst.api.hosts import is_ours
from nst.settings import settings

from .conftest import listening, problem

LOOPBACK, ELSEWHERE = ("127.0.0.1", 8050), ("192.0.2.7", 8050)


def reached(host: str, at: tuple[str, int], *allowed: str, path: str = "/") -> bool:
    scope = {"type": "http", "path": path, "server": at, "headers": [(b"host", host.encode())]}
    return is_ours(scope, allowed)


@pytest.mark.parametrize(
    "host",
    ["localhost", "localhost:8050", "LocalHost.", "127.0.0.1:8050", "127.1.2.3", "[::1]:8050", "a.localhost"],
)
def test_the_loopback_has_its_own_names(host: str) -> None:
    assert reached(host, LOOPBACK)
    assert reached(host, ("::1", 8050))
    assert reached(host, LOOPBACK, "paint.example")


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8050",
        "localhost.evil.example",
        "192.0.2.7",
        "",
        "[::2]",
        "127.0.0.1.nip.io",
    ],
)
def test_a_name_from_elsewhere_does_not_reach_a_studio_on_the_loopback(host: str) -> None:
    assert not reached(host, LOOPBACK)
    assert not reached(host, LOOPBACK, "paint.example")


def test_elsewhere_any_name_will_do_until_some_are_named() -> None:
    assert reached("paint.example", ELSEWHERE)
    assert reached("Paint.Example:80", ELSEWHERE, "paint.example")
    assert reached("a.paint.example", LOOPBACK, "*.paint.example")
    assert reached("any.example", LOOPBACK, "*")
    for host in ("evil.example", "evilpaint.example", "paint.example", "localhost", "127.0.0.1"):
        assert not reached(host, ELSEWHERE, "*.paint.example")


def test_whoever_watches_over_it_needs_no_name() -> None:
    assert reached("10.0.0.3:8050", LOOPBACK, "paint.example", path="/healthz")
    assert reached("10.0.0.3:8050", LOOPBACK, "paint.example", path="/readyz")


def test_a_page_that_has_rebound_its_name_reads_nothing(server: FastAPI) -> None:
    with listening(server) as browser:
        assert browser.get("/api/v1/jobs").status_code == 200
        answer = browser.get("/api/v1/jobs", headers={"host": "evil.example"})
        assert answer.status_code == 421
        assert problem(answer)["code"] == "unknown_host"
        assert "set-cookie" not in answer.headers
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_the_names_are_a_setting(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    monkeypatch.setenv("NST_ALLOWED_HOSTS", "Paint.Example, *.studio.example")
    settings.cache_clear()
    client = TestClient(request.getfixturevalue("server"))
    assert client.get("/docs", headers={"host": "paint.example"}).status_code == 200
    assert client.get("/docs", headers={"host": "a.studio.example"}).status_code == 200
    assert client.get("/docs").status_code == 421
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/api/v1/camera"):
        pass
