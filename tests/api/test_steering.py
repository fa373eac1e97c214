"""Changing a painting under way, repeating it, going on with it, and its stages, over HTTP."""

import io
import json
from collections.abc import Callable

import numpy as np
import pytest
from fastapi.testclient import TestClient
from jobs.fake_engine import FakeEngine, wait_until
from PIL import Image

from nst import images

from .conftest import Json, problem

Make = Callable[..., Json]


def grey(left: int, right: int) -> bytes:
    pixels = np.zeros((48, 64), np.uint8)
    pixels[:, left:right] = 255
    return images.encode_png(pixels)


@pytest.fixture
def held(engine: FakeEngine, create: Make) -> Json:
    """A painting of 20 steps that waits before its first."""
    engine.hold()
    job = create(steps=20)
    wait_until(lambda: engine.calls)
    return job


def test_a_painting_is_changed_while_it_is_painted(
    client: TestClient, held: Json, until: Make, engine: FakeEngine
) -> None:
    url = f"/api/v1/jobs/{held['id']}"
    answer = client.patch(url, json={"options": {"style_weight": 3, "steps": 4}, "styles": [{"weight": 2}]})
    assert answer.status_code == 200
    asked = answer.json()
    assert (asked["options"]["style_weight"], asked["styles"][0]["weight"]) == (3, 2)
    assert asked["changes"] == []
    engine.let_go()
    done = until(held, "done")
    assert (done["step"], done["steps"]) == (4, 4)
    (change,) = done["changes"]
    assert change == {"options": {"style_weight": 3, "steps": 4}, "weights": [2], "after": change["after"]}
    assert engine.steered == [(change["after"], {"style_weight": 3.0, "steps": 4, "blend": [2.0]})]
    assert done["repeat"]["options"]["style_weight"] == 1
    assert done["repeat"]["changes"] == done["changes"]
    log = client.get(f"{url}/events").text
    assert 'event: change\ndata: {"step": ' in log

    repeated = client.post("/api/v1/jobs", json=done["repeat"])
    assert repeated.status_code == 202
    again = until(repeated.json(), "done")
    assert (again["step"], again["changes"]) == (4, done["changes"])


def test_regions_guides_and_weights_are_taken(
    client: TestClient, ask: Make, upload: Make, until: Make, engine: FakeEngine
) -> None:
    engine.hold()
    left, right = upload(grey(0, 30))["id"], upload(grey(30, 64))["id"]
    body = ask()
    body["styles"] = [body["styles"][0] | {"guide": right}, body["styles"][0]]
    body["regions"] = [{"mask": left, "style": 1}, {"mask": right, "style": None}]
    job = client.post("/api/v1/jobs", json=body).json()
    assert job["regions"] == body["regions"]
    assert [style["guide"] for style in job["styles"]] == [right, None]
    wait_until(lambda: engine.calls)
    assert [bool(mask.any()) for mask in engine.calls[0]["masks"]] == [False, True]
    answer = client.patch(
        f"/api/v1/jobs/{job['id']}",
        json={"weights": [1, 3], "mask": left, "regions": None, "guides": [None, left]},
    )
    assert [style["guide"] for style in answer.json()["styles"]] == [None, left]
    assert answer.json()["mask"] == left
    assert answer.json()["regions"] == []
    engine.let_go()
    until(job, "done")
    assert [len(told["masks"]) for _, told in engine.steered] == [1]


@pytest.mark.parametrize(
    ("body", "field", "words"),
    [
        ('{"options": {"size": 64}}', "size", "Size cannot change while the picture is painted."),
        ('{"options": {"seed": 1}}', "seed", "cannot change"),
        ('{"options": {"nonsense": 1}}', "nonsense", "not known"),
        ('{"options": {"style_weight": NaN}}', "style_weight", "finite"),
        ('{"options": {"style_weight": -1}}', "style_weight", "at least 0"),
        ('{"options": {"steps": 0}}', "steps", "at least 1"),
        ('{"options": {"preserve_color": "x"}}', "preserve_color", "must be"),
        ('{"options": 3}', "options", "object"),
        ('{"weights": [0]}', "weights", "at least one weight above 0"),
        ('{"styles": [{"weight": 0}]}', "styles", "at least one weight above 0"),
        ('{"weights": [1, 2]}', "weights", "2 weights for 1 painting"),
        ('{"styles": [{"weight": -1}]}', "styles.0.weight", "at least 0"),
        ('{"styles": [{"weight": 1}, {"weight": 1}]}', "weights", "2 weights for 1 painting"),
        ('{"guides": [null, null]}', "guides", "2 guides for 1 painting"),
        ('{"guides": ["x"]}', "guides.0", "no such picture"),
        ('{"mask": "x"}', "mask", "no such picture"),
        ('{"regions": [{"mask": "x", "style": 9}]}', "regions.0.style", "less than 4"),
        ('{"regions": [{}]}', "regions.0.mask", "missing"),
        ('{"content": "x"}', "content", "not known"),
        ("[]", None, "object"),
    ],
)
def test_a_bad_change_is_named(
    client: TestClient, held: Json, engine: FakeEngine, body: str, field: str | None, words: str
) -> None:
    url = f"/api/v1/jobs/{held['id']}"
    answer = client.patch(url, content=body, headers={"content-type": "application/json"})
    assert answer.status_code in (404, 422)
    assert problem(answer)["field"] == field
    assert words in problem(answer)["message"]
    assert client.get(url).json()["options"] == held["options"]


