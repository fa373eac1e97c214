import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image
from selection.scenes import disc, iou, two_discs

from nst import images
from nst.jobs.ids import new_id

from .conftest import Json, problem

Upload = Callable[..., Json]
MIDDLE = {"x": 0.5, "y": 0.5}


@pytest.fixture
def photo(upload: Upload) -> Json:
    return upload(images.encode_png(disc()[0]))


def select(client: TestClient, image: Json, body: object) -> object:
    return client.post(f"{image['url']}/select", json=body)


def mask_at(client: TestClient, url: str) -> np.ndarray:
    with Image.open(io.BytesIO(client.get(url).content)) as opened:
        assert all(np.array_equal(band, opened.getchannel(0)) for band in opened.split()[1:])
        return np.array(opened.convert("L"))


def test_a_click_is_answered_with_a_mask_of_the_thing(client: TestClient, photo: Json) -> None:
    answer = select(client, photo, {"clicks": [MIDDLE]})
    assert answer.status_code == 200, answer.text
    selected = answer.json()
    assert selected.keys() == {"mask", "url", "thumbnail", "area", "level", "levels"}
    mask = mask_at(client, selected["url"])
    assert iou(mask, disc()[1]) > 0.95
    assert selected["area"] == pytest.approx(mask.mean() / 255)
    assert client.get(selected["thumbnail"]).status_code == 200


def test_the_slider_chooses_among_the_levels(client: TestClient, photo: Json) -> None:
    smallest, chosen, largest = (
        select(client, photo, {"clicks": [MIDDLE], "level": level}).json() for level in (0, None, 1)
    )
    assert smallest["area"] < chosen["area"] < largest["area"]
    assert (smallest["level"], largest["level"]) == (0, 1)
    assert smallest["levels"] == chosen["levels"] == largest["levels"]


def test_clicks_add_and_remove(client: TestClient, upload: Upload) -> None:
    pixels, left, right = two_discs()
    image = upload(images.encode_png(pixels))
    clicks = [{"x": 0.25, "y": 0.5}, {"x": 0.75, "y": 0.5}]
    both = select(client, image, {"clicks": clicks}).json()
    assert iou(mask_at(client, both["url"]), left | right) > 0.95
    clicks = [{"x": 0.25, "y": 0.5, "level": 1}, {"x": 0.75, "y": 0.5, "add": False}]
    without = mask_at(client, select(client, image, {"clicks": clicks}).json()["url"])
    assert (without[right] >= 128).mean() < 0.05
    assert (without[left] >= 128).mean() > 0.95


def test_a_mask_can_be_used_for_a_painting(client: TestClient, photo: Json, upload: Upload) -> None:
    mask = select(client, photo, {"clicks": [MIDDLE]}).json()["mask"]
    job = {
        "content": photo["id"],
        "styles": [{"image": upload()["id"]}],
        "mask": mask,
        "options": {"size": 64, "steps": 5},
    }
    assert client.post("/api/v1/jobs", json=job).status_code == 202


def test_the_same_question_gets_the_same_mask(client: TestClient, photo: Json) -> None:
    asked = {"clicks": [MIDDLE], "level": 0.5}
    assert select(client, photo, asked).json() == select(client, photo, asked).json()
    address = f"{photo['url']}/proposals"
    assert client.get(address).json() == client.get(address).json()


def test_subject_and_background_are_proposed(client: TestClient, photo: Json) -> None:
    proposed = client.get(f"{photo['url']}/proposals").json()
    assert [one["name"] for one in proposed] == ["subject", "background"]
    assert all(one.keys() == {"name", "mask", "url", "thumbnail", "area"} for one in proposed)
    subject, background = (mask_at(client, one["url"]) for one in proposed)
    assert iou(subject, disc()[1]) > 0.95
    assert np.array_equal(background, 255 - subject)


def test_nothing_is_proposed_where_there_is_nothing(client: TestClient, upload: Upload) -> None:
    assert client.get(f"{upload()['url']}/proposals").json() == []


@pytest.mark.parametrize(
    ("body", "field", "words"),
    [
        ({}, "clicks", "is missing"),
        ({"clicks": []}, "clicks", "at least 1"),
        ({"clicks": [MIDDLE] * 65}, "clicks", "at most 64"),
        ({"clicks": [{"x": 1.2, "y": 0}]}, "clicks.0.x", "at most 1"),
        ({"clicks": [{"x": 0}]}, "clicks.0.y", "is missing"),
        ({"clicks": [{"x": "left", "y": 0}]}, "clicks.0.x", "must be a number"),
        ({"clicks": [MIDDLE | {"add": "perhaps"}]}, "clicks.0.add", "true or false"),
        ({"clicks": [MIDDLE], "level": -1}, "level", "at least 0"),
        ({"clicks": [MIDDLE | {"add": False}]}, "clicks", "first"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    client: TestClient, photo: Json, body: Json, field: str, words: str
) -> None:
    answer = select(client, photo, body)
    assert answer.status_code == 422
    assert problem(answer)["field"] == field
    assert words in problem(answer)["message"]


def test_another_clients_picture_and_mask_are_not_found(
    client: TestClient, stranger: TestClient, photo: Json
) -> None:
    asked = {"clicks": [MIDDLE]}
    mask = select(client, photo, asked).json()
    for answer in (
        select(stranger, photo, asked),
        stranger.get(f"{photo['url']}/proposals"),
        stranger.get(mask["url"]),
        select(client, {"url": f"/api/v1/images/{new_id()}"}, asked),
        client.get(f"/api/v1/images/{new_id()}/proposals"),
    ):
        assert answer.status_code == 404
        assert problem(answer)["code"] == "not_found"


def test_ten_clicks_at_once_are_all_answered(client: TestClient, photo: Json) -> None:
    def click(number: int) -> int:
        return select(client, photo, {"clicks": [{"x": number / 10, "y": 0.5}]}).status_code

    with ThreadPoolExecutor(10) as pool:
        assert list(pool.map(click, range(10))) == [200] * 10
