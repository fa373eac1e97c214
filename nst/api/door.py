"""The door of a private studio: nobody comes in without its password, which all who may share.

A browser is shown a page that asks for it, and then keeps a signed cookie; a program sends it as
`Authorization: Basic` with any name, or posts it once and keeps the cookie. Tokens were made inside, so they
open. The cookie is signed with the password too: who changes that ends all sessions.
"""

import asyncio
import json
import time
from base64 import b64decode
from html import escape
from pathlib import Path
from urllib.parse import parse_qs

from itsdangerous import BadSignature
from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from nst.api.attempts import Attempts, in_words
from nst.api.clients import KNOWN
from nst.api.errors import error_response
from nst.api.password import Password
from nst.api.quotas import address_of
from nst.api.signing import timed

COOKIE = "nst_door"
SIGN_IN, SIGN_OUT = "/sign-in", "/sign-out"
SHUT = 4401  # how a websocket is closed: the status of HTTP, and 4000
_MONTH = 30 * 24 * 3600
_BODY_BYTES = 4096
# Code and how the process is say nothing of anybody's; figures and the operator's page have their own guards.
_OPEN = (
    "/healthz",
    "/readyz",
    "/metrics",
    "/admin",
    "/manifest.webmanifest",
    "/favicon.ico",
    "/_favicon.ico",
)
_OPEN_BELOW = ("/assets/", "/admin/")
_PAGE = (Path(__file__).resolve().parents[2] / "assets" / "door" / "sign-in.html").read_text("utf-8")
_WRONG = "That is not the password."
_CHALLENGE = {"WWW-Authenticate": 'Basic realm="Pentimento", charset="UTF-8"'}


