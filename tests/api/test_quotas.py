import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from threading import Event
from types import SimpleNamespace
from typing import NoReturn

import httpx
import pytest
from fastapi import FastAPI, WebSocket
from fastapi.testclient import TestClient
from jobs.fake_engine import PATIENCE, FakeEngine, wait_until
from starlette.testclient import WebSocketDenialResponse
from starlette.types import Message

from nst.api import create_api, quotas, rates
from nst.api.quotas import address_of, spend
from nst.jobs.ids import new_id
from nst.jobs.records.store import Store
from nst.jobs.studio import Studio
from nst.settings import Settings, settings

from .conftest import Json, listening, problem
from .test_events import make_job


@pytest.fixture
def limited(engine: FakeEngine) -> Callable[..., FastAPI]:
    """A studio that allows little."""

    def make(**limits: int) -> FastAPI:
        few = Settings(data_dir=settings().data_dir, **limits)
        return create_api(Studio(few, engine.load))

    return make


def at(server: FastAPI, address: str) -> TestClient:
    return TestClient(server, client=(address, 50000), raise_server_exceptions=False)


def refused(answer: httpx.Response) -> Json:
    assert answer.status_code == 429
    error = problem(answer)
    assert error["code"] == "too_many_requests"
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    assert answer.headers["retry-after"] in error["message"]
    return error


def test_who_asks_too_often_has_to_wait_and_nobody_else_has(limited: Callable[..., FastAPI]) -> None:
    server = limited(requests_per_minute=5)
    eager, other = at(server, "192.0.2.1"), at(server, "192.0.2.1")
    for _ in range(6):  # the first one brought no cookie: it counts for the address alone
        assert eager.get("/api/v1/jobs").status_code == 200
    refused(eager.get("/api/v1/jobs"))
    assert other.get("/api/v1/jobs").status_code == 200


def test_the_page_s_files_are_counted_for_the_address_alone(limited: Callable[..., FastAPI]) -> None:
    visitor = at(limited(requests_per_minute=2, clients_per_address=5), "192.0.2.1")
    for _ in range(3):
        assert visitor.get("/api/v1/jobs").status_code == 200
    refused(visitor.get("/api/v1/jobs"))
    for path in ("/assets/none.js", "/_dash-component-suites/none.js") * 3:
        assert visitor.get(path).status_code == 404
    refused(visitor.get("/assets/none.js"))


def test_new_identities_do_not_help(limited: Callable[..., FastAPI]) -> None:
    server = limited(requests_per_minute=5, clients_per_address=2)
    for _ in range(10):
        assert at(server, "192.0.2.1").get("/api/v1/jobs").status_code == 200
    refused(at(server, "192.0.2.1").get("/api/v1/jobs"))
    refused(at(server, "192.0.2.1").get("/api/v1/jobs", headers={"authorization": "Bearer nst_forged"}))
    assert at(server, "192.0.2.2").get("/api/v1/jobs").status_code == 200


