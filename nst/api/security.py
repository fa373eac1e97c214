"""Headers that keep a browser careful, and a check of where a request that changes something comes from.

The same holds for the handshake of a websocket, which browsers let any page begin.
"""

from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nst.api import hosts
from nst.api.errors import error_response

_READING = ("GET", "HEAD", "OPTIONS")
_USUAL_PORTS = (80, 443)
_ON_DEVICE = "/device"  # its networks run as WebAssembly
FOREIGN = 4403  # how a websocket is closed: the status of HTTP, and 4000


_POWERS = (
    "accelerometer",
    "display-capture",
    "geolocation",
    "gyroscope",
    "microphone",
    "midi",
    "payment",
    "usb",
)
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "SAMEORIGIN",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(("camera=(self)", *(f"{power}=()" for power in _POWERS))),
}
_HTTPS_ALONE = "max-age=31536000"


class Security:
    """ASGI middleware. `script_hashes` may still be filled after it was made; of `allowed_hosts`: `hosts`."""

    def __init__(self, app: ASGIApp, script_hashes: list[str], allowed_hosts: Collection[str] = ()) -> None:
        self._app = app
        self._script_hashes = script_hashes
        self._allowed_hosts = allowed_hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return

        async def send_secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(_HEADERS)
                headers["Content-Security-Policy"] = self._policy(scope["path"])
                if scope["scheme"] == "https":
                    headers["Strict-Transport-Security"] = _HTTPS_ALONE
            await send(message)

        refusal = self._refusal(scope)
        if refusal is None:
            await self._app(scope, receive, send_secured)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": FOREIGN})  # before it is accepted: a 403
        else:
            await error_response(*refusal)(scope, receive, send_secured)

    def _refusal(self, scope: Scope) -> tuple[int, str, str] | None:
        """Status, code and message for what is not carried out."""
        if not hosts.is_ours(scope, self._allowed_hosts):
            words = "This studio does not go by that name. Its operator can add it to NST_ALLOWED_HOSTS."
            return 421, "unknown_host", words
        changes = scope["type"] == "websocket" or scope["method"] not in _READING
        if changes and is_foreign(Headers(scope=scope)):
            return 403, "foreign_origin", "This request came from another site, so it was not carried out."
        return None

    def _policy(self, path: str) -> str:
        scripts = " ".join(self._script_hashes) or "'unsafe-inline'"
        if path.startswith(_ON_DEVICE):
            scripts += " 'wasm-unsafe-eval'"
        return "; ".join(
            (
                "default-src 'self'",
                f"script-src 'self' {scripts}",
                "style-src 'self' 'unsafe-inline'",  # Plotly and Dash style their elements in place
                "img-src 'self' data: blob:",
                "font-src 'self' data:",
                "connect-src 'self'",  # includes the websocket of the same origin
                "worker-src 'self' blob:",
                "object-src 'none'",
                "base-uri 'self'",
                "form-action 'self'",
                "frame-ancestors 'self'",
            )
        )


def is_foreign(headers: Headers) -> bool:
    """Whether a browser sent this from a page of another origin. Programs send no Origin at all."""
    origin = headers.get("origin")
    if origin is None:
        return headers.get("sec-fetch-site") == "cross-site"
    theirs = _place(origin)
    return theirs is None or theirs != _place(f"//{headers.get('host', '')}")


def _place(url: str) -> tuple[str, int | None] | None:
    """Host and port; no port where it is a usual one: a proxy may have taken off the TLS."""
    try:
        parts = urlsplit(url)
        port = None if parts.port in _USUAL_PORTS else parts.port
    except ValueError:
        return None
    return (parts.hostname, port) if parts.hostname else None
