"""`/admin`: how the studio stands, for whoever runs it: only to look at, and only with `NST_ADMIN_PASSWORD`.

The browser asks for the password (HTTP's Basic scheme; the name does not matter). `/admin/state` tells the
same as JSON.
"""

import base64
import binascii
import hashlib
import hmac
import time
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse

from nst.api.admin_page import rendered
from nst.api.attempts import Attempts, in_words
from nst.api.bundle import ASSETS, Bundle
from nst.api.errors import error_response
from nst.api.quotas import address_of
from nst.api.standing import standing
from nst.jobs.studio import Studio

_HERE = ASSETS / "admin"
_NEVER_KEPT = {"Cache-Control": "no-store"}
_CHALLENGE = {"WWW-Authenticate": 'Basic realm="Pentimento admin", charset="UTF-8"'}


def install(server: FastAPI, studio: Studio) -> None:
    """The page, if there is a password for it. Its addresses are relative: they hold under any prefix."""
    password = studio.settings.admin_password.get_secret_value()
    if not password:
        return
    door = _Door(password)
    shell = Bundle(
        "admin/shell",
        {
            "icon-192.png": ASSETS / "device" / "icons" / "icon-192.png",
            "admin.js": _HERE / "admin.js",
            "admin.css": _HERE / "admin.css",
            "bootstrap.css": ASSETS / "vendor" / "bootstrap.min.css",
            "studio.css": ASSETS / "studio.css",
            "theme.js": ASSETS / "early" / "theme.js",
        },
    )
    page = (_HERE / "admin.html").read_text("utf-8").replace("SHELL/", shell.base)

    @server.get("/admin", include_in_schema=False)
    async def admin(request: Request) -> Response:
        refusal = door.refusal(request)
        if refusal is not None:
            return refusal
        told = rendered(await run_in_threadpool(_state, request))
        return HTMLResponse(page.replace("<!-- STANDING -->", told), headers=_NEVER_KEPT)

    @server.get("/admin/state", include_in_schema=False)
    async def state(request: Request) -> Response:
        refusal = door.refusal(request)
        if refusal is not None:
            return refusal
        return JSONResponse(await run_in_threadpool(_state, request), headers=_NEVER_KEPT)

    @server.get("/admin/shell/{version}/{name}", include_in_schema=False)
    async def shell_file(version: str, name: str) -> FileResponse:
        return shell.answer(version, name)

    def _state(request: Request) -> dict[str, Any]:
        return standing(studio, server.version, is_late=request.app.state.loop_watch.is_hopeless)


class _Door:
    """Lets in who knows the password; who guesses has to wait. Of the loop, where no two look at once."""

    def __init__(self, password: str) -> None:
        self._expected = _digest(password)
        self._attempts = Attempts()

    def refusal(self, request: Request) -> Response | None:
        """The answer for who may not come in."""
        who, now = address_of(request.scope), time.monotonic()
        given = _password(request)
        if given is None:
            return error_response(401, "no_password", "This page asks for its password.", headers=_CHALLENGE)
        seconds = self._attempts.begin(who, now)
        if seconds:
            words, headers = in_words(seconds)
            return error_response(429, "too_many_attempts", words, headers=headers)
        if not hmac.compare_digest(_digest(given), self._expected):
            return error_response(401, "wrong_password", "The password is wrong.", headers=_CHALLENGE)
        self._attempts.right(who)
        return None


def _password(request: Request) -> str | None:
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(value, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _digest(password: str) -> bytes:
    """Of one length, whatever the password's: comparing takes the same time for all."""
    return hashlib.sha256(password.encode()).digest()
