from collections.abc import Callable

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from .conftest import Json, problem

TOKENS = "/api/v1/tokens"


@pytest.fixture
def token(client: TestClient) -> str:
    answer = client.post(TOKENS, json={"name": "laptop"})
    assert answer.status_code == 201
    return answer.json()["token"]


@pytest.fixture
def program(server: FastAPI, token: str) -> TestClient:
    """It carries the token, and keeps no cookie."""
    return TestClient(server, headers={"Authorization": f"Bearer {token}"}, raise_server_exceptions=False)


def test_a_program_with_a_token_is_the_client_who_made_it(
    program: TestClient, client: TestClient, create: Callable[..., Json]
) -> None:
    job = create()
    answer = program.get(f"/api/v1/jobs/{job['id']}")
    assert answer.json()["id"] == job["id"]
    assert "set-cookie" not in answer.headers
    image = program.post("/api/v1/samples/chelsea")
    assert client.get(image.json()["url"]).status_code == 200
    assert "nst_client" not in program.cookies


def test_the_token_outranks_a_cookie(program: TestClient, stranger: TestClient, create: Callable) -> None:
    job = create()
    stranger.get("/api/v1/jobs")
    program.cookies = stranger.cookies
    assert program.get(f"/api/v1/jobs/{job['id']}").status_code == 200


def test_a_token_is_told_once(client: TestClient, token: str) -> None:
    answer = client.get(TOKENS)
    assert [known["name"] for known in answer.json()["tokens"]] == ["laptop"]
    assert token not in answer.text
    assert token[36:] not in answer.text


def test_a_revoked_token_opens_nothing(program: TestClient, client: TestClient) -> None:
    [known] = client.get(TOKENS).json()["tokens"]
    assert client.delete(f"{TOKENS}/{known['id']}").status_code == 204
    answer = program.get("/api/v1/jobs")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer ")
    assert "set-cookie" not in answer.headers
    assert problem(answer)["code"] == "bad_token"
    assert client.delete(f"{TOKENS}/{known['id']}").status_code == 404


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "bearer x", "Bearer nst_", "Bearer é"])
def test_what_is_no_token_is_a_401(client: TestClient, header: str) -> None:
    answer = client.get("/api/v1/jobs", headers={"Authorization": header.encode()})
    assert answer.status_code == 401
    assert problem(answer)["code"] == "bad_token"


def test_other_schemes_are_left_to_a_proxy(client: TestClient) -> None:
    basic = {"Authorization": "Basic YWRhOnNlY3JldA=="}
    assert client.get("/api/v1/jobs", headers=basic).status_code == 200
    assert client.get("/healthz", headers={"Authorization": "Bearer somebody-elses"}).status_code == 200


def test_a_token_makes_no_tokens(program: TestClient, client: TestClient) -> None:
    answer = program.post(TOKENS, json={"name": "another"})
    assert answer.status_code == 403
    assert problem(answer)["code"] == "needs_cookie"
    assert len(client.get(TOKENS).json()["tokens"]) == 1


def test_tokens_are_their_clients_own(stranger: TestClient, client: TestClient, token: str) -> None:
    [known] = client.get(TOKENS).json()["tokens"]
    assert stranger.get(TOKENS).json() == {"tokens": []}
    assert stranger.delete(f"{TOKENS}/{known['id']}").status_code == 404


@pytest.mark.parametrize("name", ["", "x" * 101, "a\x00b", "a\nb", 7, None])
def test_a_name_that_cannot_be_is_refused(client: TestClient, name: object) -> None:
    answer = client.post(TOKENS, json={"name": name})
    assert answer.status_code == 422
    assert problem(answer)["field"] == "name"


def test_a_camera_opens_with_a_token(program: TestClient, server: FastAPI) -> None:
    with program.websocket_connect("/api/v1/camera") as camera:
        camera.send_text("no look")
        assert camera.receive_json()["error"]["code"] == "invalid_request"
    wrong = {"Authorization": "Bearer nst_nothing"}
    with (
        pytest.raises(WebSocketDisconnect),
        TestClient(server).websocket_connect("/api/v1/camera", headers=wrong),
    ):
        pass
