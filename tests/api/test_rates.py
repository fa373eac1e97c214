import asyncio
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from jobs.fake_engine import wait_until

from nst.api import rates as rates_module
from nst.api.rates import Allowance, Rates, in_redis


def test_each_kind_and_each_visitor_is_counted_apart() -> None:
    async def ask() -> list[int | None]:
        rates = Rates({"uploads": Allowance(2, 2), "jobs": Allowance(1, 1)})
        asked = [
            ("uploads", "ada"),
            ("uploads", "ada"),
            ("uploads", "bob"),
            ("jobs", "ada"),
            ("uploads", "ada"),
        ]
        return [await rates.wait(kind, who) for kind, who in asked]

    *allowed, refused = asyncio.run(ask())
    assert allowed == [None] * 4
    assert refused is not None
    assert 1 <= refused <= 60


def test_who_used_up_what_goes_at_once_gets_the_others_evenly(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(rates_module, "time", clock)

    async def allowed_in(seconds: int, rates: Rates) -> int:
        """Of ten requests a second."""
        allowed = 0
        for _ in range(10 * seconds):
            allowed += await rates.wait("requests", "eager") is None
            clock.now += 0.1
        return allowed

    async def ask() -> list[int]:
        rates = Rates({"requests": Allowance(per_minute=60, at_once=20)})
        return [await allowed_in(seconds, rates) for seconds in (10, 60, 60)]

    assert asyncio.run(ask()) == [20 + 9, 60, 60]


def test_those_who_ask_no_more_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(rates_module, "time", clock)

    async def ask() -> int:
        rates = Rates({"requests": Allowance(60, 20)})
        for number in range(1000):
            await rates.wait("requests", f"visitor {number}")
        clock.now += 2 * rates_module.MINUTE
        await rates.wait("requests", "another")
        return len(rates._paid)

    assert asyncio.run(ask()) == 1


class Clock:
    now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[tuple[str, subprocess.Popen]]:
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("redis-server is not installed")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL)

    def answers() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    try:
        wait_until(answers)
        yield f"redis://127.0.0.1:{port}/0", running
    finally:
        running.kill()
        running.wait()


def test_processes_share_their_count_in_redis_and_count_alone_without_it(
    redis_server: tuple[str, subprocess.Popen], caplog: pytest.LogCaptureFixture
) -> None:
    url, running = redis_server

    async def ask() -> list[bool]:
        counters = [in_redis(url) for _ in range(2)]
        one, other = (Rates({"jobs": Allowance(2, 2)}, shared) for shared in counters)
        asked = [await rates.wait("jobs", "ada") is None for rates in (one, other, one, other)]
        running.kill()
        running.wait()
        asked += [await one.wait("jobs", "bob") is None for _ in range(3)]
        for shared in counters:
            await shared.bridge.get_connection().aclose()
        return asked

    assert asyncio.run(ask()) == [True, True, False, False, True, True, False]
    assert len(caplog.records) == 1, "not every request tries again what has just failed"
