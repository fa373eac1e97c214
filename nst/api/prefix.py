"""The path under which a proxy shows the studio, as in `https://example.org/studio/`."""

from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send


class Prefix:
    """ASGI middleware: takes the prefix off each path, so that nothing within knows of it.

    A proxy may have done so already: a path without it is answered as well.
    """

    def __init__(self, app: ASGIApp, prefix: str) -> None:
        self._app = app
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if path == self._prefix and scope["type"] == "http":
            await RedirectResponse(f"{self._prefix}/", 308)(scope, receive, send)
            return
        if path.startswith(f"{self._prefix}/"):
            raw = scope.get("raw_path") or path.encode()
            scope = {
                **scope,
                "path": path.removeprefix(self._prefix),
                "raw_path": raw.removeprefix(self._prefix.encode()),
            }
        await self._app(scope, receive, send)
