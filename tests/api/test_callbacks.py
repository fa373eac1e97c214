import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient

from nst.api.callbacks import PATH

from .conftest import problem

JSON = {"content-type": "application/json"}


@pytest.fixture
def door(server: FastAPI) -> TestClient:
    """A server on which, as on Dash's, a callback reads its body as JSON."""

    @server.post(PATH)
    async def callback(request: Request) -> str:
        return (await request.json())["output"]

    return TestClient(server, raise_server_exceptions=False)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"null", b"[]", b"{}", b'{"output": 7}', b"\xff", b"[" * 100_000], ids=repr
)
def test_what_calls_no_callback_is_a_400(door: TestClient, body: bytes) -> None:
    answer = door.post(PATH, content=body, headers=JSON)
    assert answer.status_code == 400
    assert problem(answer)["code"] == "bad_request"


def test_json_by_another_name_is_a_400(door: TestClient) -> None:
    assert door.post(PATH, content=b'{"output": "x"}').status_code == 400


def test_a_call_comes_through_whole(door: TestClient) -> None:
    value = "x" * 300_000
    answer = door.post(PATH, json={"output": value})
    assert (answer.status_code, answer.json()) == (200, value)
