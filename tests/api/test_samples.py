import io

import pytest
from fastapi.testclient import TestClient
from PIL import Image

from .conftest import problem


def test_the_gallery_is_listed_shown_and_used(client: TestClient) -> None:
    samples = client.get("/api/v1/samples").json()["samples"]
    assert {sample["kind"] for sample in samples} >= {"style"}
    sample = samples[0]
    assert sample.keys() == {"name", "title", "kind", "thumbnail", "credit", "description"}
    thumbnail = client.get(sample["thumbnail"])
    assert thumbnail.headers["content-type"] == "image/jpeg"
    with Image.open(io.BytesIO(thumbnail.content)) as opened:
        assert max(opened.size) <= 512
    used = client.post(f"/api/v1/samples/{sample['name']}")
    assert used.status_code == 201
    assert used.json() == client.post(f"/api/v1/samples/{sample['name']}").json()
    assert client.get(used.json()["url"]).headers["content-type"] == "image/png"


def test_a_thumbnail_may_be_shared_and_brings_no_cookie(client: TestClient) -> None:
    name = client.get("/api/v1/samples").json()["samples"][0]["name"]
    client.cookies.clear()
    answer = client.get(f"/api/v1/samples/{name}.jpg")
    assert answer.headers["cache-control"].startswith("public")
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("name", ["nothing", "..", "%2e%2e%2fsettings"])
def test_what_is_not_in_the_gallery_is_not_found(client: TestClient, name: str) -> None:
    for answer in (client.get(f"/api/v1/samples/{name}.jpg"), client.post(f"/api/v1/samples/{name}")):
        assert answer.status_code in (404, 405)
        assert problem(answer)["code"] in ("not_found", "method_not_allowed")
