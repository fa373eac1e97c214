"""`Idempotency-Key`: a request that is sent again is answered with what it made the first time."""

import json
from collections.abc import Callable
from typing import Annotated, TypeVar

from fastapi import Depends, Header, Request, Response

from nst.api.shared import Client, TheStudio
from nst.errors import Refusal
from nst.jobs.records import idempotency
from nst.jobs.records.idempotency import AlreadyMade
from nst.jobs.studio import Studio

REPLAYED = {"Idempotent-Replayed": "true"}
_MOST_LETTERS = 255

A = TypeVar("A")
Key = Annotated[
    str | None,
    Header(
        alias=idempotency.FIELD,
        min_length=1,
        max_length=_MOST_LETTERS,
        description="Any text of your own, such as a random UUID. The same request with the same key, within "
        "24 hours, makes nothing new: it is answered with what it made, as that stands now, and with the "
        "header `Idempotent-Replayed: true`.",
    ),
]


class Once:
    """Makes something, unless the same request has made it before."""

    def __init__(self, studio: Studio, request: idempotency.Request | None, response: Response) -> None:
        self._requests = studio.requests
        self._request = request
        self._response = response

    def __call__(self, make: Callable[[idempotency.Request | None], A], find: Callable[[str], A]) -> A:
        """The answer of `make`, or of `find` for the id of what was made. Raises `Refusal`."""
        while self._request is not None:
            made = self._requests.made(self._request)
            if made is not None:
                return self._found(made, find)
            try:
                return make(self._request)
            except AlreadyMade:
                continue  # between our look and the attempt
        return make(None)

    def _found(self, made: str, find: Callable[[str], A]) -> A:
        try:
            answer = find(made)
        except Refusal as refusal:
            message = "What this key asked for was deleted since. Ask again with a new key."
            raise Refusal(refusal.code, message, idempotency.FIELD) from refusal
        self._response.headers.update(REPLAYED)
        return answer


async def _once(
    request: Request, response: Response, studio: TheStudio, client: Client, key: Key = None
) -> Once:
    if key is None:
        return Once(studio, None, response)
    contents = f"{request.method} {request.url.path} ".encode() + _sorted(await request.body())
    return Once(studio, idempotency.Request.of(client, key, contents), response)


def _sorted(body: bytes) -> bytes:
    """The same for JSON that says the same. What is none is refused elsewhere."""
    try:
        return json.dumps(json.loads(body), sort_keys=True).encode()
    except (ValueError, RecursionError):
        return body


TheOnce = Annotated[Once, Depends(_once)]
