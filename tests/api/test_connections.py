"""Slow, silent and greedy peers on real sockets, and somebody else who is served meanwhile."""

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager
from threading import Event

import httpx
import pytest
from fastapi import FastAPI, Response, WebSocket
from fastapi.responses import StreamingResponse
from jobs.fake_engine import PATIENCE, wait_until

from nst.api import connections, lingering
from nst.api.connections import Connections, connections_of
from nst.settings import settings

from .conftest import serving

BIG = 64 * 2**20  # more than the system keeps for a peer that does not read
JSON_HEAD = b"POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "LOOK_SECONDS", 0.05)
    for name in ("HEAD_SECONDS", "BODY_SECONDS", "ANSWER_SECONDS", "LINGER_SECONDS"):
        monkeypatch.setattr(connections, name, 0.5)


class Running:
    """A server, a good client, and as many bad ones as are asked for."""

    def __init__(self, browser: httpx.Client, all_of_them: Connections, ended: ExitStack) -> None:
        self.browser = browser
        self.connections = all_of_them
        self._ended = ended

    def connect(self, first: bytes = b"", receive_buffer: int | None = None) -> socket.socket:
        peer = self._ended.enter_context(socket.socket())
        if receive_buffer is not None:
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        peer.settimeout(PATIENCE)
        peer.connect((self.browser.base_url.host, self.browser.base_url.port))
        peer.sendall(first)
        return peer

    def is_well(self) -> bool:
        return self.browser.get("/healthz").status_code == 200


@contextmanager
def running(server: FastAPI) -> Iterator[Running]:
    with serving(server) as (browser, here), ExitStack() as ended:
        yield Running(browser, connections_of(here.server_state), ended)


def rest_of(peer: socket.socket) -> bytes:
    """All that still comes until the server ends the connection, however it does."""
    said = b""
    try:
        while piece := peer.recv(65536):
            said += piece
    except ConnectionResetError:
        pass
    return said


def is_cut_off(peer: socket.socket, piece: bytes, every: float = 0.0) -> bool:
    """Send it again and again, until the server no longer takes it."""
    began = time.monotonic()
    while time.monotonic() - began < PATIENCE:
        try:
            peer.sendall(piece)
        except OSError:  # reset, or a broken pipe
            return True
        time.sleep(every)
    return False


def refusal(said: bytes) -> tuple[int, str]:
    head, _, body = said.partition(b"\r\n\r\n")
    assert b"connection: close" in head
    assert f"content-length: {len(body)}".encode() in head
    return int(head.split()[1]), json.loads(body)["error"]["code"]


