"""Visitors of a studio on this machine, many of them in one asyncio process: plain sockets, little else."""

import asyncio
import json
import re
import time
from array import array
from collections.abc import AsyncIterator
from typing import Any, NamedTuple
from uuid import uuid4

from websockets.asyncio.client import connect

from components import ids

HOST = "127.0.0.1"
_STATUS = re.compile(r"step (\d+) of")


class Answer(NamedTuple):
    """`seconds` from the first byte sent to the last one received."""

    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float

    def json(self) -> Any:
        return json.loads(self.body)


class Visitor:
    """One client with its cookie, on one connection that is kept open: one request at a time."""

    def __init__(self, port: int, cookie: str = "") -> None:
        self.port = port
        self.cookie = cookie
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, wanted: object = None) -> Answer:
        try:
            return await self._ask(method, path, wanted)
        except (ConnectionError, EOFError):
            self.close()  # the server lets idle connections go, this one just then
            return await self._ask(method, path, wanted)

    async def _ask(self, method: str, path: str, wanted: object) -> Answer:
        body = b"" if wanted is None else json.dumps(wanted).encode()
        began = time.perf_counter()
        if self._streams is not None and self._streams[0].at_eof():
            self.close()
        if self._streams is None:
            self._streams = await asyncio.open_connection(HOST, self.port)
        reader, writer = self._streams
        writer.write(self._head(method, path, len(body)) + body)
        status, headers = await _answer_head(reader)
        content = await reader.readexactly(int(headers.get("content-length", 0)))
        seconds = time.perf_counter() - began
        if "set-cookie" in headers:
            self.cookie = headers["set-cookie"].partition(";")[0]
        if headers.get("connection") == "close":
            self.close()
        return Answer(status, headers, content, seconds)

    async def follow(self, path: str) -> AsyncIterator[tuple[int, float]]:
        """The numbers of a stream's events, each with the time of its arrival, until the stream ends."""
        reader, writer = await asyncio.open_connection(HOST, self.port)
        try:
            writer.write(self._head("GET", path, 0))
            status, _ = await _answer_head(reader)
            if status != 200:
                raise ConnectionError(f"{path}: {status}")
            while line := await reader.readline():
                if line.startswith(b"id: "):
                    yield int(line[4:]), time.time()
        finally:
            writer.close()

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    def _head(self, method: str, path: str, length: int) -> bytes:
        lines = [f"{method} {path} HTTP/1.1", f"Host: localhost:{self.port}"]
        if self.cookie:
            lines.append(f"Cookie: {self.cookie}")
        if length:
            lines += ["Content-Type: application/json", f"Content-Length: {length}"]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()


class Arrivals:
    """When which event (or step) came, at all those who follow."""

    def __init__(self) -> None:
        self.numbers = array("l")
        self.times = array("d")

    def add(self, number: int, moment: float) -> None:
        self.numbers.append(number)
        self.times.append(moment)


async def follow_events(visitor: Visitor, job: str, after: int, arrivals: Arrivals) -> None:
    """Until cancelled, or the job is finished."""
    async for number, moment in visitor.follow(f"/api/v1/jobs/{job}/events?after={after}"):
        arrivals.add(number, moment)


class Page(NamedTuple):
    """What a browser knows of the studio's page once it is loaded."""

    token: str  # that the feed asks for
    feed: dict[str, Any]  # the callback that the page starts by itself

    @classmethod
    async def load(cls, visitor: Visitor) -> "Page":
        layout = (await visitor.ask("GET", "/_dash-layout")).json()
        callbacks = (await visitor.ask("GET", "/_dash-dependencies")).json()
        feed = next(one for one in callbacks if one.get("persistent"))
        return cls(_prop(layout, ids.CLIENT_TOKEN, "data"), feed)


class Shown(NamedTuple):
    """What all pages come to show: when which step, and of the pictures the seconds and the refusals."""

    steps: Arrivals
    pictures: list[float]
    refused: list[int]


async def follow_page(visitor: Visitor, page: Page, job: str, shown: Shown) -> None:
    """As the browser does over its websocket: starts the feed, answers its questions, takes the news.

    Of the pictures that it is told of it fetches the newest, one at a time. Ends when cancelled.
    """
    known = {ids.CLIENT_TOKEN: page.token, ids.JOB: job}
    headers = {"Cookie": visitor.cookie, "Origin": f"http://localhost:{visitor.port}"}
    address = f"ws://localhost:{visitor.port}/_dash-ws-callback"
    newest: asyncio.Queue[str] = asyncio.Queue(1)
    async with (
        connect(address, additional_headers=headers, compression=None, max_queue=None) as websocket,
        asyncio.TaskGroup() as beside,
    ):
        beside.create_task(_fetch(Visitor(visitor.port, visitor.cookie), newest, shown))
        wanted = {
            "output": page.feed["output"],
            "outputs": [],
            "inputs": [],
            "changedPropIds": [],
            "state": [],
        }
        start = {"type": "callback_request", "requestId": str(uuid4()), "rendererId": "1", "payload": wanted}
        await websocket.send(json.dumps(start))
        async for text in websocket:
            told = json.loads(text)
            for message in told if isinstance(told, list) else [told]:
                payload = message.get("payload", {})
                props = payload.get("props", {})
                if message["type"] == "get_props_request":
                    prop = payload["properties"][0]
                    answer = {"type": "get_props_response", "requestId": message["requestId"]}
                    value = {prop: known.get(payload["componentId"])}
                    await websocket.send(json.dumps(answer | {"payload": value}))
                elif payload.get("componentId") == ids.STATUS and (
                    step := _STATUS.search(str(props.get("children")))
                ):
                    shown.steps.add(int(step[1]), time.time())
                elif payload.get("componentId") == ids.PICTURE and "src" in props:
                    if newest.full():
                        newest.get_nowait()
                    newest.put_nowait(props["src"])
        raise ConnectionError("the studio closed the websocket")


async def _fetch(visitor: Visitor, wanted: asyncio.Queue[str], shown: Shown) -> None:
    """Pictures, each once."""
    before = None
    while True:
        path = await wanted.get()
        if path != before:
            answer = await visitor.ask("GET", path)
            if answer.status == 200:
                shown.pictures.append(answer.seconds)
            else:
                shown.refused.append(answer.status)
        before = path


async def _answer_head(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = dict(line.split(": ", 1) for line in head[1:] if line)
    return int(head[0].split(" ", 2)[1]), {name.lower(): value for name, value in headers.items()}


def _prop(layout: Any, component: str, prop: str) -> Any:
    """A property of a component, wherever in the layout it is."""
    if isinstance(layout, dict):
        props = layout.get("props", {})
        if props.get("id") == component:
            return props[prop]
        return _prop(props.get("children"), component, prop)
    found = (_prop(one, component, prop) for one in layout) if isinstance(layout, list) else ()
    return next((one for one in found if one is not None), None)