class Door:
    """ASGI middleware: 401 for whoever has not shown the password."""

    def __init__(self, app: ASGIApp, password: Password, prefix: str) -> None:
        """`prefix`: where a proxy shows the studio."""
        self._app = app
        self._prefix = prefix
        self._password = password
        self._signer = timed(f"nst-door {password.setting}")
        self._attempts = Attempts()
        self._trying = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket") or self._may_pass(scope):
            await self._app(scope, receive, send)
        elif scope["type"] == "http" and (scope["path"], scope["method"]) == (SIGN_IN, "POST"):
            await (await self._signed_in(scope, receive))(scope, receive, send)
        elif scope["type"] == "http" and (scope["path"], scope["method"]) == (SIGN_OUT, "POST"):
            await self._signed_out(scope)(scope, receive, send)
        elif scope["type"] == "http" and scope["path"] == SIGN_IN:
            await self._asked("")(scope, receive, send)
        elif (given := _basic(scope)) is None:
            await self._shut(scope, receive, send)
        elif (refusal := await self._refusal(scope, given)) is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": SHUT})
        else:
            await error_response(*refusal[:3], headers=refusal[3])(scope, receive, send)

    def _may_pass(self, scope: Scope) -> bool:
        path = scope["path"]
        if path in (SIGN_IN, SIGN_OUT):
            return False
        return path in _OPEN or path.startswith(_OPEN_BELOW) or KNOWN in scope or self._has_session(scope)

    def _has_session(self, scope: Scope) -> bool:
        brought = cookie_parser(Headers(scope=scope).get("cookie", "")).get(COOKIE, "")
        try:
            self._signer.unsign(brought.encode("utf-8", "replace"), max_age=_MONTH)
        except BadSignature:  # or one that has expired
            return False
        return True

    async def _refusal(self, scope: Scope, given: str) -> tuple[int, str, str, dict[str, str]] | None:
        """Status, code, message and headers for a password that does not open; None for the right one."""
        who = address_of(scope)
        seconds = self._attempts.wait(who, time.monotonic())
        is_right = not seconds and self._password.is_known(given)
        if not seconds and not is_right:
            async with self._trying:  # of several who bring the right one at once, the first makes it known
                is_right = self._password.is_known(given)
                if not is_right:
                    seconds = self._attempts.begin(who, time.monotonic())
                    is_right = not seconds and await asyncio.to_thread(self._password.matches, given)
        if seconds:
            words, headers = in_words(seconds)
            return 429, "too_many_attempts", words, headers
        if is_right:
            self._attempts.right(who)
            return None
        return 401, "wrong_password", _WRONG, _challenge(scope)

    async def _shut(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": SHUT})  # before it is accepted: a 403
        elif scope["method"] in ("GET", "HEAD") and "text/html" in headers.get("accept", ""):
            query = scope["query_string"].decode("latin-1")
            onward = self._prefix + scope["path"] + (f"?{query}" if query else "")
            await self._asked(onward)(scope, receive, send)
        else:
            words = "This studio is private. Send its password, or sign in with a browser."
            answer = error_response(401, "needs_password", words, headers=_challenge(scope))
            await answer(scope, receive, send)

    async def _signed_in(self, scope: Scope, receive: Receive) -> Response:
        """The answer to a password that was posted, as a form or as JSON."""
        is_json = Headers(scope=scope).get("content-type", "").startswith("application/json")
        given, onward = _said(await _body(receive), is_json)
        refusal = await self._refusal(scope, given)
        if refusal is None:
            answer = (
                Response(status_code=204) if is_json else RedirectResponse(onward or f"{self._prefix}/", 303)
            )
            _set_cookie(answer, scope, self._signer.sign(b"in").decode(), _MONTH)
            answer.headers["Cache-Control"] = "no-store"
            return answer
        status, code, words, headers = refusal
        if is_json:
            return error_response(status, code, words, "password", headers=headers)
        return self._asked(onward, words, status, headers)

    def _asked(
        self, onward: str, problem: str = "", status: int = 401, headers: dict[str, str] | None = None
    ) -> HTMLResponse:
        """The page that asks for the password, and leads on to where somebody wanted to go."""
        page = _PAGE.replace("ROOT", escape(self._prefix)).replace("PROBLEM", escape(problem))
        page = page.replace("INVALID", "true" if problem else "false").replace("NEXT", escape(onward))
        kept = {key: value for key, value in (headers or {}).items() if key == "Retry-After"}
        return HTMLResponse(page, status, {"Cache-Control": "no-store", **kept})

    def _signed_out(self, scope: Scope) -> Response:
        answer = RedirectResponse(f"{self._prefix}/", 303)
        _set_cookie(answer, scope, "", 0)
        answer.headers["Clear-Site-Data"] = '"cache"'
        answer.headers["Cache-Control"] = "no-store"
        return answer


def _set_cookie(answer: Response, scope: Scope, value: str, seconds: int) -> None:
    secure = scope["scheme"] == "https"
    answer.set_cookie(COOKIE, value, max_age=seconds, httponly=True, samesite="lax", secure=secure)


def _challenge(scope: Scope) -> dict[str, str]:
    """For programs alone: a browser would ask for name and password in a window of its own."""
    return {} if "sec-fetch-mode" in Headers(scope=scope) else _CHALLENGE


def _basic(scope: Scope) -> str | None:
    """The password of an `Authorization: Basic`, whatever the name in it."""
    scheme, _, sent = Headers(scope=scope).get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return b64decode(sent, validate=True).decode("utf-8", "replace").partition(":")[2]
    except ValueError:
        return ""


def _said(body: bytes, is_json: bool) -> tuple[str, str]:
    """The password, and a path of ours to go on to."""
    if not is_json:
        form = parse_qs(body.decode("utf-8", "replace"))
        return form.get("password", [""])[0], _ours(form.get("next", [""])[0])
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return "", ""
    given = said.get("password") if isinstance(said, dict) else None
    return given if isinstance(given, str) else "", ""


def _ours(path: str) -> str:
    """`path` if it leads somewhere here: browsers take // and /\\ for the beginning of another host."""
    is_ours = path.startswith("/") and path[1:2] not in ("/", "\\") and path.isprintable()
    return path if is_ours else ""


async def _body(receive: Receive) -> bytes:
    """All of it, if it is no longer than a password takes."""
    body, more = b"", True
    while more and len(body) <= _BODY_BYTES:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body if len(body) <= _BODY_BYTES else b""
