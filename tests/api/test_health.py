import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from jobs.fake_engine import FakeEngine, wait_until

from nst.api import create_api
from nst.errors import Refusal
from nst.jobs.files import Folder
from nst.jobs.studio import Studio
from nst.settings import settings


def test_a_living_process_says_so_without_its_studio(server: FastAPI) -> None:
    assert TestClient(server).get("/healthz").json() == {"status": "ok"}


def test_a_studio_in_order_is_ready(client: TestClient) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    parts = ("store", "files", "queue", "worker", "engine")
    assert answer.json() == {"status": "ok", "checks": dict.fromkeys(parts, "ok")}


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
        wait_until(lambda: client.get("/readyz").status_code == 503)
        assert client.get("/readyz").json()["checks"]["engine"] == "The weights are not on this machine."
        assert client.get("/healthz").status_code == 200
