"""What one connection may cost the others: its place among them, and the time it takes to ask and to listen.

uvicorn waits for a request and for the reader of an answer as long as they like. Here each connection is
looked at every second. Who does not say what they want, or does not take what they asked for, is let go; and
when all places are taken, the connection that has been idle for longest makes room. So whoever asks something
is answered, however many others sit there in silence.
"""

import asyncio
import fcntl
import resource
import socket
import sys
import termios
from collections import OrderedDict
from contextlib import suppress
from typing import Any, Protocol, cast
from weakref import WeakKeyDictionary

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.exceptions import InvalidState

from nst.api.errors import error_response
from nst.settings import settings

HEAD_SECONDS = 10.0  # for the head of a request, from the first byte or from the connection's beginning
HEAD_BYTES = 64 * 1024  # of a head, or of anything else between two pieces of a body
BODY_SECONDS, BODY_BYTES = 20.0, 4096  # so much of a body at least in every so many seconds
ANSWER_SECONDS, ANSWER_BYTES = 30.0, 16 * 1024  # and so much of an answer
LINGER_SECONDS = 5.0  # for whoever still sends what has been answered already
SILENCE_MS = 60_000  # until the system gives up a peer that acknowledges nothing
LOOK_SECONDS = 1.0
FILES_BESIDE = 512  # open files that are no connections


class Watched(Protocol):
    """A connection, as `Connections` sees it."""

    def look(self, now: float) -> None:
        """Let go of it if its time is up."""

    def make_room(self) -> None:
        """Let go of it now."""


