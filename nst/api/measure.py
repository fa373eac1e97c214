"""What is asked of the server, and how soon it answers: counted by the pattern of the address."""

import random
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nst import logs
from nst.jobs import metrics

_ROUTE = "nst.route"
_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
UNKNOWN = "unknown"  # no address of ours, or refused before anybody looked


class Measure:
    """ASGI middleware: counts whatever is answered, by whomever, and logs a share of it.

    The time is that to the first byte: the rest is the reader's pace, and an event stream has no end.
    """

    def __init__(self, app: ASGIApp, log_share: float) -> None:
        self._app = app
        self._log_share = log_share

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        route: list[str] = []
        if scope["type"] == "websocket":
            measured: _Request | _Websocket = _Websocket(send, route)
        else:
            measured = _Request(scope, send, route, self._log_share)
        logs.address.set(scope["client"][0] if scope.get("client") else None)
        try:
            await self._app({**scope, _ROUTE: route}, receive, measured.send)
        finally:
            measured.end()


class RouteName:
    """ASGI middleware, next to the routes: says which of them a request went to."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_route(message: Message) -> None:
            if not scope[_ROUTE] and (route := _pattern(scope)):
                scope[_ROUTE].append(route)
            await send(message)

        await self._app(scope, receive, send_with_route if _ROUTE in scope else send)


class _Request:
    def __init__(self, scope: Scope, send: Send, route: list[str], log_share: float) -> None:
        self._log_share = log_share
        self._method = scope["method"] if scope["method"] in _METHODS else "other"
        self._send = send
        self._route = route
        self._began = time.perf_counter()

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            route = self._route[0] if self._route else UNKNOWN
            seconds = time.perf_counter() - self._began
            metrics.HTTP_REQUESTS.labels(self._method, route, str(message["status"])).inc()
            metrics.HTTP_SECONDS.labels(self._method, route).observe(seconds)
            if self._log_share and random.random() < self._log_share:
                logs.REQUESTS.info(
                    "%s %s %d in %.0f ms", self._method, route, message["status"], seconds * 1e3
                )
        await self._send(message)

    def end(self) -> None:
        """Nothing more to count."""


class _Websocket:
    def __init__(self, send: Send, route: list[str]) -> None:
        self._send = send
        self._route = route
        self._counted: str | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "websocket.accept":
            self._counted = self._route[0] if self._route else UNKNOWN
            metrics.WEBSOCKETS.labels(self._counted).inc()
        await self._send(message)

    def end(self) -> None:
        if self._counted is not None:
            metrics.WEBSOCKETS.labels(self._counted).dec()


def _pattern(scope: Scope) -> str | None:
    """The route's path as it was written down, prefix and all, such as `/api/v1/jobs/{job_id}`."""
    included = scope.get("fastapi", {}).get("effective_route_context")
    for route in (included, scope.get("route")):
        path = getattr(route, "path_format", None) or getattr(route, "path", None)
        if path:
            return str(path)
    return None
