"""Heavy requests stand in line, each address in its turn, and hold no thread of those that serve all."""

from asyncio import Future, get_running_loop
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Literal, TypeVar

from anyio import CapacityLimiter, to_thread
from fastapi import Depends, Request

from nst.api.quotas import address_of
from nst.api.shared import Client

T = TypeVar("T")
Kind = Literal["pictures", "videos", "selections", "exports", "strengths"]

# How many are worked on at a time.
_PLACES: dict[Kind, int] = {
    "pictures": 2,  # one at the limits takes half a gigabyte while it is decoded, and a kilobyte can hold it
    "videos": 2,
    "selections": 2,
    "exports": 1,  # a large one takes hundreds of megabytes while it is mixed
    "strengths": 2,
}


@dataclass(frozen=True, eq=False)
class _Waiter:
    address: str
    client: str
    called: "Future[None]"


class Line:
    """So many `places` at a time, at most one of them for an address: there, anybody can be many clients.

    A place that comes free goes to the next address, and of those at one address to the next client. So who
    asks for much waits for it alone. Used on one event loop.
    """

    def __init__(self, places: int) -> None:
        self._places = places
        self._threads = CapacityLimiter(places)
        self._waiting: list[_Waiter] = []  # in the order of their turns
        self._served: set[str] = set()  # addresses

    async def take(self, address: str, client: str, work: Callable[[], T]) -> T:
        """What `work` returns or raises, from a thread, when its turn has come."""
        waiter = _Waiter(address, client, get_running_loop().create_future())
        self._waiting.append(waiter)
        self._call()
        try:
            await waiter.called
            return await to_thread.run_sync(work, limiter=self._threads)
        finally:
            if waiter in self._waiting:  # given up
                self._waiting.remove(waiter)
            else:
                self._served.remove(address)
                self._call()

    def _call(self) -> None:
        """Call whoever may come now."""
        while len(self._served) < self._places:
            called = next((one for one in self._waiting if one.address not in self._served), None)
            if called is None:
                return
            self._waiting.remove(called)
            self._served.add(called.address)
            called.called.set_result(None)
            # Those at the same address go behind everybody else, and of these the same client's last.
            self._waiting.sort(key=lambda one: (one.address == called.address, one.client == called.client))


def lines() -> dict[Kind, Line]:
    """Those of one application."""
    return {kind: Line(places) for kind, places in _PLACES.items()}


class Turn:
    """The turns of whoever asks."""

    def __init__(self, lines: dict[Kind, Line], address: str, client: str) -> None:
        self._lines = lines
        self._who = address, client

    async def __call__(self, kind: Kind, work: Callable[[], T]) -> T:
        """What `work` returns or raises, from a thread, once it is its turn."""
        return await self._lines[kind].take(*self._who, work)


async def _turn(request: Request, client: Client) -> Turn:
    return Turn(request.app.state.lines, address_of(request.scope), client)


TheTurn = Annotated[Turn, Depends(_turn)]
