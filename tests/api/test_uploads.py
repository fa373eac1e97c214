"""What arrives in pieces is the same as what arrives at once."""

import io
from collections.abc import Callable

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from jobs.fake_engine import picture

from nst.api.uploads import _FilePart

from .conftest import Json, listening


def form(*parts: tuple[str, bytes]) -> bytes:
    body = b""
    for disposition, data in parts:
        body += (
            b"--edge\r\nContent-Disposition: form-data; "
            + disposition.encode()
            + b"\r\n\r\n"
            + data
            + b"\r\n"
        )
    return body + b"--edge--\r\n"


def taken(body: bytes, size: int) -> tuple[bytes, bool]:
    part = _FilePart(b"edge")
    found = b"".join(part.feed(body[start : start + size]) for start in range(0, len(body), size))
    return found, part.is_whole


@pytest.mark.parametrize("size", [1, 2, 7, 64, 10_000])
def test_however_it_is_cut_the_file_is_whole(size: int) -> None:
    tricky = b"\r\n--edge\r\r\n--edg\x00\xff" * 5
    body = form(
        ('name="other"', b"x" * 100), ('name="file"; filename="a.png"', tricky), ('name="file"', b"second")
    )
    assert taken(body, size) == (tricky, True)


def test_a_form_that_breaks_off_is_not_whole() -> None:
    body = form(('name="file"; filename="a.png"', b"pixels"))
    assert taken(body[:-14], 10) == (b"pixels", False) or not taken(body[:-14], 10)[1]
    assert not taken(form(('name="other"', b"pixels")), 10)[1]


def test_a_large_file_comes_through_a_real_server(server: FastAPI) -> None:
    noisy = io.BytesIO()
    noisy.write(picture(2000, 1500))
    padded = noisy.getvalue() + bytes(3 * 2**20)
    with listening(server) as browser:
        answer = browser.post("/api/v1/images", files={"file": ("a.png", padded)})
    assert answer.status_code == 201
    assert (answer.json()["width"], answer.json()["height"]) == (2000, 1500)


def test_the_schema_shows_the_file(client: TestClient, upload: Callable[..., Json]) -> None:
    operation = client.get("/openapi.json").json()["paths"]["/api/v1/images"]["post"]
    properties = operation["requestBody"]["content"]["multipart/form-data"]["schema"]["properties"]
    assert properties == {"file": {"type": "string", "format": "binary"}}
