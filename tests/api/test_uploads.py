"""What arrives in pieces is the same as what arrives at once."""

import io
import logging
import socket
from collections.abc import Callable
from threading import Event

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from jobs.fake_engine import PATIENCE, picture

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


@pytest.mark.parametrize("body", [b"no form at all", b"--edge\r\nbroken header\r\n\r\n", b""])
def test_a_bad_form_is_its_senders_affair_and_not_the_logs(
    client: TestClient, caplog: pytest.LogCaptureFixture, body: bytes
) -> None:
    caplog.set_level(logging.DEBUG)
    headers = {"content-type": "multipart/form-data; boundary=edge"}
    assert client.post("/api/v1/images", content=body, headers=headers).status_code in (400, 422)
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_an_upload_that_is_broken_off_is_no_failure_of_ours(
    server: FastAPI, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    heard = Event()
    taken = _FilePart.feed

    def feed(part: _FilePart, block: bytes) -> bytes:
        heard.set()
        return taken(part, block)

    with pytest.MonkeyPatch.context() as patch, listening(server) as browser:
        patch.setattr(_FilePart, "feed", feed)
        place = (browser.base_url.host, browser.base_url.port)
        with socket.create_connection(place) as line:
            line.sendall(
                b"POST /api/v1/images HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9999\r\n"
                b"Content-Type: multipart/form-data; boundary=edge\r\n\r\n--edge\r\n"
            )
            assert heard.wait(PATIENCE)
        assert browser.get("/healthz").status_code == 200
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_the_schema_shows_the_file(client: TestClient, upload: Callable[..., Json]) -> None:
    operation = client.get("/openapi.json").json()["paths"]["/api/v1/images"]["post"]
    properties = operation["requestBody"]["content"]["multipart/form-data"]["schema"]["properties"]
    assert properties == {"file": {"type": "string", "format": "binary"}}
