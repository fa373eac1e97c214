import asyncio
import base64
import re
from collections.abc import Callable

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from nst.api import door as door_module
from nst.api.attempts import FREE
from nst.api.door import SHUT, Door
from nst.api.password import Password, hashed
from nst.settings import settings

from .conftest import Json, problem

PASSWORD = "open, sesame"
BROWSER = {"accept": "text/html,*/*", "sec-fetch-mode": "navigate"}


def basic(password: str, name: str = "anybody") -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


@pytest.fixture(params=["as it is", "as a hash"])
def private(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> FastAPI:
    monkeypatch.setenv("NST_PASSWORD", PASSWORD if request.param == "as it is" else hashed(PASSWORD))
    settings.cache_clear()
    return request.getfixturevalue("server")


@pytest.fixture
def visitor(private: FastAPI, client: TestClient) -> TestClient:
    return client


def sign_in(visitor: TestClient, password: str = PASSWORD, **more: str) -> httpx.Response:
    return visitor.post("/sign-in", data={"password": password} | more, follow_redirects=False)


@pytest.mark.parametrize(
    "path",
    ["/api/v1/jobs", "/api/v1/samples", "/docs", "/openapi.json", "/device", "/camera", "/nowhere", "/"],
)
def test_nothing_is_shown_to_who_has_not_signed_in(visitor: TestClient, path: str) -> None:
    answer = visitor.get(path)
    assert answer.status_code == 401
    assert problem(answer)["code"] == "needs_password"
    assert answer.headers["www-authenticate"].startswith("Basic")
    assert "nst_client" not in answer.headers.get("set-cookie", "")


def test_nothing_is_changed_by_who_has_not_signed_in(visitor: TestClient) -> None:
    for method, path in (
        ("POST", "/api/v1/jobs"),
        ("DELETE", "/api/v1/jobs/x"),
        ("POST", "/_dash-update-component"),
    ):
        assert visitor.request(method, path, json={}).status_code == 401


@pytest.mark.parametrize("path", ["/healthz", "/manifest.webmanifest"])
def test_what_says_nothing_of_anybody_stays_open(visitor: TestClient, path: str) -> None:
    assert visitor.get(path).status_code == 200


def test_a_browser_is_asked_and_then_goes_where_it_wanted_to(visitor: TestClient) -> None:
    asked = visitor.get("/docs?x=1&y=<", headers=BROWSER)
    assert asked.status_code == 401
    assert "www-authenticate" not in asked.headers  # or the browser would ask in a window of its own
    assert asked.headers["cache-control"] == "no-store"
    assert "script-src 'self'" in asked.headers["content-security-policy"]
    onward = re.search(r'name="next" value="([^"]*)"', asked.text)[1]
    assert onward == "/docs?x=1&amp;y=%3C" or onward == "/docs?x=1&amp;y=&lt;"
    answer = sign_in(visitor, next="/docs?x=1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/docs?x=1")
    cookie = next(c for c in answer.headers.get_list("set-cookie") if c.startswith("nst_door="))
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
    assert PASSWORD not in cookie
    assert visitor.get("/docs", headers=BROWSER).status_code == 200
    assert visitor.get("/api/v1/jobs").json() == {"jobs": [], "next": None}


@pytest.mark.parametrize(
    "onward", ["//evil.example", "/\\evil.example", "https://evil.example", "", "/\r\nX: y"]
)
def test_nobody_is_led_elsewhere(visitor: TestClient, onward: str) -> None:
    assert sign_in(visitor, next=onward).headers["location"] == "/"


def test_a_wrong_password_is_told_on_the_page(visitor: TestClient) -> None:
    answer = sign_in(visitor, "open, rice", next="/docs")
    assert answer.status_code == 401
    assert "That is not the password." in answer.text
    assert 'value="/docs"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert "set-cookie" not in answer.headers
    assert visitor.get("/docs").status_code == 401


def test_a_program_posts_it_as_json(visitor: TestClient) -> None:
    for said in ({"password": "open, rice"}, {"password": 3}, [], {}):
        assert problem(visitor.post("/sign-in", json=said))["code"] in ("wrong_password", "too_many_attempts")
    visitor.app.middleware_stack = None  # forgets the attempts
    assert visitor.post("/sign-in", json={"password": PASSWORD}).status_code == 204
    assert visitor.get("/api/v1/jobs").status_code == 200


def test_a_program_sends_it_with_each_request(visitor: TestClient) -> None:
    assert visitor.get("/api/v1/jobs", headers=basic(PASSWORD)).status_code == 200
    assert visitor.get("/api/v1/jobs", headers=basic(PASSWORD, "")).status_code == 200
    wrong = visitor.get("/api/v1/jobs", headers=basic("open, rice"))
    assert wrong.status_code == 401
    assert problem(wrong)["code"] == "wrong_password"
    for header in ("Basic", "Basic é", "Basic ====", "Digest x"):
        assert visitor.get("/api/v1/jobs", headers={"authorization": header.encode()}).status_code in (
            401,
            429,
        )


def test_a_token_that_was_made_inside_opens(visitor: TestClient, private: FastAPI) -> None:
    sign_in(visitor)
    token = visitor.post("/api/v1/tokens", json={"name": "mine"}).json()["token"]
    program = TestClient(private)
    assert program.get("/api/v1/jobs", headers={"authorization": f"Bearer {token}"}).status_code == 200
    assert program.get("/api/v1/jobs", headers={"authorization": "Bearer nst_forged"}).status_code == 401


@pytest.mark.parametrize("path", ["/api/v1/camera", "/anything"])
def test_websockets_are_held_at_the_door(visitor: TestClient, path: str) -> None:
    with pytest.raises(WebSocketDisconnect) as closed, visitor.websocket_connect(path):
        pass
    assert closed.value.code == SHUT
    with pytest.raises(WebSocketDisconnect) as closed, visitor.websocket_connect(path, headers=basic("rice")):
        pass
    assert closed.value.code == SHUT


def test_a_camera_opens_to_who_has_signed_in(visitor: TestClient) -> None:
    sign_in(visitor)
    visitor.get("/api/v1/jobs")
    with visitor.websocket_connect("/api/v1/camera") as camera:
        camera.send_text("no look")
        assert camera.receive_json()["error"]["code"] == "invalid_request"


def test_event_streams_are_held_at_the_door(
    visitor: TestClient, create: Callable[..., Json], until: Callable[..., Json]
) -> None:
    sign_in(visitor)
    job = create()
    until(job, "done")
    path = f"/api/v1/jobs/{job['id']}/events"
    assert "done" in visitor.get(path).text
    del visitor.cookies["nst_door"]
    assert visitor.get(path).status_code == 401


def test_who_signs_out_is_outside(visitor: TestClient) -> None:
    sign_in(visitor)
    answer = visitor.post("/sign-out", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert visitor.get("/api/v1/jobs").status_code == 401


def test_nobody_signs_another_in_or_out_from_elsewhere(visitor: TestClient) -> None:
    foreign = {"origin": "https://evil.example"}
    for path in ("/sign-in", "/sign-out"):
        assert visitor.post(path, data={"password": PASSWORD}, headers=foreign).status_code == 403


def test_a_forged_or_old_session_does_not_open(visitor: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    for value in ("", "in", "in.x.y", "é"):
        cookie = {"cookie": f"nst_door={value}".encode()}
        assert visitor.get("/api/v1/jobs", headers=cookie).status_code == 401
    sign_in(visitor)
    monkeypatch.setattr(door_module, "_MONTH", -1)
    assert visitor.get("/api/v1/jobs").status_code == 401


def test_another_password_ends_all_sessions(visitor: TestClient) -> None:
    sign_in(visitor)
    cookie = visitor.cookies["nst_door"]
    other = Door(visitor.app, Password("another password"), "")
    scope = {"type": "http", "path": "/", "headers": [(b"cookie", f"nst_door={cookie}".encode())]}
    assert not other._may_pass(scope)


@pytest.mark.usefixtures("long_wait")
def test_who_guesses_has_to_wait_and_nobody_else_has(visitor: TestClient, private: FastAPI) -> None:
    for _ in range(FREE):
        assert sign_in(visitor, "a guess").status_code == 401
    answer = sign_in(visitor)  # although it would be the right one
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) >= 1
    assert "Please try again in" in answer.text
    blocked = visitor.get("/api/v1/jobs", headers=basic(PASSWORD))
    assert problem(blocked)["code"] == "too_many_attempts"
    elsewhere = TestClient(private, client=("192.0.2.9", 1))
    assert elsewhere.get("/api/v1/jobs", headers=basic(PASSWORD)).status_code == 200


@pytest.mark.usefixtures("long_wait")
@pytest.mark.parametrize(
    ("passwords", "statuses"),
    [
        ([PASSWORD] * 10, [404] * 10),
        ([str(number) for number in range(10)], [401] * FREE + [429] * (10 - FREE)),
    ],
    ids=["right", "wrong"],
)
def test_requests_at_once_are_guesses_where_they_are_wrong_and_none_where_they_are_right(
    private: FastAPI, passwords: list[str], statuses: list[int]
) -> None:
    async def asked() -> list[int]:
        inside = httpx.ASGITransport(private)
        async with httpx.AsyncClient(transport=inside, base_url="http://testserver") as program:
            requests = [program.get("/nowhere", headers=basic(password)) for password in passwords]
            return [answer.status_code for answer in await asyncio.gather(*requests)]

    assert sorted(asyncio.run(asked())) == statuses


def test_a_body_without_end_is_no_password(visitor: TestClient) -> None:
    answer = visitor.post("/sign-in", data={"password": PASSWORD, "x": "y" * 10_000}, follow_redirects=False)
    assert answer.status_code == 401


def test_without_a_password_there_is_no_door(client: TestClient) -> None:
    assert client.get("/sign-in").status_code == 404
    assert client.get("/api/v1/jobs").status_code == 200
