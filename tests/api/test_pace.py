import asyncio
import json

import pytest
from dash._utils import to_json
from starlette.types import Message, Receive, Scope, Send

from nst.api import pace
from nst.api.pace import CALLBACKS, MESSAGES_AT_ONCE, WebsocketPace

CALL = json.dumps({"type": "callback_request"})
ESCAPED = CALL.replace("_", "\\u005f")


def heard(messages: list[str], path: str = "/api/v1/camera", answer: str = "") -> list[Message]:
    """What the application gets to hear of these messages, up to the end of the websocket.

    With an `answer` it sends that after each of them.
    """
    told: list[Message] = []
    left = iter([*messages, None])

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        while not told or told[-1]["type"] == "websocket.receive":
            told.append(await receive())
            if answer:
                await send({"type": "websocket.send", "text": answer})

    async def receive() -> Message:
        text = next(left)
        if text is None:
            return {"type": "websocket.disconnect", "code": 1000}
        return {"type": "websocket.receive", "text": text}

    async def send(message: Message) -> None:
        assert message["text"] == answer

    asyncio.run(WebsocketPace(application)({"type": "websocket", "path": path}, receive, send))
    return told


def test_who_sends_faster_than_anybody_needs_to_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr(pace.asyncio, "sleep", sleep)
    told = heard(["frame"] * MESSAGES_AT_ONCE)
    assert waits == []
    assert len(told) == MESSAGES_AT_ONCE + 1
    told = heard(["frame"] * 2 * MESSAGES_AT_ONCE)
    assert len(told) == 2 * MESSAGES_AT_ONCE + 1  # none is lost
    assert len(waits) > MESSAGES_AT_ONCE / 2
    assert waits == sorted(waits)


@pytest.mark.parametrize("call", [CALL, ESCAPED])
def test_a_browser_has_no_more_under_way_than_its_pages_do(call: str) -> None:
    told = heard([call] * (CALLBACKS + 5), "/_dash-ws-callback")
    assert [message["type"] for message in told].count("websocket.receive") == CALLBACKS
    assert told[-1] == {"type": "websocket.disconnect", "code": 1008}


def test_what_a_page_answers_is_not_counted() -> None:
    answers = ['{"type": "get_props_response"}', "[]", "no json", "{}"] * 30
    assert heard(answers, "/_dash-ws-callback")[-1]["code"] == 1000


def test_callbacks_that_were_answered_are_not_under_way() -> None:
    calls = [CALL] * 3 * CALLBACKS
    answer = to_json({"type": "callback_response", "payload": {"status": "ok"}})
    assert len(heard(calls, "/_dash-ws-callback", answer)) == len(calls) + 1
    quoted = to_json({"type": "set_props", "payload": {"children": answer}})
    assert len(heard(calls, "/_dash-ws-callback", quoted)) == CALLBACKS + 1
