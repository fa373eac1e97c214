"""Every callback of the page, called over HTTP by somebody who means no good."""

import json
import logging
from copy import deepcopy
from random import Random

import pytest
from fastapi.testclient import TestClient
from jobs.fake_engine import FakeEngine, picture

from fuzz.calls import PLAIN, broken, called
from nst.jobs import studio as studio_module
from nst.settings import settings

CALLS = 400
ADDRESS = "/_dash-update-component"


@pytest.mark.parametrize("seed", [1, 2])
def test_no_call_is_a_500_or_tells_of_another_visitor(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = FakeEngine()
    monkeypatch.setattr(studio_module.Studio.__init__, "__defaults__", (engine.load,))
    from app import create_app

    logging.disable(logging.CRITICAL)  # each wrong type is told with its traceback
    try:
        server = create_app(settings())
        with TestClient(server, raise_server_exceptions=False) as owner:
            attack(owner, TestClient(server, raise_server_exceptions=False), Random(seed))
            engine.let_go()
    finally:
        logging.disable(logging.NOTSET)


def attack(owner: TestClient, stranger: TestClient, dice: Random) -> None:
    image = owner.post("/api/v1/images", files={"file": picture()}).json()["id"]
    asked = {
        "content": image,
        "styles": [{"image": image}],
        "options": {"size": 64, "steps": 1, "seed": 424242},
    }
    job = owner.post("/api/v1/jobs", json=asked).json()["id"]
    stranger.get("/")
    callbacks = [one for one in owner.get("/_dash-dependencies").json() if not one["clientside_function"]]
    assert len(callbacks) > 40
    owned = [image, job, {"id": image}, [{"id": job}], f"/jobs/{job}", f"/compare/{job}/{job}"]

    def value() -> object:
        return deepcopy(dice.choice(PLAIN + owned))

    for _ in range(CALLS):
        call = called(dice.choice(callbacks), value, lambda: dice.choice([image, job]))
        if dice.random() < 0.4:
            call = broken(call, value, dice)
        headers = {"content-type": "application/json"}
        answer = stranger.post(ADDRESS, content=json.dumps(call), headers=headers)
        assert answer.status_code in (200, 204, 400), call["output"]
        assert "424242" not in answer.text  # the seed: of the owner's settings the stranger sees nothing
    now = owner.get(f"/api/v1/jobs/{job}").json()
    assert now["state"] in ("queued", "running", "done")  # nobody stopped, changed or deleted it
    assert now["changes"] == []
    assert stranger.get("/api/v1/jobs").json()["jobs"] == []
