"""`POST /api/v1/preview` with the real networks."""

import io
from collections.abc import Callable, Iterator
from functools import cache
from threading import Thread

import numpy as np
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from jobs.fake_engine import FakeEngine, picture
from jobs.fake_networks import FakeNetworks

from nst import fast_weights, images
from nst.api import create_api
from nst.errors import Refusal
from nst.jobs.instant.networks import Networks, tensorflow_networks
from nst.jobs.studio import Studio
from nst.settings import settings

from .conftest import problem

Json = dict
ADDRESS = "/api/v1/preview"


@cache
def loaded() -> Networks:
    fast_weights.fetch()
    return tensorflow_networks()


@pytest.fixture
def server(engine: FakeEngine) -> FastAPI:
    return create_api(Studio(settings(), engine.load, networks=loaded))


@pytest.fixture
def use(client: TestClient) -> Callable[..., str]:
    """The id of a sample as the client's own picture."""

    def use_one(name: str, by: TestClient = client) -> str:
        return by.post(f"/api/v1/samples/{name}").json()["id"]

    return use_one


@pytest.fixture
def ask(client: TestClient, use: Callable[..., str]) -> Callable[..., np.ndarray]:
    """The pixels of a preview of the cat."""

    def pixels(*styles: tuple[str, float], **more: object) -> np.ndarray:
        body = {
            "content": use("chelsea"),
            "styles": [{"image": use(name), "weight": weight} for name, weight in styles],
            "size": 192,
            "format": "png",
        }
        answer = client.post(ADDRESS, json=body | more)
        assert answer.status_code == 200, answer.text
        return images.load(io.BytesIO(answer.content)).astype(int)

    return pixels


def difference(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one - other).mean())


def test_the_answer_is_the_picture_in_the_painting_s_style(
    client: TestClient, use: Callable[..., str]
) -> None:
    body = {"content": use("chelsea"), "styles": [{"image": use("night-sky"), "weight": 1.0}]}
    answer = client.post(ADDRESS, json={**body, "strength": 1.0, "size": 512})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["cache-control"] == "no-store"
    painted = images.decode(answer.content).pixels.astype(int)
    assert max(painted.shape) == 512
    photograph = images.decode(client.get(f"/api/v1/images/{body['content']}").content).pixels
    photograph = images.resize(photograph, painted.shape[1::-1]).astype(int)
    assert difference(painted, photograph) > 20, "it is painted"
    luminance = [pixels.mean(2) - pixels.mean() for pixels in (painted, photograph)]
    likeness = (luminance[0] * luminance[1]).sum() / np.prod([np.linalg.norm(part) for part in luminance])
    assert likeness > 0.3, "it is still the cat"


def test_strength_and_weights_lead_from_one_look_to_another(ask: Callable[..., np.ndarray]) -> None:
    sky, wave = ask(("night-sky", 1)), ask(("wave", 1))
    both = ask(("night-sky", 1), ("wave", 1))
    assert difference(sky, wave) > 10
    assert max(difference(both, sky), difference(both, wave)) < difference(sky, wave)
    assert difference(ask(("night-sky", 1), ("wave", 0)), sky) == 0
    own, half = ask(("night-sky", 1), strength=0), ask(("night-sky", 1), strength=0.5)
    assert difference(own, sky) > 10
    assert max(difference(half, own), difference(half, sky)) < difference(own, sky)
    assert difference(ask(("wave", 1), strength=0), own) == 0, "no painting counts at strength 0"


def test_nothing_is_stored(client: TestClient, ask: Callable[..., np.ndarray]) -> None:
    def kept() -> set[str]:
        return {str(path) for path in settings().data_dir.rglob("*") if path.suffix in (".png", ".jpg")}

    ask(("wave", 1))
    before = kept()
    ask(("wave", 1), strength=0.5)
    assert kept() == before
    assert client.get("/api/v1/jobs").json()["jobs"] == []