def test_a_region_for_a_painting_that_is_not_there_is_named(
    client: TestClient, ask: Make, upload: Make
) -> None:
    regions = [{"mask": upload(grey(0, 30))["id"], "style": 2}]
    answer = client.post("/api/v1/jobs", json=ask() | {"regions": regions})
    assert answer.status_code == 422
    assert problem(answer) == {
        "code": "no_such_style",
        "message": "Region 1 asks for painting 3, but there is only 1.",
        "field": "regions.0.style",
    }


def test_what_is_finished_is_changed_no_more(client: TestClient, create: Make, until: Make) -> None:
    job = until(create(), "done")
    answer = client.patch(f"/api/v1/jobs/{job['id']}", json={"weights": [2]})
    assert answer.status_code == 409
    assert problem(answer)["code"] == "already_finished"


def test_a_finished_painting_goes_on(
    client: TestClient, create: Make, until: Make, engine: FakeEngine
) -> None:
    job = until(create(style_weight=2), "done")
    url = f"/api/v1/jobs/{job['id']}"
    assert client.post(f"{url}/continue", json={}).json()["steps"] == 50
    answer = client.post(f"{url}/continue", json={"steps": 7, "size": 128})
    assert answer.status_code == 202
    more = answer.json()
    assert (more["onward"], more["steps"], more["options"]["size"]) == (job["id"], 7, 128)
    assert more["options"]["style_weight"] == 2
    assert client.delete(url).status_code == 204
    more = until(more, "done")
    settings = images.read_settings(client.get(more["result"]).content)
    assert (settings["onward"], settings["steps_done"]) == (True, 7)


def test_what_cannot_go_on_says_why(client: TestClient, held: Json, until: Make, engine: FakeEngine) -> None:
    url = f"/api/v1/jobs/{held['id']}"
    answer = client.post(f"{url}/continue", json={})
    assert (answer.status_code, problem(answer)["code"]) == (409, "not_finished")
    engine.let_go()
    until(held, "done")
    for body, field in (({"steps": 0}, "steps"), ({"size": 9999}, "size"), ({"more": 1}, "more")):
        answer = client.post(f"{url}/continue", json=body)
        assert (answer.status_code, problem(answer)["field"]) == (422, field)


def test_stages_are_pictures_that_may_be_kept(
    client: TestClient, stranger: TestClient, create: Make, until: Make
) -> None:
    job = until(create(steps=40), "done")
    assert job["stages"][0] == {"step": 1, "url": f"/api/v1/jobs/{job['id']}/stages/1.jpg"}
    assert job["stages"][-1]["step"] == 40
    for stage in job["stages"]:
        answer = client.get(stage["url"])
        assert answer.headers["content-type"] == "image/jpeg"
        assert "immutable" in answer.headers["cache-control"]
        with Image.open(io.BytesIO(answer.content)) as picture:
            assert picture.size == (64, 48)
    assert stranger.get(job["stages"][0]["url"]).status_code == 404
    for name in ("2.jpg", "-1.jpg", "99999999999999999999.jpg"):
        answer = client.get(f"/api/v1/jobs/{job['id']}/stages/{name}")
        assert answer.status_code == 404
        problem(answer)
    assert client.get(f"/api/v1/jobs/{job['id']}/stages/x.jpg").status_code == 422


def test_a_stranger_changes_nothing(stranger: TestClient, held: Json) -> None:
    url = f"/api/v1/jobs/{held['id']}"
    for answer in (stranger.patch(url, json={"weights": [2]}), stranger.post(f"{url}/continue", json={})):
        assert (answer.status_code, problem(answer)["code"]) == (404, "not_found")


def test_the_schema_says_what_may_change(client: TestClient) -> None:
    schema = client.get("/openapi.json").json()
    body = schema["paths"]["/api/v1/jobs/{job_id}"]["patch"]["requestBody"]["content"]["application/json"]
    name = body["schema"]["$ref"].rsplit("/", 1)[-1]
    assert schema["components"]["schemas"][name]["properties"].keys() == {
        "options",
        "weights",
        "mask",
        "regions",
        "guides",
        "styles",
    }
    live = json.dumps(schema["components"]["schemas"][name]["properties"]["options"])
    assert "LiveOptions" in live
