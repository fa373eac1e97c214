"""Waking those who follow a job, whichever process writes its log: by Redis, without trusting it.

One thread with a loop of its own carries everything. While Redis is away every listener looks at the database
once a second; while it is there, once in a while all the same, for messages can be lost without a trace.
"""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Lock, Thread

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

from nst.jobs.events import Listener, LocalWake

AWAY_SECONDS = 1.0  # between two looks at the database, and two tries to reach Redis
SURE_SECONDS = 10.0
_CHANNEL = "pentimento:log:"
_OWN = "pentimento:here"  # always subscribed to: a subscription proves that Redis is there
_FLUSH_SECONDS = 2.0

log = logging.getLogger(__name__)


class RedisWake(LocalWake):
    """Tells listeners of this process at once, those of others through Redis. Never waits for it."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._client: Redis = Redis.from_url(
            url, socket_connect_timeout=AWAY_SECONDS, socket_keepalive=True, decode_responses=True
        )
        self._writing = Lock()
        self._outbox: dict[str, int] = {}
        self._is_closed = False
        self._news = asyncio.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._run, name="wake", daemon=True)
        self._thread.start()

    def announce(self, job: str, seq: int) -> None:
        super().announce(job, seq)
        self._put(job, seq)
        self._nudge()

    @contextmanager
    def listen(self, job: str) -> Iterator[Listener]:
        with super().listen(job) as listener:
            self._nudge()
            yield listener
        self._nudge()

    def close(self) -> None:
        """Let everyone who listens go, and end the thread once all that was announced is said."""
        super().close()
        self._is_closed = True
        self._nudge()
        self._thread.join(_FLUSH_SECONDS)

    def _put(self, job: str, seq: int) -> None:
        with self._writing:
            self._outbox[job] = max(seq, self._outbox.get(job, 0))

    def _nudge(self) -> None:
        with suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._news.set)

    # Below: in the thread

    def _run(self) -> None:
        self._loop.run_until_complete(self._live())
        self._loop.close()

    async def _live(self) -> None:
        is_away = False
        while not self._is_closed:
            try:
                async with self._client.pubsub() as channel:
                    await channel.subscribe(_OWN)
                    if is_away:
                        log.warning("Redis is back")
                    is_away = False
                    await self._serve(channel)
            except (RedisError, OSError, TimeoutError) as error:
                if not is_away:
                    log.warning("Redis is away; the database is asked instead: %s", type(error).__name__)
                is_away = True
                self.look()
                await asyncio.sleep(AWAY_SECONDS)
        with suppress(RedisError, OSError):
            await self._client.aclose()

    async def _serve(self, channel: PubSub) -> None:
        """Subscribe and publish as it is wanted, until the end or an error."""
        self.look()
        subscribed: set[str] = set()
        reading = asyncio.create_task(self._read(channel))
        try:
            while True:
                self._news.clear()
                wanted = self.followed()
                if wanted - subscribed:
                    await channel.subscribe(*(_CHANNEL + job for job in wanted - subscribed))
                if subscribed - wanted:
                    await channel.unsubscribe(*(_CHANNEL + job for job in subscribed - wanted))
                subscribed = wanted
                await self._publish()
                if self._is_closed:
                    return
                news = asyncio.create_task(self._news.wait())
                done, _ = await asyncio.wait(
                    (news, reading), timeout=SURE_SECONDS, return_when=asyncio.FIRST_COMPLETED
                )
                news.cancel()
                if not done:
                    self.look()
                if reading in done:
                    reading.result()
        finally:
            reading.cancel()
            with suppress(asyncio.CancelledError, RedisError, OSError):
                await reading

    async def _publish(self) -> None:
        with self._writing:
            outbox, self._outbox = self._outbox, {}
        if not outbox:
            return
        try:
            async with self._client.pipeline(transaction=False) as pipeline:
                for job, seq in outbox.items():
                    pipeline.publish(_CHANNEL + job, seq)
                await pipeline.execute()
        except BaseException:
            for job, seq in outbox.items():
                self._put(job, seq)
            raise

    async def _read(self, channel: PubSub) -> None:
        async for message in channel.listen():
            job = str(message["channel"]).removeprefix(_CHANNEL)
            if message["type"] == "message":
                super().announce(job, int(message["data"]))
            elif message["type"] == "subscribe":  # what was said until now, nobody heard
                self.look(job)
