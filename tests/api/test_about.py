from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from jobs.fake_engine import picture, wait_until

from nst.options import PRESETS, Options
from nst.settings import settings

from .conftest import Json, problem


def test_the_limits_are_those_that_hold(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    told = client.get("/api/v1/limits").json()
    assert told["images"]["bytes"] == settings().max_upload_bytes
    assert told["jobs"] == {
        "styles": 4, "regions": 4, "changes": 250, "waiting": 3, "waiting_in_all": 50, "group": 24
    }  # fmt: skip
    assert told["videos"]["kept"] == settings().videos_per_client
    assert told["options"]["size"]["maximum"] == 4096
    assert told["options"]["optimizer"]["enum"] == ["lbfgs", "adam"]
    assert {name: one["default"] for name, one in told["options"].items()} == Options().model_dump()
    for style in range(told["jobs"]["styles"], told["jobs"]["styles"] + 2):
        body = {"content": "x", "styles": [{"image": "x"}] * style}
        answer = client.post("/api/v1/jobs", json=body)
        assert (answer.status_code == 422) == (style > told["jobs"]["styles"])


def test_the_formats_are_those_that_come_in(client: TestClient) -> None:
    told = client.get("/api/v1/limits").json()["images"]["formats"]
    assert told == ["image/jpeg", "image/png", "image/webp"]
    assert client.post("/api/v1/images", files={"file": picture()}).status_code == 201


def test_presets_come_with_their_time_once_it_is_known(
    client: TestClient, create: Callable[..., Json], until: Callable[..., Json], engine
) -> None:
    engine.seconds = lambda index: index * 0.1
    path = "/api/v1/presets"
    wait_until(lambda: engine.warmed.is_set())
    assert [one["name"] for one in client.get(path).json()["presets"]] == ["draft", "balanced", "fine"]
    until(create(size=256, steps=30), "done")
    wait_until(lambda: client.get(path).json()["presets"][0]["seconds"])
    told = client.get(path, params={"width": 800, "height": 600}).json()["presets"]
    for preset, one in zip(PRESETS, told, strict=True):
        assert one["options"] == Options(size=preset.size, steps=preset.steps).model_dump()
        body = {"width": 800, "height": 600, "options": one["options"]}
        assert client.post("/api/v1/expected", json=body).json() == {"seconds": one["seconds"]}
    assert told[0]["seconds"] < told[1]["seconds"] < told[2]["seconds"]
    square = client.get(path, params={"width": 800, "height": 800}).json()["presets"]
    assert square[1]["seconds"] > told[1]["seconds"]
    other = client.get(path, params={"optimizer": "adam"}).json()["presets"]
    assert [one["seconds"] for one in other] == [None] * 3


@pytest.mark.parametrize(
    "query", [{"width": 0}, {"height": 100_001}, {"optimizer": "sgd"}, {"precision": ""}, {"width": "x"}]
)
def test_a_question_that_cannot_be_is_refused(client: TestClient, query: dict[str, object]) -> None:
    answer = client.get("/api/v1/presets", params=query)
    assert answer.status_code == 422
    assert problem(answer)["field"] == next(iter(query))
