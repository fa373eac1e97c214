import io
import struct
import zlib
from collections.abc import Callable

import numpy as np
import pytest
from fastapi.testclient import TestClient
from jobs.fake_engine import picture
from PIL import Image

from nst import images
from nst.jobs.ids import new_id

from .conftest import Json, problem

Upload = Callable[..., Json]


def send(client: TestClient, data: bytes, name: str = "a.png") -> object:
    return client.post("/api/v1/images", files={"file": (name, data)})


def test_an_upload_is_answered_with_where_it_is(client: TestClient, upload: Upload) -> None:
    image = upload(picture(1024, 600))
    assert image.keys() == {"id", "width", "height", "created", "url", "thumbnail", "notes", "settings"}
    assert (image["width"], image["height"], image["notes"]) == (1024, 600, [])
    assert image["settings"] is None
    full, small = client.get(image["url"]), client.get(image["thumbnail"])
    assert (full.headers["content-type"], small.headers["content-type"]) == ("image/png", "image/jpeg")
    with Image.open(io.BytesIO(full.content)) as opened:
        assert (opened.format, opened.size) == ("PNG", (1024, 600))
    with Image.open(io.BytesIO(small.content)) as opened:
        assert (opened.format, opened.size) == ("JPEG", (512, 300))
    assert "immutable" in full.headers["cache-control"]
    assert "private" in full.headers["cache-control"]


def test_what_was_changed_is_noted(upload: Upload) -> None:
    out = io.BytesIO()
    frames = [Image.new("RGB", (64, 64), (shade, 0, 0)) for shade in (10, 200)]
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:])
    assert "animated" in upload(out.getvalue())["notes"][0]


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (b"", 415, "not_a_picture"),
        (b"Dear studio", 415, "not_a_picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415, "not_a_picture"),
        (picture(900, 40), 422, "bad_aspect"),
        (picture(8, 8), 422, "image_too_small"),
        (picture()[:60], 422, "broken_image"),
    ],
)
def test_a_bad_file_is_refused(client: TestClient, data: bytes, status: int, code: str) -> None:
    answer = send(client, data)
    assert answer.status_code == status
    assert (problem(answer)["code"], problem(answer)["field"]) == (code, "file")


def test_a_bomb_is_refused(client: TestClient) -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 16384, 16384, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(2**20))
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    answer = send(client, bomb)
    assert answer.status_code == 422
    assert problem(answer)["code"] == "image_too_large"


def test_a_file_just_over_the_limit_is_refused_by_the_decoder(
    client: TestClient, server: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = send(client, picture() + bytes(15 * 2**20))
    assert answer.status_code == 413
    assert (problem(answer)["code"], problem(answer)["field"]) == ("file_too_large", "file")


@pytest.mark.parametrize(
    "request_body",
    [
        {"files": {"picture": ("a.png", picture())}},
        {"data": {"file": "not a form of parts"}},
        {"json": {"file": "x"}},
        {"content": b"--x", "headers": {"content-type": "multipart/form-data; boundary=x"}},
        {"content": b"", "headers": {"content-type": "multipart/form-data"}},
    ],
)
def test_an_upload_without_its_file_is_refused(client: TestClient, request_body: Json) -> None:
    answer = client.post("/api/v1/images", **request_body)
    assert answer.status_code in (400, 422)
    assert problem(answer)["code"] in ("missing_file", "broken_upload")
    assert problem(answer)["field"] == "file"


@pytest.mark.parametrize("name", ["../../x", "a\x00b.png", "x" * 5000, "<script>.png", "файл.png"])
def test_the_files_name_does_not_matter(client: TestClient, name: str) -> None:
    answer = send(client, picture(), name)
    assert answer.status_code == 201
    assert name not in answer.text


def test_another_clients_picture_is_not_found(
    client: TestClient, stranger: TestClient, upload: Upload
) -> None:
    image = upload()
    for address in (image["url"], image["thumbnail"]):
        assert stranger.get(address).status_code == 404
        assert problem(stranger.get(address))["code"] == "not_found"
        assert client.get(address.replace(image["id"], new_id())).status_code == 404
        assert client.get(address.replace(image["id"], "..%2f..%2fstudio.db")).status_code == 404


def test_a_painting_made_here_tells_what_made_it(
    client: TestClient, upload: Upload, create: Upload, until: Upload
) -> None:
    job = until(create(style_weight=2.5, steps=3), "done")
    told = upload(client.get(job["result"], params={"strength": 0.5}).content)["settings"]
    assert told == {"options": job["options"], "blend": [1.0], "strength": 0.5}
    again = {"content": job["content"], "styles": job["styles"], "options": told["options"]}
    assert client.post("/api/v1/jobs", json=again).status_code == 202


@pytest.mark.parametrize(
    ("hostile", "left"),
    [
        ({"options": {"size": "<img src=x onerror=alert(1)>"}}, None),
        ({"options": {"seed": 3, "onclick": "alert(1)", "size": 10**30}, "blend": ["x"], "extra": "y" * 999},
         {"options": {"seed": 3}, "blend": None, "strength": None}),
        ({"__proto__": {"admin": True}, "strength": 1e308}, None),
    ],
)  # fmt: skip
def test_hostile_settings_are_only_data(upload: Upload, hostile: Json, left: Json | None) -> None:
    pixels = np.zeros((64, 64, 3), np.uint8)
    assert upload(images.encode_png(pixels, hostile))["settings"] == left


def test_pictures_are_listed_told_of_and_deleted(
    client: TestClient, stranger: TestClient, upload: Upload
) -> None:
    images = [upload() for _ in range(3)]
    first = client.get("/api/v1/images", params={"limit": 2}).json()
    assert [image["id"] for image in first["images"]] == [images[2]["id"], images[1]["id"]]
    last = client.get("/api/v1/images", params={"before": first["next"]}).json()
    assert [image["id"] for image in last["images"]] == [images[0]["id"]]
    assert last["next"] is None
    assert client.get(f"{images[0]['url']}/info").json() == last["images"][0] == images[0]
    assert stranger.delete(images[0]["url"]).status_code == 404
    assert client.delete(images[0]["url"]).status_code == 204
    for path in ("", "/info", "/thumbnail.jpg"):
        assert client.get(images[0]["url"] + path).status_code == 404
    assert stranger.get("/api/v1/images").json() == {"images": [], "next": None}


def test_a_picture_that_is_being_painted_is_kept(client: TestClient, create, engine) -> None:
    engine.hold()
    job = create()
    answer = client.delete(f"/api/v1/images/{job['content']}")
    assert answer.status_code == 409
    assert problem(answer)["code"] == "in_use"