def test_the_sheet_has_26_pictures_which_differ(client: TestClient, use: Callable[..., str]) -> None:
    answer = client.post(f"{ADDRESS}/sheet", json={"content": use("chelsea"), "size": 96})
    assert answer.headers["content-type"] == "image/jpeg"
    sheet = images.load(io.BytesIO(answer.content)).astype(int)
    assert sheet.shape == (26 * 64, 96, 3)
    tiles = sheet.reshape(26, 64, 96, 3)
    assert all(difference(tiles[0], tile) > 3 for tile in tiles[1:])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"styles": []}, "styles"),
        ({"styles": [{"image": "x"}] * 5}, "styles"),
        ({"styles": [{"image": "x", "weight": 0}]}, "styles"),
        ({"styles": [{"image": "x", "weight": -1}]}, "styles.0.weight"),
        ({"strength": 1.1}, "strength"),
        ({"strength": "much"}, "strength"),
        ({"size": 31}, "size"),
        ({"size": 2049}, "size"),
        ({"size": 100.5}, "size"),
        ({"format": "gif"}, "format"),
        ({"colour": "red"}, "colour"),
        ({"content": None}, "content"),
    ],
)
def test_what_cannot_be_is_refused_by_name(client: TestClient, change: Json, field: str) -> None:
    body = {"content": "x", "styles": [{"image": "x"}]} | change
    answer = client.post(ADDRESS, json=body)
    assert answer.status_code == 422
    assert problem(answer)["field"] == field


def test_other_people_s_pictures_are_not_there(
    client: TestClient, stranger: TestClient, use: Callable[..., str]
) -> None:
    mine, theirs = use("chelsea"), use("chelsea", stranger)
    for body, field in (
        ({"content": theirs, "styles": [{"image": mine}]}, "content"),
        ({"content": mine, "styles": [{"image": theirs}]}, "styles.0.image"),
    ):
        answer = client.post(ADDRESS, json=body)
        assert answer.status_code == 404
        assert problem(answer) | {"code": "not_found", "field": field} == problem(answer)
    assert client.post(f"{ADDRESS}/sheet", json={"content": theirs}).status_code == 404


def test_another_site_cannot_ask(client: TestClient) -> None:
    answer = client.post(ADDRESS, json={}, headers={"origin": "https://evil.example"})
    assert answer.status_code == 403


def test_a_slider_that_is_dragged_leaves_no_queue(client: TestClient, use: Callable[..., str]) -> None:
    body = {"content": use("chelsea"), "styles": [{"image": use("wave")}], "size": 256}
    told: dict[int, int] = {}

    def ask(number: int) -> None:
        told[number] = client.post(ADDRESS, json=body | {"strength": number / 20}).status_code

    asking = [Thread(target=ask, args=(number,)) for number in range(20)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    assert set(told.values()) == {200, 409}
    assert list(told.values()).count(200) >= 2, "the first and the last"


def test_the_contract_is_complete_and_its_examples_are_good(
    client: TestClient, use: Callable[..., str]
) -> None:
    contract = client.get("/openapi.json").json()["paths"][ADDRESS]["post"]
    assert {"200", "404", "409", "422", "429", "503"} <= contract["responses"].keys()
    assert contract["responses"]["200"]["content"].keys() == {"image/jpeg", "image/png"}
    ids = {"PHOTOGRAPH_ID": use("chelsea"), "PAINTING_ID": use("wave"), "OTHER_ID": use("mosaic")}
    examples = contract["requestBody"]["content"]["application/json"]["examples"]
    assert len(examples) == 2
    for example in examples.values():
        body = example["value"]
        body["content"] = ids[body["content"]]
        for style in body["styles"]:
            style["image"] = ids[style["image"]]
        answer = client.post(ADDRESS, json=body)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == f"image/{body.get('format', 'jpeg')}"


class TestWithoutWeights:
    @pytest.fixture
    def server(self, engine: FakeEngine) -> FastAPI:
        trouble = Refusal("weights_missing", "The weights are not here. Run python -m nst weights.")
        return create_api(Studio(settings(), engine.load, networks=FakeNetworks(trouble).load))

    def test_says_so(self, client: TestClient, upload: Callable[..., Json]) -> None:
        image = upload(picture())["id"]
        answer = client.post(ADDRESS, json={"content": image, "styles": [{"image": image}]})
        assert answer.status_code == 503
        assert problem(answer)["code"] == "weights_missing"


@pytest.fixture(autouse=True, scope="module")
def _networks_go_with_the_tests() -> Iterator[None]:
    yield
    loaded.cache_clear()
