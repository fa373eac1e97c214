"""How a good visitor is served while others do their worst: silent, slow and greedy peers by the thousand.

All of it stays on this machine. The good visitor and each attacker have loopback addresses of their own; the
studio's engine is idle.
"""

import resource
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from statistics import quantiles
from threading import Event, Thread
from typing import NamedTuple

import httpx
from rich.console import Console
from rich.table import Table

from bench.server import real_studio, wait

SECONDS = 10.0  # of each attack
EVERY = 0.05  # seconds between two requests of the good visitor
PATHS = ("/api/v1/jobs", "/healthz", "/")
MANY = 10_000
_GET = b"GET %s HTTP/1.1\r\nHost: localhost\r\n"
_BIG = "/docs/assets/swagger-ui-bundle.js"  # 1.5 MB
_HANDSHAKE = (
    b"GET /_dash-ws-callback HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\n"
    b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
_POST = (
    b"POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b"Content-Length: 100000\r\n\r\n"
)

_ASK = (_GET % b"/api/v1/jobs") + b"\r\n"


class Attack(NamedTuple):
    """`first` is sent once by each of so many peers, which read nothing; `then` by each every second."""

    name: str
    peers: int
    first: bytes = b""
    then: bytes = b""
    addresses: int = 20  # that they come from


ATTACKS = (
    Attack("nobody", 0),
    Attack("10,000 connections that say nothing", MANY),
    Attack("2,000 heads, a letter a second", 2000, _GET % b"/", b"a"),
    Attack("1,000 bodies, a letter a second", 1000, _POST, b" "),
    Attack("500 who read none of 1.5 MB", 500, (_GET % _BIG.encode()) + b"\r\n"),
    Attack("1,000 websockets that read nothing", 1000, _HANDSHAKE),
    Attack("500 who ask every second", 500, _ASK, _ASK),
    Attack("the same from one address", 500, _ASK, _ASK, addresses=1),
)


def report(console: Console) -> None:
    """Prints the good visitor's waits during each attack, and the studio's memory after it."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    table = Table(title=f"A good visitor's requests, {SECONDS:g} s under each attack")
    table.add_column("attack")
    for column in ("requests", "median, ms", "95%, ms", "worst, ms", "failed", "studio, MB"):
        table.add_column(column, justify="right")
    with real_studio() as studio:
        address = f"http://localhost:{studio.port}"
        wait(lambda: httpx.get(f"{address}/readyz").status_code == 200)
        for attack in ATTACKS:
            with _under(attack, studio.port):
                waits, failed = _good_visitor(address)
            cut = quantiles(waits, n=20) if len(waits) > 1 else waits * 19
            figures = (cut[9], cut[18], max(waits)) if waits else (float("nan"),) * 3
            table.add_row(
                attack.name,
                str(len(waits) + failed),
                *(f"{seconds * 1e3:.0f}" for seconds in figures),
                str(failed),
                f"{_megabytes(studio.process):.0f}",
            )
    console.print(table)


def _good_visitor(address: str) -> tuple[list[float], int]:
    """The seconds each of its requests took, with a new connection for every one; and how many failed."""
    waits, failed = [], 0
    transport = httpx.HTTPTransport(
        local_address="127.0.0.2", limits=httpx.Limits(max_keepalive_connections=0)
    )
    with httpx.Client(base_url=address, transport=transport, timeout=30) as browser:
        end = time.perf_counter() + SECONDS
        number = 0
        while time.perf_counter() < end:
            began = time.perf_counter()
            try:
                browser.get(PATHS[number % len(PATHS)]).raise_for_status()
                waits.append(time.perf_counter() - began)
            except httpx.HTTPError:
                failed += 1
            number += 1
            time.sleep(EVERY)
    return waits, failed


@contextmanager
def _under(attack: Attack, port: int) -> Iterator[None]:
    """All peers are there before it begins; those that were let go come again, a few hundred a second."""
    over = Event()
    with ExitStack() as open_ones:
        peers = [_peer(attack, number, port, open_ones) for number in range(attack.peers)]
        going_on = Thread(target=_go_on, args=(attack, port, peers, over, open_ones))
        going_on.start()
        try:
            yield
        finally:
            over.set()
            going_on.join()


def _go_on(attack: Attack, port: int, peers: list[socket.socket], over: Event, open_ones: ExitStack) -> None:
    while not over.wait(1.0):
        again = 300
        for number, peer in enumerate(peers):
            if over.is_set():
                return
            try:
                peer.send(attack.then or b"")
                gone = peer.fileno() < 0 or _is_over(peer)
            except BlockingIOError:
                gone = False  # its own buffer is full: nobody reads it any more
            except OSError:
                gone = True
            if gone and again:
                again -= 1
                peer.close()
                peers[number] = _peer(attack, number, port, open_ones)


def _is_over(peer: socket.socket) -> bool:
    """Whether the studio ended it; what it said before that stays unread."""
    with suppress(BlockingIOError):
        return not peer.recv(1, socket.MSG_PEEK)
    return False


def _peer(attack: Attack, number: int, port: int, open_ones: ExitStack) -> socket.socket:
    peer = open_ones.enter_context(socket.socket())
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    peer.settimeout(10)
    with suppress(OSError):
        peer.bind((f"127.0.1.{number % attack.addresses + 1}", 0))
        peer.connect(("127.0.0.1", port))
        peer.setblocking(False)
        peer.send(attack.first)
    return peer


def _megabytes(process: int) -> float:
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return float("nan")
