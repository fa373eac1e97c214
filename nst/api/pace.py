"""How fast a websocket is listened to, and how much a page may have under way through one."""

import asyncio
import json

from starlette.types import ASGIApp, Message, Receive, Scope, Send

MESSAGES_PER_SECOND, MESSAGES_AT_ONCE = 100, 200
CALLBACKS = 16  # under way: each page that a browser has open keeps one, its stream
DASH = "/_dash-ws-callback"
_ANSWER = '"type":"callback_response"'  # quotes within what is told are escaped
_POLICY = 1008


class WebsocketPace:
    """ASGI middleware. Who sends faster waits, as uvicorn reads no more meanwhile than it has handed over.

    Dash would have as many callbacks under way as it is asked for, each with a stream of its own.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            await self._app(scope, receive, send)
            return
        clock = asyncio.get_running_loop().time
        due, callbacks = 0.0, 0
        is_dash = scope["path"].endswith(DASH)

        async def receive_paced() -> Message:
            nonlocal due, callbacks
            message = await receive()
            if message["type"] != "websocket.receive":
                return message
            now = clock()
            due = max(due, now - MESSAGES_AT_ONCE / MESSAGES_PER_SECOND) + 1 / MESSAGES_PER_SECOND
            if due > now:
                await asyncio.sleep(due - now)
            if is_dash and _begins_callback(message):
                callbacks += 1
                if callbacks > CALLBACKS:
                    return {"type": "websocket.disconnect", "code": _POLICY}
            return message

        async def send_counted(message: Message) -> None:
            nonlocal callbacks
            if is_dash and message["type"] == "websocket.send":
                callbacks -= (message.get("text") or "").count(_ANSWER)
            await send(message)

        await self._app(scope, receive_paced, send_counted)


def _begins_callback(message: Message) -> bool:
    try:
        said = json.loads(message.get("text") or "")
    except (ValueError, RecursionError):
        return False
    return isinstance(said, dict) and said.get("type") == "callback_request"
