"""Programs that carry a token act for the client who made it: `Authorization: Bearer nst_...`, no cookie."""

import asyncio
from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from nst.api.clients import KNOWN
from nst.api.errors import error_response

_API = "/api/"
_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="Pentimento", error="invalid_token"'}


class Bearer:
    """ASGI middleware: 401 for a token that opens nothing. Other schemes and addresses are not its business.

    `owner_of` waits for the database, so it is called in a thread.
    """

    def __init__(self, app: ASGIApp, owner_of: Callable[[str], str | None]) -> None:
        self._app = app
        self._owner_of = owner_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        token = None if scope["type"] == "lifespan" else _token(scope)
        if token is None:
            await self._app(scope, receive, send)
            return
        owner = await asyncio.to_thread(self._owner_of, token)
        if owner is not None:
            await self._app({**scope, KNOWN: owner}, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close"})  # before it is accepted: a 403
        else:
            message = "This token is not known here. It may have been revoked: make a new one."
            await error_response(401, "bad_token", message, headers=_CHALLENGE)(scope, receive, send)


def _token(scope: Scope) -> str | None:
    """None where the request carries no token at all."""
    scheme, _, token = Headers(scope=scope).get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and scope["path"].startswith(_API) else None
