"""The door for the page's callbacks: what is no call of one is turned away before Dash stumbles on it."""

import json

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nst.api.errors import error_response

PATH = "/_dash-update-component"


class CallbackBody:
    """ASGI middleware: 400 for a callback's request that has no body, or one of another kind."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != PATH or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        body = b""
        more = True
        while more:
            message = await receive()
            if message["type"] != "http.request":
                return  # gone before it had said everything
            body += message.get("body", b"")
            more = message.get("more_body", False)
        if not _is_call(Headers(scope=scope).get("content-type", ""), body):
            answer = error_response(400, "bad_request", "This is not a request that the page makes.")
            await answer(scope, receive, send)
            return
        read = False

        async def receive_again() -> Message:
            nonlocal read
            if read:
                return await receive()
            read = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, receive_again, send)


def _is_call(content_type: str, body: bytes) -> bool:
    """Whether Dash could tell from it which callback is meant."""
    if not content_type.startswith("application/json"):
        return False
    try:
        call = json.loads(body)
    except (ValueError, RecursionError):
        return False
    return isinstance(call, dict) and isinstance(call.get("output"), str)