class Connections:
    """All connections of one server, at most `most`."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._open: set[Watched] = set()
        self._idle: OrderedDict[Watched, None] = OrderedDict()
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._open)

    def join(self, connection: Watched) -> bool:
        """Whether there is a place for it: one that is free, or that of who has been idle for longest."""
        if len(self._open) >= self._most:
            if not self._idle:
                return False
            idlest = next(iter(self._idle))
            self.leave(idlest)
            idlest.make_room()
        self._open.add(connection)
        if self._timer is None:
            self._look_later()
        return True

    def leave(self, connection: Watched) -> None:
        self._open.discard(connection)
        self._idle.pop(connection, None)

    def rest(self, connection: Watched) -> None:
        """It asks nothing from now on, and nothing is being answered."""
        if connection in self._open:
            self._idle[connection] = None

    def work(self, connection: Watched) -> None:
        self._idle.pop(connection, None)

    def _look_later(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(LOOK_SECONDS, self._look)

    def _look(self) -> None:
        now = asyncio.get_running_loop().time()
        for connection in list(self._open):
            connection.look(now)
        self._timer = None
        if self._open:
            self._look_later()


_of_servers: WeakKeyDictionary[ServerState, Connections] = WeakKeyDictionary()


def connections_of(server: ServerState) -> Connections:
    """Those of a server; as many as are set, or as the system allows."""
    if server not in _of_servers:
        _of_servers[server] = Connections(_places(settings().connections))
    return _of_servers[server]


def _places(wanted: int) -> int:
    """How many connections there can be, once the process may open as many files as that needs."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted + FILES_BESIDE:
        soft = min(wanted + FILES_BESIDE, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return max(1, min(wanted, soft - FILES_BESIDE))


class Drain:
    """Whether what is written to a connection is also taken."""

    def __init__(self) -> None:
        self._left = 0  # bytes, when the time began that is measured
        self._since = 0.0
        self._resumed = False

    def resumed(self) -> None:
        """Enough was taken for more to be written."""
        self._resumed = True

    def stalls(self, transport: asyncio.WriteTransport, now: float) -> bool:
        left = _not_taken(transport)
        if left == 0 or self._resumed or self._left == 0 or left <= self._left - ANSWER_BYTES:
            self._left, self._since, self._resumed = left, now, False
        return now - self._since > ANSWER_SECONDS


class HttpConnection(HttpToolsProtocol):
    """uvicorn's connection, with an end to its patience."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._all = connections_of(self.server_state)
        self._drain = Drain()
        self._head_since: float | None = None  # of a request, while its head is not complete
        self._body_since = 0.0
        self._body_bytes = 0
        self._is_whole = True  # all of the newest request has arrived
        self._answered_since: float | None = None  # although not all of it has arrived
        self._bare_bytes = 0  # since the last piece of a body

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        _give_up_silent_peers(transport)
        self._head_since = self.loop.time()
        if self._all.join(self):
            self._all.rest(self)
        else:
            words = "The studio has as many visitors as it can take. Please try again in a moment."
            self._refuse(503, "too_many_connections", words, {"Retry-After": "5"})

    def connection_lost(self, exc: Exception | None) -> None:
        self._all.leave(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        self._bare_bytes += len(data)
        super().data_received(data)
        if self._bare_bytes > HEAD_BYTES and not self.transport.is_closing():
            self._refuse(431, "request_too_large", "The head of the request is larger than is accepted.")

    def send_400_response(self, msg: str) -> None:
        self._refuse(400, "bad_request", "The request could not be read: it is not HTTP.")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._is_whole = False
        if self._head_since is None:
            self._head_since = self.loop.time()

    def on_headers_complete(self) -> None:
        self._head_since, self._answered_since = None, None
        self._body_since, self._body_bytes, self._bare_bytes = self.loop.time(), 0, 0
        self._all.work(self)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._body_bytes += len(body)
        self._bare_bytes = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._is_whole = True
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.cycle.response_complete:  # otherwise the next request has begun, which was sent meanwhile
            self._all.rest(self)

    def resume_writing(self) -> None:
        self._drain.resumed()
        super().resume_writing()

    def handle_websocket_upgrade(self) -> None:
        self._all.leave(self)
        super().handle_websocket_upgrade()

    def make_room(self) -> None:
        self.transport.abort()

    def look(self, now: float) -> None:
        if self._drain.stalls(self.transport, now):
            self.transport.abort()
        elif self.transport.is_closing():
            return
        elif self._head_since is not None:
            if now - self._head_since > HEAD_SECONDS:
                self._refuse(408, "request_timeout", "The request did not arrive in time.")
        elif not self._is_whole:
            self._look_at_body(now)

    def _look_at_body(self, now: float) -> None:
        if self.cycle.response_complete:
            self._answered_since = self._answered_since or now
            if now - self._answered_since > LINGER_SECONDS:
                self.transport.close()
        elif self.flow.read_paused or self._body_bytes >= BODY_BYTES:
            self._body_since, self._body_bytes = now, 0
        elif now - self._body_since > BODY_SECONDS:
            self._refuse(408, "request_timeout", "The request did not arrive in time.")

    def _refuse(self, status: int, code: str, message: str, headers: dict[str, str] | None = None) -> None:
        """Answer, where nothing else is being answered, and let go."""
        cycle = self.cycle
        is_free = cycle is None or cycle.response_complete or not cycle.response_started
        if is_free and not self.pipeline:
            answer = error_response(status, code, message, headers=headers)
            head = [f"HTTP/1.1 {status} \r\n".encode()]
            head += [name + b": " + value + b"\r\n" for name, value in answer.raw_headers]
            self.transport.write(b"".join((*head, b"connection: close\r\n\r\n", bytes(answer.body))))
        if cycle is not None and not cycle.response_complete:
            cycle.disconnected = True  # whoever was to answer has nobody to answer to
            cycle.message_event.set()
        self.transport.close()


class WebsocketConnection(WebSocketsSansIOProtocol):
    """uvicorn's websocket, which it pings, among all connections; it ends when it does not listen."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._all = connections_of(cast(ServerState, named["server_state"]))
        self._drain = Drain()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        if not self._all.join(self):
            self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._all.leave(self)
        super().connection_lost(exc)

    def send_receive_event_to_app(self) -> None:
        if self.curr_msg_data_type == "text" and not self.close_sent and not _is_text(self.frames):
            # uvicorn tells the log of it at length, and stumbles where the connection is ending already.
            self.frames = []
            with suppress(InvalidState):
                self.conn.send_close(1007)
            self.handle_parser_exception()
        else:
            super().send_receive_event_to_app()

    def handle_parser_exception(self) -> None:
        super().handle_parser_exception()
        self.disconnected = True  # whoever is about to send something finds the other side gone, and no fault

    def resume_writing(self) -> None:
        self._drain.resumed()
        super().resume_writing()

    def make_room(self) -> None:
        self.transport.abort()

    def look(self, now: float) -> None:
        if self._drain.stalls(self.transport, now):
            self.transport.abort()


def _is_text(frames: list[bytes]) -> bool:
    try:
        b"".join(frames).decode()
    except UnicodeDecodeError:
        return False
    return True


def _not_taken(transport: asyncio.WriteTransport) -> int:
    """Bytes that wait here, and with them those that the system has taken but the peer has not.

    The system takes none for a while, and then many at once: by itself what waits here is no measure of pace.
    """
    waiting = transport.get_write_buffer_size()
    peer = transport.get_extra_info("socket")
    if waiting == 0 or peer is None or peer.fileno() < 0:
        return waiting
    with suppress(OSError):
        told = fcntl.ioctl(peer.fileno(), termios.TIOCOUTQ, bytes(4))
        waiting += int.from_bytes(told, sys.byteorder)
    return waiting


def _give_up_silent_peers(transport: asyncio.Transport) -> None:
    """Have the system end the connection of a peer that went without a word."""
    peer = transport.get_extra_info("socket")
    with suppress(OSError, AttributeError):  # no such option here, or no socket of that kind
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, SILENCE_MS // 1000)
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, SILENCE_MS)
