import asyncio
from threading import Event

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from jobs.fake_engine import PATIENCE, FakeEngine, wait_until

from nst.api import create_api
from nst.api.health import Lookout
from nst.errors import Refusal
from nst.jobs.filing.files import Folder
from nst.jobs.records.store import Store
from nst.jobs.studio import Studio
from nst.settings import settings


def test_a_living_process_says_so_without_its_studio(server: FastAPI) -> None:
    assert TestClient(server).get("/healthz").json() == {"status": "ok"}


def test_a_studio_in_order_is_ready(client: TestClient) -> None:
    wait_until(lambda: client.get("/readyz").status_code == 200)
    answer = client.get("/readyz")
    parts = ("store", "files", "queue", "worker", "engine", "server")
    assert answer.json() == {"status": "ok", "checks": dict.fromkeys(parts, "ok")}


def test_a_studio_whose_engine_loads_is_not_ready_but_can_be_used(engine: FakeEngine) -> None:
    may_load = Event()

    def load() -> object:
        may_load.wait(PATIENCE)
        return engine.load()

    with TestClient(create_api(Studio(settings(), load))) as client:
        answer = client.get("/readyz")
        assert (answer.status_code, answer.json()["checks"]["engine"]) == (503, "loading")
        assert client.get("/api/v1/samples").status_code == 200
        may_load.set()
        wait_until(lambda: client.get("/readyz").status_code == 200)


def test_a_full_queue_is_told_and_no_reason_to_turn_away(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    wait_until(lambda: client.get("/readyz").status_code == 200)
    monkeypatch.setattr(Store, "waiting", lambda _self: 50)
    wait_until(lambda: client.get("/readyz").json()["checks"]["queue"] != "ok")
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["checks"]["queue"]) == (200, "The queue is full.")


def test_a_full_disk_is_seen(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_self: Folder) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Folder, "check", full)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["files"] != "ok"
    assert answer.json()["checks"]["store"] == "ok"


def test_missing_weights_are_seen(engine: FakeEngine) -> None:
    def load() -> object:
        raise Refusal("weights_missing", "The weights are not on this machine.")

    with TestClient(create_api(Studio(settings(), load))) as client:
        wait_until(lambda: client.get("/readyz").json()["checks"]["engine"] != "loading")
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json()["checks"]["engine"] == "The weights are not on this machine."
        assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize(("holds", "looks"), [(1000.0, 1), (0.0, 2)])
def test_one_look_serves_all_who_ask_while_it_goes_on_and_for_a_moment(
    monkeypatch: pytest.MonkeyPatch, holds: float, looks: int
) -> None:
    monkeypatch.setattr("nst.api.health.HOLDS", holds)
    begun, leave, counted = Event(), Event(), []

    def look() -> dict[str, str]:
        counted.append("look")
        begun.set()
        assert leave.wait(PATIENCE)
        return {"files": "The disk is full."}

    async def main() -> None:
        lookout = Lookout(look)
        first, *others = (asyncio.ensure_future(lookout.wrong()) for _ in range(60))
        await asyncio.to_thread(begun.wait, PATIENCE)
        first.cancel()
        leave.set()
        assert await asyncio.gather(*others) == [{"files": "The disk is full."}] * 59
        assert counted == ["look"]
        await lookout.wrong()
        assert len(counted) == looks

    asyncio.run(main())
