"""How often something may be asked for in a minute, by who asks: counted here, or in Redis for everyone."""

import logging
import math
import time
from collections.abc import Mapping

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage, RedisStorage, Storage
from limits.aio.strategies import FixedWindowRateLimiter

log = logging.getLogger(__name__)


class Rates:
    """Counters, one for each kind of request and whoever asks."""

    def __init__(self, per_minute: Mapping[str, int], shared: Storage | None = None) -> None:
        """`per_minute`: how often each kind may be asked for. Without `shared`, it is counted here alone."""
        self._items = {kind: RateLimitItemPerMinute(most) for kind, most in per_minute.items()}
        self._here = FixedWindowRateLimiter(MemoryStorage())
        self._everywhere = FixedWindowRateLimiter(shared) if shared is not None else self._here

    async def wait(self, kind: str, who: str) -> int | None:
        """Count a request. None if it may be carried out; otherwise the seconds until one may be again."""
        try:
            return await self._wait(self._everywhere, kind, who)
        except Exception as error:
            if self._everywhere is self._here:
                raise
            log.warning("Rates are counted in this process alone: %s", type(error).__name__)
            return await self._wait(self._here, kind, who)

    async def _wait(self, limiter: FixedWindowRateLimiter, kind: str, who: str) -> int | None:
        item = self._items[kind]
        if await limiter.hit(item, kind, who):
            return None
        stats = await limiter.get_window_stats(item, kind, who)
        return max(1, math.ceil(stats.reset_time - time.time()))


def in_redis(url: str) -> Storage:
    """Counters that all web processes share. `url` begins with redis:// or rediss://."""
    return RedisStorage(f"async+{url}", implementation="redispy", key_prefix="nst-rates", socket_timeout=0.5)
