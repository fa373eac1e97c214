import io
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from jobs.fake_engine import FakeEngine
from PIL import Image

from nst import images

from .conftest import Json, problem

Make = Callable[..., Json]
ADDRESSES = ["result.png", "result.jpg", "result.webp", "preview-strength.jpg", "timelapse.webp"]


def test_each_address_gives_its_kind_of_picture(client: TestClient, create: Make, until: Make) -> None:
    job = until(create(), "done")
    kinds = ["PNG", "JPEG", "WEBP", "JPEG", "WEBP"]
    for name, kind in zip(ADDRESSES, kinds, strict=True):
        answer = client.get(f"/api/v1/jobs/{job['id']}/{name}")
        assert answer.status_code == 200, name
        assert answer.headers["content-type"] == f"image/{kind.lower()}"
        assert "content-disposition" not in answer.headers
        with Image.open(io.BytesIO(answer.content)) as opened:
            assert (opened.format, opened.size) == (kind, (64, 48))


def test_full_strength_is_the_result_file_itself(client: TestClient, create: Make, until: Make) -> None:
    job = until(create(), "done")
    plain = client.get(job["result"]).content
    assert client.get(job["result"], params={"strength": 1}).content == plain
    half = client.get(job["result"], params={"strength": 0.5}).content
    assert half != plain
    assert images.read_settings(half) == {**images.read_settings(plain), "strength": 0.5}
    assert "strength" not in images.read_settings(plain)


@pytest.mark.parametrize(
    ("query", "field", "words"),
    [
        ("strength=1.1", "strength", "at most 1"),
        ("strength=-1", "strength", "at least 0"),
        ("strength=nan", "strength", "finite"),
        ("strength=much", "strength", "number"),
        ("quality=0", "quality", "at least 1"),
        ("quality=101", "quality", "at most 100"),
    ],
)
def test_a_bad_wish_is_named(client: TestClient, create: Make, query: str, field: str, words: str) -> None:
    answer = client.get(f"/api/v1/jobs/{create()['id']}/result.jpg?{query}")
    assert answer.status_code == 422
    assert problem(answer)["field"] == field
    assert words in problem(answer)["message"]


@pytest.mark.parametrize("name", ADDRESSES)
def test_what_is_not_there_yet_and_what_is_anothers_is_not_found(
    client: TestClient, stranger: TestClient, create: Make, until: Make, engine: FakeEngine, name: str
) -> None:
    engine.hold()
    job = create()
    address = f"/api/v1/jobs/{job['id']}/{name}"
    early = client.get(address)
    assert early.status_code == 404
    assert "yet" in problem(early)["message"]
    assert early.headers["cache-control"] == "no-store"
    engine.let_go()
    until(job, "done")
    foreign = stranger.get(address)
    assert foreign.status_code == 404
    assert problem(foreign)["message"] == "There is no such painting here, or not any more. Start a new one."


def test_a_preview_at_a_strength_may_be_kept(client: TestClient, create: Make, until: Make) -> None:
    job = until(create(), "done")
    answer = client.get(f"/api/v1/jobs/{job['id']}/preview-strength.jpg", params={"strength": 0.4})
    assert "immutable" in answer.headers["cache-control"]
    assert "private" in answer.headers["cache-control"]


@pytest.mark.parametrize(
    ("name", "wished", "saved"),
    [
        ("result.jpg", "Starry Night.jpg", "filename*=utf-8''Starry%20Night.jpg"),
        ("result.webp", "a.jpg", 'filename="a.jpg.webp"'),
        ("result.png", "été", "filename*=utf-8''%C3%A9t%C3%A9.png"),
        ("timelapse.webp", '..\\"\r\nX: y', "filename*=utf-8''X%20y.webp"),
    ],
)
def test_each_can_be_saved_under_a_name(
    client: TestClient, create: Make, until: Make, name: str, wished: str, saved: str
) -> None:
    job = until(create(), "done")
    answer = client.get(f"/api/v1/jobs/{job['id']}/{name}", params={"download": wished})
    assert answer.headers["content-disposition"] == f"attachment; {saved}"
    assert "x" not in answer.headers.get("x", "")


def test_the_description_tells_of_pictures(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    for name in ADDRESSES:
        answers = paths[f"/api/v1/jobs/{{job_id}}/{name}"]["get"]["responses"]
        assert all(kind.startswith("image/") for kind in answers["200"]["content"])
