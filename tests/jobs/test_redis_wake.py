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


async def newest(listener: object, seq: int) -> None:
    """Wait until the listener knows of this number, however often it is told to look in between."""
    while listener.newest < seq:
        assert await listener.beyond(seq - 1, PATIENCE)


@pytest.mark.redis
def test_what_one_process_announces_another_hears(
    redis_here: Redis, wakes: Callable[[str], RedisWake]
) -> None:
    here, there = wakes(redis_here.url), wakes(redis_here.url)

    async def listen() -> None:
        with here.listen("a") as one, here.listen("b") as other:
            # An announcement from before the subscription may be missed; then a look is told.
            assert await one.beyond(0, PATIENCE)
            for seq in (1, 2):
                there.announce("a", seq)
                await asyncio.wait_for(newest(one, seq), PATIENCE)
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
            there.announce("a", 1)
            await asyncio.wait_for(newest(listener, 1), PATIENCE)
            await asyncio.to_thread(redis_here.stop)
            for _ in range(2):  # again and again, with nothing announced
                assert await listener.beyond(100, PATIENCE)
                assert listener.newest == 1
            there.announce("a", 2)
            await asyncio.to_thread(redis_here.start)
            await asyncio.wait_for(until_told(listener), PATIENCE)

    async def until_told(listener: object) -> None:
        seq = 2
        while listener.newest < 2:
            seq += 1
            there.announce("a", seq)
            await asyncio.sleep(0.05)

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
            assert await listener.beyond(0, PATIENCE)
            there = RedisWake(redis_here.url)
            there.announce("a", 7)
            await asyncio.to_thread(there.close)
            await asyncio.wait_for(newest(listener, 7), PATIENCE)

    asyncio.run(listen())
