"""How much one client, and one address, may ask for and keep open.

Both are asked: a client has a cookie or a token, and could have many of them; an address is counted whoever
is behind it. What a request counts as, its method and path say; what the page's callbacks begin, they say
themselves (`spend`).
"""

import ipaddress
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

from limits.aio.storage import Storage
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from nst.api.clients import KNOWN, client_of
from nst.api.errors import error_response
from nst.api.limits import VIDEOS
from nst.api.rates import Allowance, Rates
from nst.errors import Refusal
from nst.settings import Settings

REQUESTS, UPLOADS, JOBS, PREVIEWS = "requests", "uploads", "jobs", "previews"  # in a minute
OPEN, CHANGING, ARRIVING, EXPORTS = "open", "changing", "arriving", "exports"  # at a time
STREAMS, WEBSOCKETS = "streams", "websockets"

# Each request that is open may hold a megabyte of a body; a video that arrives, half a gigabyte of the disk;
# one for a painting to take home, forty megabytes of the answer.
_OPEN_BY_CLIENT = {OPEN: 128, CHANGING: 64, ARRIVING: 4, EXPORTS: 8}
_OPEN_BY_ADDRESS = {OPEN: 1024, CHANGING: 128, ARRIVING: 8, EXPORTS: 16}
_RETRY_OPEN = 5  # seconds
# Of the requests in a minute: a sixth, though never less than four pages ask for that are opened together.
_AT_ONCE, _PAGES_AT_ONCE = 6, 500
_NOT_COUNTED = ("/healthz", "/readyz", "/metrics")
_KINDS = {
    UPLOADS: re.compile(r"/api/v1/(images|videos)"),
    JOBS: re.compile(r"/api/v1/(jobs|groups|video-jobs)"),
    PREVIEWS: re.compile(r"/api/v1/(preview(/sheet)?|images/[^/]+/select)"),
}
_PAGE_FILES = re.compile(r"/(assets|_dash-component-suites)/")  # a page that lacks one of them is broken
# With its query: a PNG without one lies there as a file, the others are made, and held until they are taken.
_EXPORT = re.compile(r"/api/v1/jobs/[^/]+/(result\.(jpg|webp|png\?.)|timelapse\.webp)")
_STREAM = re.compile(r"/api/v1/(video-)?jobs/[^/]+/events")
_WORDS = {
    REQUESTS: "Those were too many requests in a short time.",
    UPLOADS: "Those were too many uploads in a short time.",
    JOBS: "Those were too many paintings in a short time.",
    PREVIEWS: "Those were too many previews in a short time.",
    OPEN: "Too many of your requests are being answered at once.",
    CHANGING: "Too many of your requests are being answered at once.",
    ARRIVING: "Too many of your videos are arriving at once.",
    EXPORTS: "Too many paintings are being taken home at once.",
    STREAMS: "Too many event streams are open already.",
    WEBSOCKETS: "Too many websockets are open already.",
}


class Quota:
    """ASGI middleware: 429 for whoever, by what `who` says of a request, wants more than is allowed."""

    def __init__(
        self,
        app: ASGIApp,
        who: Callable[[Scope], str | None],
        rates: Rates,
        most_open: Mapping[str, int],
    ) -> None:
        self._app = app
        self._who = who
        self._rates = rates
        self._most_open = most_open
        self._open: Counter[tuple[str, str]] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        who = None
        if scope["type"] in ("http", "websocket") and scope["path"] not in _NOT_COUNTED:
            who = self._who(scope)
        if who is None:
            await self._app(scope, receive, send)
            return
        token = _asked.set((*_asked.get(), (self._rates, who)))
        try:
            for kind in _rated(scope):
                await _count(self._rates, kind, who)
            with self._held(who, _held_open(scope)):
                await self._app(scope, receive, send)
        except _Exceeded as exceeded:
            await _refuse(exceeded, scope, receive, send)
        finally:
            _asked.reset(token)

    @contextmanager
    def _held(self, who: str, kinds: list[str]) -> Iterator[None]:
        """Count them as open while it goes on."""
        for kind in kinds:
            if self._open[kind, who] >= self._most_open[kind]:
                raise _Exceeded(kind, _RETRY_OPEN)
        for kind in kinds:
            self._open[kind, who] += 1
        try:
            yield
        finally:
            for kind in kinds:
                self._open[kind, who] -= 1
                if not self._open[kind, who]:
                    del self._open[kind, who]


