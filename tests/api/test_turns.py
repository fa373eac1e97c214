"""Who asks for much waits for it alone, and holds up nobody else."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Lock

import pytest
from anyio import to_thread
from fastapi import FastAPI
from fastapi.testclient import TestClient
from jobs.fake_engine import PATIENCE, wait_until

from nst.api.turns import Line
from nst.jobs.selection import Selections

from .conftest import Json

THREADS, MANY = 4, 8  # fewer than are asked for
Make = Callable[..., Json]


class Bench:
    """Work that takes as long as the test wants."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self.leave = Event()
        self.order: list[str] = []

    def ask(self, name: str) -> "asyncio.Task[str]":
        """For the client `name`, whose address is its first letter."""

        def work() -> str:
            self.order.append(name)
            assert self.leave.wait(PATIENCE)
            return name

        return asyncio.ensure_future(self._line.take(name[0], name[:2], work))

    async def begun(self, *names: str) -> None:
        async with asyncio.timeout(PATIENCE):
            while sorted(self.order) != sorted(names):
                await asyncio.sleep(0)


def test_an_address_has_one_place_and_others_come_in_meanwhile() -> None:
    async def main() -> None:
        bench = Bench(Line(2))
        asked = [bench.ask(name) for name in ("a1", "a1", "a2")]
        await bench.begun("a1")
        other = bench.ask("b1")
        await bench.begun("a1", "b1")
        bench.leave.set()
        assert await asyncio.gather(*asked, other) == ["a1", "a1", "a2", "b1"]

    asyncio.run(main())


def test_addresses_take_turns_and_at_an_address_its_clients() -> None:
    async def main() -> None:
        bench = Bench(Line(1))
        asked = [bench.ask(name) for name in ("a1-", "a1+", "a1*", "a2-", "a3-", "b1-", "b1+", "c1-")]
        await bench.begun("a1-")
        bench.leave.set()
        await asyncio.gather(*asked)
        assert bench.order == ["a1-", "a1+", "b1-", "c1-", "a2-", "b1+", "a3-", "a1*"]

    asyncio.run(main())


def test_what_is_given_up_or_fails_leaves_its_place() -> None:
    async def main() -> None:
        line = Line(1)
        bench = Bench(line)
        first, waiting, last = (bench.ask(name) for name in ("a1", "b1", "c1"))
        await bench.begun("a1")
        waiting.cancel()
        bench.leave.set()
        assert await asyncio.gather(first, last) == ["a1", "c1"]

        def fail() -> None:
            raise ValueError("no paint")

        with pytest.raises(ValueError, match="no paint"):
            await line.take("a", "a1", fail)
        assert await bench.ask("a1") == "a1"
        assert bench.order == ["a1", "c1", "a1"]

    asyncio.run(main())


@pytest.mark.parametrize("kind", ["exports", "selections"])
def test_what_one_visitor_waits_for_holds_up_nobody(
    client: TestClient,
    server: FastAPI,
    create: Make,
    until: Make,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
) -> None:
    job = until(create(), "done")

    def few_threads() -> None:
        to_thread.current_default_thread_limiter().total_tokens = THREADS

    client.portal.call(few_threads)
    leave, lock, under_way, ended = Event(), Lock(), [0, 0], []

    def slow(*_args: object) -> bytes | list[object]:
        with lock:
            under_way[0] += 1
            under_way[1] = max(under_way)
        leave.wait(PATIENCE)
        with lock:
            under_way[0] -= 1
            ended.append(kind)
        return b"picture" if kind == "exports" else []

    monkeypatch.setattr("nst.api.exports.exports.jpeg", slow)
    monkeypatch.setattr(Selections, "proposals", slow)
    address = {
        "exports": f"/api/v1/jobs/{job['id']}/result.jpg?strength=0.5",
        "selections": f"/api/v1/images/{job['content']}/proposals",
    }[kind]
    with ThreadPoolExecutor(MANY) as pool:
        asked = [pool.submit(client.get, address) for _ in range(MANY)]
        wait_until(lambda: len(server.state.lines[kind]._waiting) == MANY - 1)
        assert client.get("/api/v1/jobs").status_code == 200
        assert ended == []
        leave.set()
        assert {one.result().status_code for one in asked} == {200}
    assert under_way[1] == 1
