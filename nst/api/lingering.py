"""An answer that comes before all was sent which it answers, on a connection that ends with it."""

import asyncio

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nst.api import connections

PAUSE_SECONDS = 0.5  # without a byte, after which nothing more is expected


class Lingering:
    """ASGI middleware: listens on for a while where the connection is closed before its request has ended.

    To close it with bytes unread resets it, and the sender, often a proxy that speaks HTTP/1.0, may lose the
    answer that was on its way (RFC 9112, 9.6).
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _closes_after_a_body(scope):
            await self._app(scope, receive, send)
            return
        whole = False

        async def receive_noting() -> Message:
            nonlocal whole
            message = await receive()
            whole = not message.get("more_body", False)
            return message

        async def send_and_linger(message: Message) -> None:
            if whole or message["type"] != "http.response.body" or message.get("more_body", False):
                await send(message)
                return
            await send({**message, "more_body": True})
            await _drain(receive)
            await send({"type": "http.response.body", "body": b""})

        await self._app(scope, receive_noting, send_and_linger)


def _closes_after_a_body(scope: Scope) -> bool:
    headers = Headers(scope=scope)
    closes = scope["http_version"] == "1.0" or "close" in headers.get("connection", "").lower()
    has_body = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
    return closes and has_body and "expect" not in headers  # who expects a go-ahead has sent nothing yet


async def _drain(receive: Receive) -> None:
    try:
        async with asyncio.timeout(connections.LINGER_SECONDS):
            more = True
            while more:
                message = await asyncio.wait_for(receive(), PAUSE_SECONDS)
                more = message.get("more_body", False)
    except TimeoutError:
        return
