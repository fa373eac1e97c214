"""How often something may be asked for, by who asks: counted here, and with Redis for everyone as well."""

import logging
import math
import time
from collections.abc import Mapping
from typing import NamedTuple

from limits import RateLimitItemPerMinute
from limits.aio.storage import RedisStorage, Storage
from limits.aio.strategies import FixedWindowRateLimiter

MINUTE = 60.0
AWAY_SECONDS = 5.0  # for which counters in Redis that failed are not tried again

log = logging.getLogger(__name__)


class Allowance(NamedTuple):
    """So many in a minute, of which so many at once; who used those up gets the others evenly spread."""

    per_minute: int
    at_once: int


class Rates:
    """Counts each kind of request and whoever asks. A refusal costs a look into a dictionary."""

    def __init__(self, allowed: Mapping[str, Allowance], shared: Storage | None = None) -> None:
        """Without `shared`, it is counted here alone."""
        self._allowed = allowed
        self._paid: dict[tuple[str, str], float] = {}  # until when: each request takes its time of a minute
        self._forget = 0.0
        self._items = {kind: RateLimitItemPerMinute(most.per_minute) for kind, most in allowed.items()}
        self._everywhere = None if shared is None else FixedWindowRateLimiter(shared)
        self._away_until = float("-inf")

    async def wait(self, kind: str, who: str) -> int | None:
        """Count a request. None if it may be carried out; otherwise the seconds until one may be again."""
        now = time.monotonic()
        seconds = self._wait_here(kind, who, now)
        if seconds is not None or self._everywhere is None or now < self._away_until:
            return seconds
        if self._away_until > float("-inf"):  # this request tries, for all others
            self._away_until = now + AWAY_SECONDS
        try:
            seconds = await self._wait_everywhere(self._everywhere, kind, who)
        except Exception as error:
            log.warning("Rates are counted in this process alone: %s", type(error).__name__)
            self._away_until = time.monotonic() + AWAY_SECONDS
            return None
        self._away_until = float("-inf")
        return seconds

    def _wait_here(self, kind: str, who: str, now: float) -> int | None:
        """By the generic cell rate algorithm (ITU-T I.371): a moment is all that is kept of anybody."""
        if now >= self._forget:
            self._paid = {key: until for key, until in self._paid.items() if until > now}
            self._forget = now + MINUTE
        most = self._allowed[kind]
        one = MINUTE / most.per_minute
        until = max(now, self._paid.get((kind, who), now)) + one
        late = until - now - most.at_once * one
        if late > one / 1e6:  # less is rounding
            return max(1, math.ceil(late))
        self._paid[kind, who] = until
        return None

    async def _wait_everywhere(self, limiter: FixedWindowRateLimiter, kind: str, who: str) -> int | None:
        item = self._items[kind]
        if await limiter.hit(item, kind, who):
            return None
        stats = await limiter.get_window_stats(item, kind, who)
        return max(1, math.ceil(stats.reset_time - time.time()))


def in_redis(url: str) -> Storage:
    """Counters that all web processes share. `url` begins with redis:// or rediss://."""
    return RedisStorage(f"async+{url}", implementation="redispy", key_prefix="nst-rates", socket_timeout=0.5)
