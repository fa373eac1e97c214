import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from jobs.fake_engine import PATIENCE, FakeEngine, picture, wait_until

from nst.api import attempts, create_api
from nst.api.serving import StudioServer, configured
from nst.jobs.studio import Studio
from nst.settings import settings

Json = dict


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def server(engine: FakeEngine) -> FastAPI:
    return create_api(Studio(settings(), engine.load))


@pytest.fixture
def client(server: FastAPI, engine: FakeEngine) -> Iterator[TestClient]:
    """A browser of its own; the studio is open."""
    with TestClient(server, raise_server_exceptions=False) as opened:
        yield opened
        engine.let_go()


@pytest.fixture
def stranger(server: FastAPI, client: TestClient) -> TestClient:
    """Another browser at the same studio."""
    return TestClient(server, raise_server_exceptions=False)


@pytest.fixture
def upload(client: TestClient) -> Callable[..., Json]:
    def upload_one(data: bytes | None = None, by: TestClient = client) -> Json:
        answer = by.post("/api/v1/images", files={"file": ("a.png", picture() if data is None else data)})
        assert answer.status_code == 201, answer.text
        return answer.json()

    return upload_one


@pytest.fixture
def ask(client: TestClient, upload: Callable[..., Json]) -> Callable[..., Json]:
    """The body of a request for a painting."""

    def body(by: TestClient = client, **options: object) -> Json:
        content, style = upload(by=by)["id"], upload(by=by)["id"]
        return {
            "content": content,
            "styles": [{"image": style}],
            "options": {"size": 64, "steps": 5} | options,
        }

    return body


@pytest.fixture
def create(client: TestClient, ask: Callable[..., Json]) -> Callable[..., Json]:
    def create_one(by: TestClient = client, **options: object) -> Json:
        answer = by.post("/api/v1/jobs", json=ask(by, **options))
        assert answer.status_code == 202, answer.text
        return answer.json()

    return create_one


@pytest.fixture
def until(client: TestClient) -> Callable[..., Json]:
    """Wait for a painting to come to a state or a step."""

    def wait(job: Json, state: str | None = None, step: int | None = None) -> Json:
        def there() -> bool:
            now = client.get(f"/api/v1/jobs/{job['id']}").json()
            return state in (None, now["state"]) and step in (None, now["step"])

        wait_until(there)
        return client.get(f"/api/v1/jobs/{job['id']}").json()

    return wait


@contextmanager
def listening(server: FastAPI) -> Iterator[httpx.Client]:
    """The server on a real socket, where a TestClient hides too much."""
    with serving(server) as (browser, _):
        yield browser


@contextmanager
def serving(server: FastAPI) -> Iterator[tuple[httpx.Client, StudioServer]]:
    """A browser at the server, and the server, to be told to stop."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = configured(server, log_level="error", timeout_graceful_shutdown=int(PATIENCE))
    running = StudioServer(config, server.state.studio)
    thread = Thread(target=running.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        wait_until(lambda: running.started)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with httpx.Client(base_url=address, timeout=PATIENCE) as browser:
            yield browser, running
    finally:
        running.should_exit = True
        thread.join(PATIENCE)
        listener.close()


def problem(answer: httpx.Response) -> Json:
    """The error of an answer that has our shape and nothing else."""
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    assert body.keys() == {"error"}
    assert body["error"].keys() == {"code", "message", "field"}
    assert body["error"]["message"].endswith(".")
    assert "Traceback" not in answer.text
    return body["error"]


@pytest.fixture
def long_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who guessed wrong waits so long that a slow machine sees it."""
    monkeypatch.setattr(attempts, "FIRST_WAIT", 60.0)
