"""One look at a painting for all the pages that show it.

However many they are, its log is followed once, and what follows from it for the page is worked out once. A
page that was told everything so far is told what changed; one that comes, or missed something, the whole.
"""

import asyncio
from collections.abc import Iterator
from contextlib import aclosing, contextmanager
from random import uniform

from sqlalchemy.exc import SQLAlchemyError

from components import ids, news, opening
from components.reading import Reading
from components.views import Update
from nst.errors import Refusal
from nst.jobs.events import PAGE
from nst.jobs.models import Job
from nst.jobs.studio import Studio

TICK = 0.2  # seconds at least between two pieces of news
LOOK_EVERY = 2.0  # seconds of a silent log: a place in line, or what holds a painting up, stands in none
PICTURES = 100  # a second: so many previews all the pages of a painting fetch together


class Broadcasts:
    """Those of one studio. Each goes on as long as somebody listens."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._on_air: dict[tuple[str, str], Broadcast] = {}

    @contextmanager
    def heard(self, owner: str, job_id: str, stir: asyncio.Event) -> Iterator["Broadcast"]:
        """Listen to the news of this owner's painting: `stir` is set when there are some, and at the end."""
        key = owner, job_id
        broadcast = self._on_air.get(key)
        if broadcast is None:
            broadcast = self._on_air[key] = Broadcast(self._studio, owner, job_id)
        broadcast.listeners.add(stir)
        try:
            yield broadcast
        finally:
            broadcast.listeners.discard(stir)
            if not broadcast.listeners:
                del self._on_air[key]
                broadcast.end()


class Broadcast:
    """The news of one painting. Begins at once, on the running event loop."""

    def __init__(self, studio: Studio, owner: str, job_id: str) -> None:
        self.listeners: set[asyncio.Event] = set()
        self.number = 0  # of the newest news
        self.picture: dict[str, object] | None = None  # not told with the news: to each page in its time
        self._studio = studio
        self._owner = owner
        self._job_id = job_id
        self._job: Job | None = None
        self._reading = Reading(job_id)
        self._said: Update = {}  # all of it, so that nothing is said twice
        self._newest: Update = {}
        self._whole: Update | None = None  # worked out for the first who asks
        self._task = asyncio.create_task(self._run())
        self._task.add_done_callback(lambda _: self._stir())

    def since(self, number: int) -> Update:
        """What to set on a page that was told all up to this number; 0 if it was told nothing."""
        if number and number == self.number - 1:
            return self._newest
        if self._whole is None:
            self._whole = self._all()
        return self._whole

    def picture_seconds(self) -> float:
        """How long a page waits before it fetches a new preview: not all of them do so at once."""
        is_painted = self._job is not None and self._job.state == "running"
        return uniform(0, 2 * len(self.listeners) / PICTURES) if is_painted else 0.0

    def is_over(self) -> bool:
        """Whether there will be no more. Raises what went wrong, if that is why."""
        if self._task.done() and not self._task.cancelled():
            self._task.result()
        return self._task.done()

    def end(self) -> None:
        self._task.cancel()

    async def _run(self) -> None:
        while True:
            try:
                await self._follow()
            except Refusal:
                self._job, self._said, self.picture = None, {}, None
                self._say(opening.lost())
                return
            except (OSError, SQLAlchemyError) as error:
                self._say(news.trouble(error))
                await asyncio.sleep(LOOK_EVERY)
            else:
                return

    async def _follow(self) -> None:
        """To the end of the painting, or of the studio."""
        after = self._reading.after
        async with aclosing(self._studio.follow(self._owner, self._job_id, after, LOOK_EVERY)) as log:
            async for events in log:
                await self._tell(self._reading.advanced(events))
                await asyncio.sleep(TICK if len(events) < PAGE else 0)
        await self._tell(self._reading)

    async def _tell(self, reading: Reading) -> None:
        """Say what is new. The job is read after its log, and may be ahead of it for a moment."""
        job = await asyncio.to_thread(self._studio.job, self._owner, self._job_id)
        before, self._job, self._reading = self._reading, job, reading
        update = news.between(before, job, reading)
        self.picture = update.pop(ids.PICTURE)
        self._say(update)

    def _say(self, update: Update) -> None:
        changed = {element: value for element, value in update.items() if self._said.get(element) != value}
        if changed:
            self._said |= changed
            self.number += 1
            self._newest, self._whole = changed, None
        self._stir()

    def _stir(self) -> None:
        for listener in self.listeners:
            listener.set()

    def _all(self) -> Update:
        """Everything that a page shows of the painting. What was a notice once is not one again."""
        if self._job is None:
            return self._said
        whole = news.between(Reading(self._job_id), self._job, self._reading)
        del whole[ids.PICTURE]
        return whole | {ids.DETAIL: self._said[ids.DETAIL]}  # which may be some trouble
