"""Who asks. A client is whoever holds the cookie `nst_client`; there are no accounts.

The id in the cookie is random and long, so that it can be neither guessed nor counted up to. Callbacks over a
websocket see no cookies: the page that opened it carries a signed token instead.
"""

import os
import re
import secrets
from contextlib import suppress
from contextvars import ContextVar
from functools import cache
from pathlib import Path

from itsdangerous import BadSignature, URLSafeSerializer
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nst.errors import Refusal
from nst.settings import settings

COOKIE = "nst_client"
_CLIENT = re.compile(r"[A-Za-z0-9_-]{32,64}")
_YEAR = 365 * 24 * 3600
# Answers that are the same for everybody may be kept by caches: a cookie in one would be shared.
_SHARED = ("/assets/", "/_dash-component-suites/", "/docs/", "/healthz", "/readyz")

_current: ContextVar[str] = ContextVar("client")


def current_client() -> str:
    """The id of the client whose request is being answered. `LookupError` outside of a request."""
    return _current.get()


def sign(owner: str) -> str:
    """A token that proves to `verify` that we gave it to `owner`."""
    return _serializer(settings().data_dir.expanduser()).dumps(owner)


def verify(token: str) -> str:
    """The owner whom `token` was given to. Raises `Refusal("bad_token")` for one that we did not give."""
    try:
        owner = _serializer(settings().data_dir.expanduser()).loads(token)
    except BadSignature as error:
        raise Refusal("bad_token", "This page is out of date. Please load it again.") from error
    return str(owner)


class ClientCookie:
    """ASGI middleware: knows the client by its cookie, and gives one to whoever comes without."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        known = client_of(Headers(scope=scope))
        client = known or secrets.token_urlsafe(32)

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if not headers.setdefault("Cache-Control", "private, no-cache").startswith("public"):
                    headers.append("Set-Cookie", _set_cookie(client, secure=scope["scheme"] == "https"))
            await send(message)

        shared = scope["path"].startswith(_SHARED)
        token = _current.set(client)
        try:
            await self._app(scope, receive, send if known or shared else send_with_cookie)
        finally:
            _current.reset(token)


def client_of(headers: Headers) -> str | None:
    """The id in the cookie of a request, or of a websocket's handshake; none where there is no good one."""
    value = cookie_parser(headers.get("cookie", "")).get(COOKIE, "")
    return value if _CLIENT.fullmatch(value) else None


def _set_cookie(client: str, secure: bool) -> str:
    cookie = f"{COOKIE}={client}; Path=/; Max-Age={_YEAR}; HttpOnly; SameSite=Lax"
    return cookie + "; Secure" if secure else cookie


@cache
def _serializer(folder: Path) -> URLSafeSerializer:
    return URLSafeSerializer(_secret(folder), salt="nst-client")


def _secret(folder: Path) -> str:
    """The key that tokens are signed with: made once, readable by the studio's own user alone."""
    path = folder / "secret"
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f".secret-{secrets.token_hex(8)}"
    with suppress(FileExistsError):
        if not path.exists():
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(32))
            try:
                os.link(fresh, path)  # of several processes that start at once, one wins, whole
            finally:
                fresh.unlink()
    return path.read_text()
