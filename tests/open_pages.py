"""Pages that listen to the feed, without a browser: they say what they show, and keep what they are told."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from contextvars import ContextVar

from jobs.fake_engine import PATIENCE

from components import ids
from components.broadcast import Broadcasts
from components.feed import Feed
from components.sending import send
from components.views import Update

ADA, BOB = "ada", "bob"


class Page:
    def __init__(self, shown: str | None = None, owner: str = ADA) -> None:
        self.shown = shown
        self.owner = owner
        self.updates: list[Update] = []
        self.beats = 0
        self.is_open = True
        self._feed: Feed | None = None

    @property
    def told(self) -> Update:
        """What stands on it by now."""
        return {element: value for update in self.updates for element, value in update.items()}

    async def ask(self, element: str, prop: str) -> object:
        assert (element, prop) == (ids.JOB, "data")
        if not self.is_open:
            raise TimeoutError  # the tab was closed
        return self.shown

    def turn(self, job_id: str | None) -> None:
        """Show another painting, and tell the feed."""
        assert self._feed is not None
        self.shown = job_id
        self._feed.turn(job_id)

    async def live(self, broadcasts: Broadcasts) -> None:
        _here.set(self)
        self._feed = Feed(broadcasts, self.owner, self.ask)
        with suppress(TimeoutError):
            await self._feed.run()


_here: ContextVar[Page] = ContextVar("page")


def keep(update: Update) -> None:
    """In place of `send`: the page whose feed sends it keeps it."""
    page = _here.get(None)
    if page is None:
        send(update)  # with the answer of an HTTP callback
    elif ids.FEED_BEAT in update:
        page.beats += 1
    else:
        page.updates.append(update)


@asynccontextmanager
async def opened(broadcasts: Broadcasts, *pages: Page) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as group:
        lives = [group.create_task(page.live(broadcasts)) for page in pages]
        yield
        for life in lives:
            life.cancel()


async def becomes(true: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not true():
            await asyncio.sleep(0.005)
