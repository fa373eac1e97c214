"""The page's own addresses. All are the page at `/`, which reads in the browser where it was opened."""

import re
from collections.abc import Sequence

from starlette.types import ASGIApp, Receive, Scope, Send


class PageAddresses:
    """ASGI middleware: answers at each path that matches a pattern with what is at `/`.

    `patterns` may still be filled after it was made.
    """

    def __init__(self, app: ASGIApp, patterns: Sequence[str]) -> None:
        self._app = app
        self._patterns = patterns

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "GET" and self._is_the_pages(scope["path"]):
            scope = {**scope, "path": "/", "raw_path": b"/"}
        await self._app(scope, receive, send)

    def _is_the_pages(self, path: str) -> bool:
        return any(re.fullmatch(pattern, path) for pattern in self._patterns)
