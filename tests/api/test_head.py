"""A HEAD is answered as a GET would be, without the body."""

from collections.abc import Callable

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from jobs.fake_engine import FakeEngine

from .conftest import Json, listening
from .test_events import make_job


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/docs", "/api/v1/samples", "/api/v1/jobs"])
def test_it_has_the_status_and_headers_of_the_get_and_no_body(client: TestClient, path: str) -> None:
    head, get = client.head(path), client.get(path)
    assert (head.status_code, head.content) == (get.status_code, b"")
    for name in ("content-type", "content-length", "x-content-type-options"):
        assert head.headers[name] == get.headers[name]


def test_files_and_missing_ones(client: TestClient, upload: Callable[..., Json]) -> None:
    head = client.head(upload()["url"])
    assert (head.status_code, head.headers["content-type"], head.content) == (200, "image/png", b"")
    assert int(head.headers["content-length"]) > 0
    assert client.head("/api/v1/images/nothing").status_code == 404
    assert client.head("/api/v1/preview").status_code == 405


def test_a_stream_ends_with_its_headers(server: FastAPI, engine: FakeEngine) -> None:
    engine.hold()
    with listening(server) as browser:
        path = f"/api/v1/jobs/{make_job(browser)}/events"
        for _ in range(2):  # on one connection: the first answer has ended
            head = browser.head(path)
            assert head.status_code == 200
            assert head.headers["content-type"].startswith("text/event-stream")
        assert browser.get("/healthz").json() == {"status": "ok"}
        engine.let_go()
