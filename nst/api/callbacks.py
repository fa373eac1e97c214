"""The door for the page's callbacks: what is no call of one is turned away before Dash stumbles on it."""

import json
import logging

from pydantic import BaseModel
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nst.api.errors import error_response

PATH = "/_dash-update-component"

log = logging.getLogger(__name__)


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
        refusal = error_response(400, "bad_request", "This is not a request that the page makes.")
        if not _is_call(Headers(scope=scope).get("content-type", ""), body):
            await refusal(scope, receive, send)
            return
        read = is_refused = False

        async def receive_again() -> Message:
            nonlocal read
            if read:
                return await receive()
            read = True
            return {"type": "http.request", "body": body, "more_body": False}

        async def send_no_failure(message: Message) -> None:
            # Faults within a callback are told on the page (components/sending.py). What fails here is Dash,
            # over a call that does not fit the callback it names.
            nonlocal is_refused
            if message["type"] == "http.response.start" and message["status"] == 500:
                is_refused = True
                log.warning("a call of the page's callbacks was refused: it fits none of them")
                await refusal(scope, receive, send)
            elif not is_refused:
                await send(message)

        await self._app(scope, receive_again, send_no_failure)


class _Property(BaseModel):
    """A property of an element of the page. Its value is the callback's own affair."""

    id: str | dict[str, str | int | float | bool]
    property: str


class _Call(BaseModel):
    """What Dash takes for granted in a call."""

    output: str
    outputs: _Property | list[_Property | list[_Property]] | None = None
    inputs: list[_Property | list[_Property]] = []
    state: list[_Property | list[_Property]] = []
    changedPropIds: list[str] = []


def _is_call(content_type: str, body: bytes) -> bool:
    """Whether Dash could tell from it which callback is meant, and with what."""
    if not content_type.startswith("application/json"):
        return False
    try:
        _Call.model_validate(json.loads(body), strict=True)
    except (ValueError, RecursionError):
        return False
    return True
