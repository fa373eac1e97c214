"""Headers that keep a browser careful, and a check of where a request that changes something comes from."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nst.api.errors import error_response

_READING = ("GET", "HEAD", "OPTIONS")
_USUAL_PORTS = (80, 443)
_ON_DEVICE = "/device"  # its networks run as WebAssembly


class Security:
    """ASGI middleware. `script_hashes` may still be filled after it was made."""

    def __init__(self, app: ASGIApp, script_hashes: list[str]) -> None:
        self._app = app
        self._script_hashes = script_hashes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "same-origin"
                headers["X-Frame-Options"] = "SAMEORIGIN"
                headers["Content-Security-Policy"] = self._policy(scope["path"])
            await send(message)

        if scope["method"] not in _READING and is_foreign(Headers(scope=scope)):
            message = "This request came from another site, so it was not carried out."
            await error_response(403, "foreign_origin", message)(scope, receive, send_secured)
            return
        await self._app(scope, receive, send_secured)

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
