"""`/admin`: how the studio stands, for whoever runs it: only to look at, and only with `NST_ADMIN_PASSWORD`.

The browser asks for the password (HTTP's Basic scheme; the name does not matter). `/admin/state` tells the
same as JSON.
"""

import base64
import binascii
import hashlib
import hmac
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from nst.api.admin_page import rendered
from nst.api.bundle import ASSETS, Bundle
from nst.api.errors import error_response
from nst.api.standing import standing
from nst.jobs.studio import Studio

MOST_GUESSES = 10  # a minute, from one address
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
    def admin(request: Request) -> Response:
        refusal = door.refusal(request)
        if refusal is not None:
            return refusal
        return HTMLResponse(page.replace("<!-- STANDING -->", rendered(_state(request))), headers=_NEVER_KEPT)

    @server.get("/admin/state", include_in_schema=False)
    def state(request: Request) -> Response:
        return door.refusal(request) or JSONResponse(_state(request), headers=_NEVER_KEPT)

    @server.get("/admin/shell/{version}/{name}", include_in_schema=False)
    async def shell_file(version: str, name: str) -> FileResponse:
        return shell.answer(version, name)

    def _state(request: Request) -> dict[str, Any]:
        return standing(studio, server.version, is_late=request.app.state.loop_watch.is_hopeless)


class _Door:
    """Lets in who knows the password; who guesses has a few tries a minute."""

    def __init__(self, password: str) -> None:
        self._expected = _digest(password)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._rate = RateLimitItemPerMinute(MOST_GUESSES)

    def refusal(self, request: Request) -> Response | None:
        """The answer for who may not come in."""
        address = request.client.host if request.client else ""
        given = _password(request)
        if given is None:
            return error_response(401, "no_password", "This page asks for its password.", headers=_CHALLENGE)
        if not self._limiter.test(self._rate, address):
            message = "Too many wrong passwords came from this address. Try again in a minute."
            return error_response(429, "too_many_guesses", message, headers={"Retry-After": "60"})
        if not hmac.compare_digest(_digest(given), self._expected):
            self._limiter.hit(self._rate, address)
            return error_response(401, "wrong_password", "The password is wrong.", headers=_CHALLENGE)
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
