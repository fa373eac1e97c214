import asyncio
from collections.abc import Callable

import pytest
from servers import Redis, free_port

from jobs.fake_engine import PATIENCE
from nst.jobs.redis_wake import RedisWake


async def heard(listener: object, after: int) -> int:
    assert await listener.beyond(after, PATIENCE)
    return listener.newest


@pytest.fixture
def wakes() -> Callable[[str], RedisWake]:
    opened: list[RedisWake] = []

    def make(url: str) -> RedisWake:
        opened.append(RedisWake(url))
        return opened[-1]

    yield make
    for wake in opened:
        wake.close()


async def told(there: RedisWake, listener: object, seq: int) -> None:
    """Announce until it is heard: what is said before the subscription stands, nobody hears."""
    async with asyncio.timeout(PATIENCE):
        while listener.newest < seq:
            there.announce("a", seq)
            await asyncio.sleep(0.05)


@pytest.mark.redis
def test_what_one_process_announces_another_hears(
    redis_here: Redis, wakes: Callable[[str], RedisWake]
) -> None:
    here, there = wakes(redis_here.url), wakes(redis_here.url)

    async def listen() -> None:
        with here.listen("a") as one, here.listen("b") as other:
            await told(there, one, 1)
            there.announce("a", 2)
            while one.newest < 2:
                assert await one.beyond(1, PATIENCE)
            assert other.newest == 0

    asyncio.run(listen())
    assert here.followed() == set()


@pytest.mark.redis
def test_listeners_look_at_the_database_while_redis_is_away_and_hear_again_when_it_is_back(
    redis_here: Redis, wakes: Callable[[str], RedisWake]
) -> None:
    here, there = wakes(redis_here.url), wakes(redis_here.url)

    async def listen() -> None:
        with here.listen("a") as listener:
            await told(there, listener, 1)
            await asyncio.to_thread(redis_here.stop)
            for _ in range(2):  # again and again, with nothing announced
                assert await listener.beyond(100, PATIENCE)
                assert listener.newest == 1
            await asyncio.to_thread(redis_here.start)
            await told(there, listener, 2)

    asyncio.run(listen())


def test_without_redis_nothing_waits(wakes: Callable[[str], RedisWake]) -> None:
    wake = wakes(f"redis://127.0.0.1:{free_port()}/0")

    async def listen() -> None:
        with wake.listen("a") as listener:
            wake.announce("a", 1)  # those of the same process hear at once
            assert await heard(listener, 0) == 1
            assert await listener.beyond(1, PATIENCE)  # told to look

    asyncio.run(listen())


@pytest.mark.redis
def test_what_was_announced_last_is_said_before_the_end(
    redis_here: Redis, wakes: Callable[[str], RedisWake]
) -> None:
    here = wakes(redis_here.url)

    async def listen() -> None:
        with here.listen("a") as listener:
            there = RedisWake(redis_here.url)
            await told(there, listener, 1)
            there.announce("a", 7)
            await asyncio.to_thread(there.close)
            while listener.newest < 7:
                assert await listener.beyond(6, PATIENCE)

    asyncio.run(listen())