def test_a_refusal_is_told_before_anything_is_read(
    limited: Callable[..., FastAPI], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = limited(requests_per_minute=1, clients_per_address=1)
    brought = {"authorization": "Bearer nst_forged", "cookie": "nst_client=" + "x" * 43}  # both are looked up
    upload = {"client": ("192.0.2.1", 50000), "method": "POST", "path": "/api/v1/images"}
    headers = [(b"host", b"testserver"), *((name.encode(), text.encode()) for name, text in brought.items())]
    scope = {"type": "http", "http_version": "1.1", "headers": headers, "query_string": b"", "scheme": "http"}
    scope |= upload
    assert at(server, "192.0.2.1").get("/api/v1/jobs").status_code == 200
    told: list[int] = []

    async def receive() -> NoReturn:
        raise AssertionError("the body was read")

    async def send(message: Message) -> None:
        told.append(message.get("status", 0))

    def read(*_given: object) -> NoReturn:
        raise AssertionError("the store was asked")

    monkeypatch.setattr(Store, "read", read)
    monkeypatch.setattr(Store, "write", read)
    asyncio.run(server(scope, receive, send))
    assert told == [429, 0]


def test_a_page_may_be_opened_a_few_times_at_once(
    limited: Callable[..., FastAPI], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rates, "time", SimpleNamespace(monotonic=lambda: 1000.0))
    visitor = at(limited(requests_per_minute=1200, clients_per_address=1), "192.0.2.1")
    answers = [visitor.get("/api/v1/limits").status_code for _ in range(510)]
    assert answers == [200] * 500 + [429] * 10


def test_health_is_asked_as_often_as_anybody_likes(limited: Callable[..., FastAPI]) -> None:
    client = TestClient(limited(requests_per_minute=1, clients_per_address=1))
    for _ in range(5):
        assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize(
    ("limit", "path"),
    [
        ("uploads_per_minute", "/api/v1/images"),
        ("uploads_per_minute", "/api/v1/videos"),
        ("jobs_per_minute", "/api/v1/jobs"),
        ("jobs_per_minute", "/api/v1/groups"),
        ("jobs_per_minute", "/api/v1/video-jobs"),
        ("previews_per_minute", "/api/v1/preview"),
        ("previews_per_minute", "/api/v1/preview/sheet"),
        ("previews_per_minute", "/api/v1/images/x/select"),
    ],
)
def test_each_kind_of_work_has_a_limit(limited: Callable[..., FastAPI], limit: str, path: str) -> None:
    with TestClient(limited(**{limit: 2})) as client:
        client.get("/api/v1/jobs")
        for _ in range(2):
            assert client.post(path, json={}).status_code in (404, 422)
        refused(client.post(path, json={}))
        assert client.get("/api/v1/jobs").status_code == 200


def test_what_a_page_begins_by_itself_is_counted_as_well(limited: Callable[..., FastAPI]) -> None:
    server = limited(jobs_per_minute=1)

    @server.post("/page")
    async def begin() -> None:
        await spend(quotas.JOBS)

    client = TestClient(server)
    client.get("/api/v1/jobs")
    assert client.post("/page").status_code == 200
    assert problem(client.post("/page"))["code"] == "too_many_requests"


def test_streams_that_are_open_at_once_have_a_limit(
    limited: Callable[..., FastAPI], engine: FakeEngine
) -> None:
    engine.hold()
    with listening(limited(streams_per_client=2)) as browser, ExitStack() as open_ones:
        path = f"/api/v1/jobs/{make_job(browser)}/events"
        streams = [open_ones.enter_context(browser.stream("GET", path)) for _ in range(2)]
        third = browser.get(path)
        assert third.headers["retry-after"] == "5"
        assert problem(third)["message"].startswith("Too many event streams are open")
        streams[0].close()
        engine.let_go()
        wait_until(lambda: browser.get(path).status_code == 200)


def test_videos_that_arrive_at_once_have_a_limit(
    limited: Callable[..., FastAPI], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each may hold half a gigabyte of the disk, before anything is counted as kept."""
    monkeypatch.setitem(quotas._OPEN_BY_CLIENT, quotas.ARRIVING, 2)

    async def ask(program: httpx.AsyncClient, path: str, body: AsyncIterator[bytes]) -> httpx.Response:
        kind = {"Content-Type": "multipart/form-data; boundary=x"}
        return await program.post(path, content=body, headers=kind)

    async def scene() -> None:
        end = asyncio.Event()
        begun = 0

        async def slow() -> AsyncIterator[bytes]:
            nonlocal begun
            begun += 1
            await end.wait()
            yield b""

        async def nothing() -> AsyncIterator[bytes]:
            yield b""

        inside = httpx.ASGITransport(limited())
        async with httpx.AsyncClient(transport=inside, base_url="http://testserver") as program:
            await program.get("/api/v1/jobs")
            arriving = [asyncio.create_task(ask(program, "/api/v1/videos", slow())) for _ in range(2)]
            while begun < 2:
                await asyncio.sleep(0)
            error = refused(await ask(program, "/api/v1/videos", nothing()))
            assert error["message"].startswith("Too many of your videos are arriving")
            assert (await ask(program, "/api/v1/images", nothing())).status_code == 422
            end.set()
            assert [(await one).status_code for one in arriving] == [422, 422]
            assert (await ask(program, "/api/v1/videos", nothing())).status_code == 422

    asyncio.run(scene())


def test_paintings_that_are_taken_home_at_once_have_a_limit(
    client: TestClient, server: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave = Event()

    def slow(*_args: object) -> bytes:
        assert leave.wait(PATIENCE)
        return b"picture"

    for kind in ("png", "jpeg", "webp", "film"):
        monkeypatch.setattr(f"nst.api.exports.exports.{kind}", slow)
    names = ("result.png?strength=0.5", "result.jpg", "result.webp?quality=9", "timelapse.webp")
    addresses = [f"/api/v1/jobs/{new_id()}/{name}" for name in names]
    client.get("/api/v1/jobs")  # whoever has no cookie yet is counted by the address alone
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(client.get, address) for address in addresses * 2]
        wait_until(lambda: len(server.state.lines["exports"]._waiting) == 7)
        for address in addresses:
            assert refused(client.get(address))["message"].startswith(
                "Too many paintings are being taken home"
            )
        assert client.get(f"/api/v1/jobs/{new_id()}/result.png").status_code == 404
        leave.set()
        assert {one.result().status_code for one in asked} == {200}
    assert client.get(addresses[1]).status_code == 200


def test_websockets_that_are_open_at_once_have_a_limit(limited: Callable[..., FastAPI]) -> None:
    server = limited(websockets_per_client=1, clients_per_address=2)

    @server.websocket("/open")
    async def stay(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.receive()

    first, second, third = (TestClient(server) for _ in range(3))
    for client in (first, second, third):
        client.get("/api/v1/jobs")
    with first.websocket_connect("/open"):
        with pytest.raises(WebSocketDenialResponse) as denied, first.websocket_connect("/open"):
            pass
        assert denied.value.status_code == 429
        with (
            second.websocket_connect("/open"),
            pytest.raises(WebSocketDenialResponse),
            third.websocket_connect("/open"),
        ):
            pass
    with third.websocket_connect("/open"):
        pass


@pytest.mark.parametrize(
    ("address", "who"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("testclient", "testclient"),
    ],
)
def test_one_customer_s_addresses_are_one(address: str, who: str) -> None:
    assert address_of({"client": (address, 1)}) == who


def test_a_socket_without_addresses_is_one_visitor() -> None:
    assert address_of({"client": None}) == address_of({}) == ""
