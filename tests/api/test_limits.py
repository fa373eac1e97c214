import logging
from collections.abc import Iterator

import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient
from jobs.fake_engine import picture

from nst.api.limits import JSON_BYTES
from nst.settings import settings

from .conftest import listening, problem


@pytest.fixture(autouse=True)
def small_uploads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NST_MAX_UPLOAD_BYTES", "200000")
    settings.cache_clear()


def endless(sent: list[int], block: bytes = b"x" * 65536, blocks: int = 400) -> Iterator[bytes]:
    for _ in range(blocks):
        sent.append(len(block))
        yield block


def multipart(file: bytes) -> bytes:
    head = b'--edge\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
    return head + file


EDGE = {"content-type": "multipart/form-data; boundary=edge"}


def test_a_declared_length_beyond_the_limit_is_refused_unread(client: TestClient) -> None:
    for path, size, code in [
        ("/api/v1/images", 200_000 + 70_000, "file_too_large"),
        ("/api/v1/jobs", JSON_BYTES + 1, "request_too_large"),
        ("/api/v1/jobs/x/cancel", JSON_BYTES + 1, "request_too_large"),
        ("/_dash-update-component", JSON_BYTES + 1, "request_too_large"),
    ]:
        answer = client.post(path, content=bytes(size), headers=EDGE)
        assert answer.status_code == 413, path
        assert problem(answer)["code"] == code


def test_an_undeclared_length_is_counted_and_cut_off(server: FastAPI) -> None:
    with listening(server) as browser:
        for path, headers in [
            ("/api/v1/images", EDGE),
            ("/api/v1/jobs", {"content-type": "application/json"}),
        ]:
            sent: list[int] = []

            def body(sent: list[int] = sent) -> Iterator[bytes]:
                yield multipart(b"")
                yield from endless(sent)

            answer = browser.post(path, content=body(), headers=headers)
            assert answer.status_code == 413, path
            assert problem(answer)["code"] in ("file_too_large", "request_too_large")


def test_a_body_that_is_cut_off_is_not_logged_as_a_failure(
    server: FastAPI, caplog: pytest.LogCaptureFixture
) -> None:
    def body() -> Iterator[bytes]:
        yield multipart(b"")
        yield from endless([])

    with listening(server) as browser:
        assert browser.post("/api/v1/images", content=body(), headers=EDGE).status_code == 413
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_a_length_that_lies_does_not_get_more_in(server: FastAPI) -> None:
    """A server passes on no more than was declared; whoever reads it, the count is what holds."""
    seen: list[int] = []

    @server.post("/read")
    async def read(request: Request) -> None:
        async for block in request.stream():
            seen.append(len(block))

    with listening(server) as browser:
        answer = browser.post("/read", content=endless([]))
    assert answer.status_code == 413
    assert sum(seen) <= JSON_BYTES


def test_a_handler_that_swallows_the_refusal_does_not_hide_it(server: FastAPI) -> None:
    @server.post("/swallow")
    async def swallow(request: Request) -> str:
        try:
            await request.body()
        except Exception:
            return "all is well"
        return "read"

    with listening(server) as browser:
        assert browser.post("/swallow", content=endless([])).status_code == 413
        assert browser.post("/swallow", content=b"x").json() == "read"


def test_what_is_within_the_limits_comes_in(client: TestClient) -> None:
    assert client.post("/api/v1/images", files={"file": picture()}).status_code == 201
    padded = picture() + bytes(199_000 - len(picture()))
    assert client.post("/api/v1/images", files={"file": padded}).status_code == 201


def test_a_file_over_the_limit_within_its_envelope_is_refused_too(client: TestClient) -> None:
    answer = client.post("/api/v1/images", files={"file": picture() + bytes(200_001)})
    assert answer.status_code == 413
    assert problem(answer)["code"] == "file_too_large"
