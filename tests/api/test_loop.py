import asyncio
import time

import pytest
from fastapi.testclient import TestClient
from jobs.fake_engine import wait_until
from jobs.test_metrics import value

from nst.api import loop
from nst.api.loop import HOPELESS, LoopWatch


def test_what_holds_up_the_loop_is_measured(monkeypatch) -> None:
    monkeypatch.setattr(loop, "BEAT", 0.01)

    async def hold_up() -> None:
        watching = asyncio.create_task(LoopWatch().run())
        await asyncio.sleep(0.005)
        time.sleep(0.3)
        await asyncio.sleep(0.05)
        watching.cancel()

    before = value("pentimento_event_loop_lag_seconds_sum")
    asyncio.run(hold_up())
    assert value("pentimento_event_loop_lag_seconds_sum") >= before + 0.2


def test_a_loop_that_is_late_now_and_then_is_not_hopeless() -> None:
    watch = LoopWatch()
    for _ in range(20):
        watch.note(10 * HOPELESS)
        watch.note(0.001)
    assert not watch.is_hopeless
    for _ in range(10):
        assert not watch.is_hopeless
        watch.note(2 * HOPELESS)
    assert watch.is_hopeless
    watch.note(0.0)
    assert not watch.is_hopeless


def test_a_server_whose_loop_is_hopeless_is_not_ready(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    wait_until(lambda: client.get("/readyz").status_code == 200)
    watch = client.app.state.loop_watch
    note = watch.note
    monkeypatch.setattr(watch, "note", lambda lag: None)  # it goes on looking by itself
    for _ in range(10):
        note(2 * HOPELESS)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["server"] != "ok"
