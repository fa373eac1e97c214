"""Who asks. A client is whoever holds the cookie `nst_client`; there are no accounts.

The id in the cookie is random and long, so that it can be neither guessed nor counted up to, and signed, so
that to have read it somewhere else is not enough. Callbacks over a websocket see no cookies: the page that
opened it carries a signed token instead.

Earlier versions gave cookies without a signature, with ids of another length. Such a cookie is taken where
pictures or jobs of it are here, and replaced by a signed one. That gives nothing away: those ids are 256
random bits that only their holder ever got. A folder that began with signed cookies has none, and takes none.
"""

import asyncio
import re
import secrets
from collections.abc import Callable
from contextvars import ContextVar

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nst.api.signing import signed, unsigned
from nst.settings import settings

COOKIE = "nst_client"
KNOWN = "nst.client"  # where a request's scope names the client, if something but the cookie proved it
_UNSIGNED = re.compile(r"[A-Za-z0-9_-]{43}")
_YEAR = 365 * 24 * 3600
# Answers that are the same for everybody may be kept by caches: a cookie in one would be shared.
_SHARED = ("/assets/", "/_dash-component-suites/", "/docs/", "/healthz", "/readyz", "/metrics")

_current: ContextVar[str] = ContextVar("client")


def current_client() -> str:
    """The id of the client whose request is being answered. `LookupError` outside of a request."""
    return _current.get()


class ClientCookie:
    """ASGI middleware: knows the client by its cookie, and gives one to whoever comes without.

    `is_owner` says whether anything here belongs to an id; it may wait for the database.
    """

    def __init__(self, app: ASGIApp, is_owner: Callable[[str], bool]) -> None:
        self._app = app
        self._is_owner = is_owner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        known, brought = scope.get(KNOWN), _brought(Headers(scope=scope))
        client = known or unsigned(brought) or await self._of_before(brought) or secrets.token_urlsafe(24)
        cookie = signed(client)

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if not headers.setdefault("Cache-Control", "private, no-cache").startswith("public"):
                    headers.append("Set-Cookie", _set_cookie(cookie, secure=scope["scheme"] == "https"))
            await send(message)

        needs_none = known or brought == cookie or scope["path"].startswith(_SHARED)
        token = _current.set(client)
        try:
            await self._app(scope, receive, send if needs_none else send_with_cookie)
        finally:
            _current.reset(token)

    async def _of_before(self, brought: str) -> str | None:
        """The client of a cookie without a signature."""
        if _UNSIGNED.fullmatch(brought) is None:
            return None
        return brought if await asyncio.to_thread(self._is_owner, brought) else None


def client_of(headers: Headers) -> str | None:
    """The id in the cookie of a request, or of a websocket's handshake; none where there is no good one."""
    return unsigned(_brought(headers))


def _brought(headers: Headers) -> str:
    return cookie_parser(headers.get("cookie", "")).get(COOKIE, "")


def _set_cookie(value: str, secure: bool) -> str:
    cookie = f"{COOKIE}={value}; Path={settings().prefix}/; Max-Age={_YEAR}; HttpOnly; SameSite=Lax"
    return cookie + "; Secure" if secure else cookie