@pytest.mark.parametrize("begun", [b"GET / HT", b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: a"])
def test_a_head_that_does_not_end_is_given_up(server: FastAPI, begun: bytes) -> None:
    with running(server) as here:
        slow = here.connect(begun)
        assert here.is_well()
        assert refusal(rest_of(slow)) == (408, "request_timeout")


def test_a_head_that_comes_letter_by_letter_has_no_longer(server: FastAPI) -> None:
    with running(server) as here:
        assert is_cut_off(here.connect(), b"G", every=0.05)
        assert here.is_well()


def test_who_says_nothing_is_let_go(server: FastAPI) -> None:
    with running(server) as here:
        assert rest_of(here.connect()).startswith(b"HTTP/1.1 408")


def test_a_body_that_does_not_come_is_given_up(server: FastAPI) -> None:
    with running(server) as here:
        slow = here.connect(JSON_HEAD + b'Content-Length: 1000\r\n\r\n{"content"')
        assert here.is_well()
        assert refusal(rest_of(slow)) == (408, "request_timeout")


def test_an_upload_that_crawls_leaves_nothing_behind(server: FastAPI) -> None:
    with running(server) as here:
        form = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
        head = b"POST /api/v1/images HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n"
        slow = here.connect(head + b"Content-Type: multipart/form-data; boundary=x\r\n\r\n" + form)
        assert refusal(rest_of(slow)) == (408, "request_timeout")
        assert here.is_well()
        assert not list((settings().data_dir / "images").glob("*"))


def test_a_slow_body_that_goes_on_is_taken(server: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "BODY_BYTES", 100)
    with running(server) as here:
        slow = here.connect(JSON_HEAD + b"Content-Length: 3000\r\n\r\n")
        for _ in range(15):
            slow.sendall(b" " * 200)
            time.sleep(0.1)
        assert b"422" in slow.recv(65536).split(b"\r\n")[0]


def test_a_head_without_end_is_refused(server: FastAPI) -> None:
    with running(server) as here:
        greedy = here.connect(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: ")
        assert is_cut_off(greedy, b"a" * 65536)
        assert here.is_well()


def test_a_trailer_without_end_is_refused(server: FastAPI) -> None:
    with running(server) as here:
        greedy = here.connect(JSON_HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n0\r\nX-Long: ")
        assert is_cut_off(greedy, b"a" * 65536)
        assert here.is_well()


def test_whoever_goes_on_sending_what_was_refused_is_let_go(server: FastAPI) -> None:
    with running(server) as here:
        greedy = here.connect(JSON_HEAD + b"Content-Length: 1000000000\r\n\r\n")
        assert greedy.recv(65536).startswith(b"HTTP/1.1 413")
        assert is_cut_off(greedy, b"a" * 1000, every=0.01)
        assert here.is_well()


@pytest.mark.parametrize("closing", [b"HTTP/1.1\r\nConnection: close", b"HTTP/1.0"])
def test_a_refusal_reaches_whoever_still_sends_on_a_connection_that_is_closed_after_it(
    server: FastAPI, closing: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LINGER_SECONDS", "BODY_SECONDS"):
        monkeypatch.setattr(connections, name, PATIENCE)
    monkeypatch.setattr(lingering, "PAUSE_SECONDS", 2.0)
    with running(server) as here:
        head = JSON_HEAD.replace(b"HTTP/1.1", closing)
        sender = here.connect(head + b"Content-Length: 1000000000\r\n\r\n")
        for _ in range(40):
            sender.sendall(bytes(100_000))
        said = b""
        while piece := sender.recv(65536):  # and no reset
            said += piece
        assert refusal(said) == (413, "request_too_large")
        assert here.is_well()


def test_whoever_goes_on_sending_on_such_a_connection_is_let_go(server: FastAPI) -> None:
    with running(server) as here:
        greedy = here.connect(JSON_HEAD + b"Connection: close\r\nContent-Length: 1000000000\r\n\r\n")
        assert is_cut_off(greedy, b"a" * 1000, every=0.01)
        assert here.is_well()


@pytest.fixture
def big(server: FastAPI) -> FastAPI:
    @server.get("/big")
    async def answer() -> Response:
        return Response(bytes(BIG))

    return server


def test_an_answer_that_nobody_takes_is_given_up(big: FastAPI) -> None:
    with running(big) as here:
        here.connect(b"GET /big HTTP/1.1\r\nHost: localhost\r\n\r\n", receive_buffer=4096)
        wait_until(lambda: len(here.connections) == 1)
        assert here.is_well()
        wait_until(lambda: len(here.connections) <= 1)  # only the good client's own


def test_whoever_asked_to_close_and_does_not_listen_is_given_up(big: FastAPI) -> None:
    with running(big) as here:
        request = b"GET /big HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        here.connect(request, receive_buffer=4096)
        wait_until(lambda: len(here.connections) == 1)
        wait_until(lambda: len(here.connections) == 0)


def test_a_slow_reader_who_goes_on_gets_all(big: FastAPI) -> None:
    with running(big) as here, here.browser.stream("GET", "/big") as answer:
        taken, began = 0, time.monotonic()
        for piece in answer.iter_raw():
            taken += len(piece)
            if time.monotonic() - began < 1.5:  # thrice the patience
                time.sleep(0.05)
        assert taken == BIG


def test_a_stream_that_nobody_reads_ends(server: FastAPI) -> None:
    ended = Event()

    @server.get("/stream")
    async def stream() -> StreamingResponse:
        async def pieces() -> AsyncIterator[bytes]:
            try:
                while True:
                    yield bytes(65536)
                    await asyncio.sleep(0)
            finally:
                ended.set()

        return StreamingResponse(pieces())

    with running(server) as here:
        here.connect(b"GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n", receive_buffer=4096)
        assert here.is_well()
        assert ended.wait(PATIENCE)


def test_a_websocket_that_is_not_read_ends(server: FastAPI) -> None:
    ended = Event()

    @server.websocket("/flood")
    async def flood(websocket: WebSocket) -> None:
        await websocket.accept()
        try:
            while True:
                await websocket.send_bytes(bytes(65536))
        finally:
            ended.set()

    handshake = (
        b"GET /flood HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    with running(server) as here:
        here.connect(handshake, receive_buffer=4096)
        assert here.is_well()
        assert ended.wait(PATIENCE)
        wait_until(lambda: len(here.connections) <= 1)


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> FastAPI:
    monkeypatch.setattr(connections, "HEAD_SECONDS", PATIENCE)
    monkeypatch.setenv("NST_CONNECTIONS", "20")
    settings.cache_clear()
    return request.getfixturevalue("server")


def test_idle_connections_make_room(few: FastAPI) -> None:
    with running(few) as here:
        assert here.is_well()
        idle = [here.connect() for _ in range(60)]
        wait_until(lambda: len(here.connections) == 20)
        with httpx.Client(base_url=here.browser.base_url) as other:
            assert other.get("/healthz").status_code == 200
        assert len(here.connections) <= 20
        assert rest_of(idle[0]) == b""
        idle[-1].sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert idle[-1].recv(65536).startswith(b"HTTP/1.1 200")


def test_when_all_are_at_work_it_is_said(few: FastAPI) -> None:
    leave = Event()

    @few.get("/wait")
    async def wait() -> None:
        while not leave.is_set():
            await asyncio.sleep(0.02)

    with running(few) as here:
        for _ in range(20):
            here.connect(b"GET /wait HTTP/1.1\r\nHost: localhost\r\n\r\n")
        wait_until(lambda: len(here.connections) == 20 and not here.connections._idle)
        said = rest_of(here.connect())
        assert refusal(said) == (503, "too_many_connections")
        assert b"retry-after: 5" in said
        leave.set()


def test_as_many_connections_as_files_may_be_open(monkeypatch: pytest.MonkeyPatch) -> None:
    limits, asked = (1024, 4096), []
    monkeypatch.setattr(connections.resource, "getrlimit", lambda _: limits)
    monkeypatch.setattr(connections.resource, "setrlimit", lambda _, both: asked.append(both))
    assert connections._places(100) == 100
    assert asked == []
    assert connections._places(2000) == 2000
    assert connections._places(50_000) == 4096 - connections.FILES_BESIDE
    assert asked == [(2512, 4096), (4096, 4096)]