async def spend(kind: str) -> None:
    """Count something that the request being answered begins, for its client and its address.

    Raises:
        Refusal: `too_many_requests`.
    """
    for rates, who in _asked.get():
        try:
            await _count(rates, kind, who)
        except _Exceeded as exceeded:
            raise Refusal("too_many_requests", exceeded.message) from exceeded


def by_address(app: ASGIApp, settings: Settings, shared: Storage | None = None) -> Quota:
    """An address may have as much as several clients."""
    many = settings.clients_per_address
    most_open = {kind: most * many for kind, most in _at_a_time(settings).items()}
    return Quota(app, address_of, Rates(_rates(settings, many), shared), most_open | _OPEN_BY_ADDRESS)


def by_client(app: ASGIApp, settings: Settings, shared: Storage | None = None) -> Quota:
    return Quota(app, _client, Rates(_rates(settings), shared), _at_a_time(settings) | _OPEN_BY_CLIENT)


def address_of(scope: Scope) -> str:
    """Whom an address stands for: of IPv6 the network that one customer has, of 64 bits."""
    text = (scope.get("client") or ("", 0))[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return text
    if isinstance(address, ipaddress.IPv4Address):
        return text
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, 64), strict=False))


class _Exceeded(Exception):
    def __init__(self, kind: str, seconds: int) -> None:
        super().__init__(kind)
        self.message = f"{_WORDS[kind]} Please try again in {seconds} seconds."
        self.seconds = seconds


_asked: ContextVar[tuple[tuple[Rates, str], ...]] = ContextVar("asked", default=())


async def _count(rates: Rates, kind: str, who: str) -> None:
    seconds = await rates.wait(kind, who)
    if seconds is not None:
        raise _Exceeded(kind, seconds)


async def _refuse(exceeded: _Exceeded, scope: Scope, receive: Receive, send: Send) -> None:
    headers = {"Retry-After": str(exceeded.seconds)}
    answer: Response = error_response(429, "too_many_requests", exceeded.message, headers=headers)
    await answer(scope, receive, send)  # of a websocket: instead of its handshake


def _client(scope: Scope) -> str | None:
    """None for those who bring neither, and for the page's files: they are counted by their address alone."""
    if _PAGE_FILES.match(scope["path"]):
        return None
    return scope.get(KNOWN) or client_of(Headers(scope=scope))


def _rates(settings: Settings, many: int = 1) -> dict[str, Allowance]:
    """Of so many visitors together."""
    requests = settings.requests_per_minute * many
    begun = {
        UPLOADS: settings.uploads_per_minute * many,
        JOBS: settings.jobs_per_minute * many,
        PREVIEWS: settings.previews_per_minute * many,
    }
    return {
        REQUESTS: Allowance(requests, max(requests // _AT_ONCE, min(requests, _PAGES_AT_ONCE))),
        **{kind: Allowance(most, most) for kind, most in begun.items()},
    }


def _at_a_time(settings: Settings) -> dict[str, int]:
    return {STREAMS: settings.streams_per_client, WEBSOCKETS: settings.websockets_per_client}


def _rated(scope: Scope) -> Iterator[str]:
    yield REQUESTS
    if scope["type"] == "http" and scope["method"] == "POST":
        yield from (kind for kind, pattern in _KINDS.items() if pattern.fullmatch(scope["path"]))


def _held_open(scope: Scope) -> list[str]:
    if scope["type"] == "websocket":
        return [WEBSOCKETS]
    if scope["method"] not in ("GET", "HEAD"):
        return [OPEN, CHANGING, *([ARRIVING] if scope["path"] == VIDEOS else [])]
    # A stream is there to stay, and holds no body: two hundred pages may follow one painting.
    if _STREAM.fullmatch(scope["path"]):
        return [STREAMS]
    asked = f"{scope['path']}?{scope['query_string'].decode('latin-1')}"
    return [OPEN, EXPORTS] if _EXPORT.match(asked) else [OPEN]
