"""What comes in as a picture: each kind of file, good and bad, through a real server."""

import io
import socket
import struct
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import repeat

import httpx
import numpy as np
import pytest
from jobs.fake_engine import wait_until
from pictures import (
    GREY,
    GREY_ALPHA,
    RGB,
    RGBA,
    SIGNATURE,
    chunk,
    exif,
    flat,
    gradient,
    header,
    png,
    png_of_size,
    saved,
    scan_bomb,
)
from PIL import Image

from nst.settings import Settings

from .conftest import Json, Running, refused, running

LIMIT = Settings.model_fields["max_upload_bytes"].default
BOUNDARY = "edge"
HEAD = b'--edge\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
TAIL = b"\r\n--edge--\r\n"

Send = Callable[..., httpx.Response]
Stored = Callable[..., Json]


@pytest.fixture
def nothing_left(studio: Running) -> Iterator[None]:
    """What is refused leaves no file, whole or in part."""
    before = studio.files()
    yield
    assert studio.files() == before


leaves_nothing = pytest.mark.usefixtures("nothing_left")


def noise() -> Image.Image:
    return Image.fromarray(np.random.default_rng(1).integers(0, 256, (96, 96, 3), dtype=np.uint8))


# Empty, text, SVG, EPS, zero dimension


@leaves_nothing
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"Dear studio, please find my picture attached.",
        b'<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"/>',
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 64 64\nshowpage\n",
        SIGNATURE + header(0, 64) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b""),
        saved(flat("red"), "GIF"),
    ],
    ids=["empty", "text", "svg", "eps", "zero dimension", "gif"],
)
def test_what_is_no_picture_is_a_415(send: Send, data: bytes) -> None:
    assert "JPEG, PNG or WebP" in refused(send(data), 415, "not_a_picture", "file")


# Over 15 MB, lying and chunked length


@leaves_nothing
@pytest.mark.parametrize("beyond", [1, 100_000])
def test_a_file_over_the_limit_is_a_413(send: Send, beyond: int) -> None:
    words = refused(send(bytes(LIMIT + beyond)), 413, "file_too_large", "file")
    assert "15 MB" in words


@leaves_nothing
def test_a_file_without_a_stated_length_is_counted(visitor: httpx.Client) -> None:
    def endless() -> Iterator[bytes]:
        yield HEAD
        yield from repeat(bytes(2**16), 2 * LIMIT // 2**16)

    kind = {"content-type": f"multipart/form-data; boundary={BOUNDARY}"}
    answer = visitor.post("/api/v1/images", content=endless(), headers=kind)
    refused(answer, 413, "file_too_large", "file")


@leaves_nothing
@pytest.mark.parametrize(
    ("stated", "answers"),
    [
        (len(HEAD) + 10, (b"HTTP/1.1 422", b"missing_file")),  # ten bytes of a file are no whole form
        (10**12, (b"HTTP/1.1 413", b"file_too_large")),
        (-1, (b"HTTP/1.1 400", b"bad_request")),
        ("x", (b"HTTP/1.1 400", b"bad_request")),
    ],
)
def test_a_length_that_lies_lets_nothing_in(
    studio: Running, stated: object, answers: tuple[bytes, bytes]
) -> None:
    form = HEAD + saved(flat("red"), "PNG") + TAIL
    with connected(studio, stated, "Connection: close\r\n", form) as line:
        answer = line.makefile("rb").read()
    assert answer.startswith(answers[0])
    assert answers[1] in answer


@leaves_nothing
def test_an_upload_that_breaks_off_leaves_nothing(studio: Running, visitor: httpx.Client) -> None:
    with connected(studio, 9_000_000) as line:
        line.sendall(HEAD + bytes(4_000_000))
    assert visitor.get("/healthz").status_code == 200


@contextmanager
def connected(studio: Running, length: object, more: str = "", body: bytes = b"") -> Iterator[socket.socket]:
    """A connection on which an upload has begun, and its length was stated."""
    head = (
        f"POST /api/v1/images HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {length}\r\n"
        f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n{more}\r\n"
    )
    with socket.create_connection(("127.0.0.1", httpx.URL(studio.address).port), timeout=10) as line:
        line.sendall(head.encode() + body)  # in one piece
        yield line


# Bombs, too many pixels, too few


@leaves_nothing
@pytest.mark.parametrize(
    ("data", "code", "says"),
    [
        (png_of_size(16384, 16384), "image_too_large", "megapixels; the limit is 25"),
        (png_of_size(5000, 5001), "image_too_large", "25.1 megapixels; the limit is 25"),
        (png_of_size(10000, 1), "image_too_large", "10000 pixels"),
        (png_of_size(1, 1), "image_too_small", "1 by 1 pixels"),
        (png_of_size(3000, 40), "bad_aspect", "75 times"),
    ],
    ids=["bomb", "over 25 MP", "10000x1", "1x1", "75:1"],
)
def test_a_picture_out_of_limits_is_a_422(send: Send, data: bytes, code: str, says: str) -> None:
    assert says in refused(send(data), 422, code, "file")


def test_a_picture_that_takes_too_long_is_stopped(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """A bomb in time: under a megabyte of passes over a large picture."""
    with running(tmp_path_factory.mktemp("hasty") / "data", decode_seconds="0.3") as hasty:
        with hasty.visitor() as visitor:
            answer = visitor.post("/api/v1/images", files={"file": ("a.jpg", scan_bomb(4096, 20_000))})
            assert "0.3 seconds" in refused(answer, 422, "too_slow", "file")
        assert not any(name.startswith("images/") for name in hasty.files())


# Damage


@leaves_nothing
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_truncated_file_is_a_422(send: Send, kind: str) -> None:
    data = saved(noise(), kind)
    assert "damaged or incomplete" in refused(send(data[: len(data) // 2]), 422, "broken_image", "file")


@leaves_nothing
def test_three_megabytes_of_packed_text_are_a_422(send: Send) -> None:
    text = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(3 * 2**20)))
    refused(send(png(gradient(), RGB, text)), 422, "broken_image", "file")


# Animations


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_of_an_animation_the_first_frame_is_kept_and_that_is_said(
    visitor: httpx.Client, stored: Stored, kind: str
) -> None:
    how = {"lossless": True} if kind == "WEBP" else {}
    frames = [flat("red"), flat("blue")]
    image = stored(saved(frames[0], kind, save_all=True, append_images=frames[1:], **how))
    assert image["notes"] == ["The picture was animated; the first frame is used."]
    assert (pixels(visitor, image) == (255, 0, 0)).all()


# Colours


def deep(*values: int) -> np.ndarray:
    """A flat 16-bit picture."""
    return np.full((40, 40, len(values)), values, np.uint16)


@pytest.mark.parametrize(
    ("data", "colour", "note"),
    [
        (saved(flat((0, 255, 255, 0), "CMYK"), "JPEG", quality=95), (255, 0, 0), "CMYK"),
        (png(deep(20000), GREY), (78, 78, 78), None),
        (png(deep(65535, 32896, 0), RGB), (255, 128, 0), None),
        (png(deep(65535, 0, 0, 32768), RGBA), (255, 127, 127), "over white"),
        (png(deep(0, 32768), GREY_ALPHA), (127, 127, 127), "over white"),
        (saved(flat((200, 0, 0, 128), "RGBA"), "PNG"), (227, 127, 127), "over white"),
        (saved(flat((100, 64), "LA"), "PNG"), (216, 216, 216), "over white"),
        (saved(flat((200, 100, 50)).quantize(2), "PNG"), (200, 100, 50), None),
        (saved(flat(123, "L"), "PNG"), (123, 123, 123), None),
        (saved(flat(123, "L"), "JPEG"), (123, 123, 123), None),
        (saved(flat(1, "1"), "PNG"), (255, 255, 255), None),
        (saved(flat(0, "1"), "PNG"), (0, 0, 0), None),
    ],
    ids=[
        "CMYK",
        "16-bit grey",
        "16-bit RGB",
        "16-bit RGBA",
        "16-bit LA",
        "RGBA",
        "LA",
        "palette",
        "grey",
        "grey JPEG",
        "1-bit white",
        "1-bit black",
    ],
)
def test_every_mode_comes_in_with_its_colours(
    visitor: httpx.Client, stored: Stored, data: bytes, colour: tuple[int, ...], note: str | None
) -> None:
    image = stored(data)
    assert np.abs(pixels(visitor, image).astype(int) - colour).max() <= 4
    assert note in image["notes"][0] if note else image["notes"] == []


# EXIF: rotation and place


def from_a_phone(kind: str, orientation: int = 1) -> bytes:
    """A photograph with its place, its maker, and a comment, lying on its side."""
    return saved(Image.fromarray(gradient(96, 64)), kind, exif=exif(orientation), quality=95)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_stands_upright(visitor: httpx.Client, stored: Stored, kind: str) -> None:
    image = stored(from_a_phone(kind, orientation=6))
    assert (image["width"], image["height"]) == (64, 96)
    upright = pixels(visitor, image).astype(int)
    assert upright.shape == (96, 64, 3)
    assert upright[-1, :, 0].mean() > upright[0, :, 0].mean() + 100  # turned: red grew to the right


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_no_output_tells_where_a_picture_was_taken(visitor: httpx.Client, stored: Stored, kind: str) -> None:
    data = from_a_phone(kind, orientation=6)
    assert_tells_where(data)
    photo = stored(data)
    style = stored(data)
    options = {"size": 64, "steps": 3}
    body = {"contents": [photo["id"], style["id"]], "styles": [{"image": style["id"]}], "options": options}
    group = finished(visitor, visitor.post("/api/v1/groups", json=body).json())
    job = group["jobs"][0]["id"]
    asked = {"content": photo["id"], "styles": [{"image": style["id"]}]}
    outputs = {
        name: visitor.get(address)
        for name, address in {
            "picture": photo["url"],
            "thumbnail": photo["thumbnail"],
            **{f"result.{kind}": f"/api/v1/jobs/{job}/result.{kind}" for kind in ("png", "jpg", "webp")},
            **{
                f"photograph.{kind}": f"/api/v1/jobs/{job}/result.{kind}?strength=0"
                for kind in ("png", "jpg", "webp")
            },
            "preview": f"/api/v1/jobs/{job}/preview.jpg",
            "strength": f"/api/v1/jobs/{job}/preview-strength.jpg?strength=0.3",
            "stage": group["jobs"][0]["stages"][0]["url"],
            "time-lapse": f"/api/v1/jobs/{job}/timelapse.webp",
            "zip": group["results"],
        }.items()
    }
    outputs["instant.jpg"] = visitor.post("/api/v1/preview", json=asked)
    outputs["instant.png"] = visitor.post("/api/v1/preview", json=asked | {"format": "png"})
    outputs["sheet"] = visitor.post("/api/v1/preview/sheet", json={"content": photo["id"]})
    for name, answer in outputs.items():
        assert answer.status_code == 200, (name, answer.text)
        assert_tells_nothing(name, answer.content)


# A polyglot, and names


def test_what_is_a_picture_and_a_web_page_comes_back_as_a_picture_alone(
    visitor: httpx.Client, stored: Stored
) -> None:
    page = b"<html><script>alert(document.cookie)</script></html>"
    image = stored(png(gradient(), RGB, chunk(b"tEXt", b"Comment\0" + page)) + page)
    answer = visitor.get(image["url"])
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "script-src" in answer.headers["content-security-policy"]
    assert b"<html" not in answer.content
    assert np.array_equal(pixels(visitor, image), gradient())


@pytest.mark.parametrize(
    "name",
    ["../../x", "/etc/passwd", "a\0b.png", "x" * 5000, '"><script>.png', "a\r\nSet-Cookie: x=y", "CON"],
)
def test_a_files_name_is_ignored(studio: Running, visitor: httpx.Client, name: str) -> None:
    before = studio.files()
    answer = raw_upload(visitor, name)
    assert answer.status_code == 201, answer.text
    assert "set-cookie" not in answer.headers
    made = answer.json()["id"]
    assert studio.files() - before == {f"images/{made}.png", f"images/{made}.jpg"}
    assert not (studio.folder.parent / "x").exists()


def raw_upload(visitor: httpx.Client, name: str) -> httpx.Response:
    """As a program sends it that escapes nothing."""
    head = f'--edge\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()
    kind = {"content-type": f"multipart/form-data; boundary={BOUNDARY}"}
    return visitor.post("/api/v1/images", content=head + saved(flat("red"), "PNG") + TAIL, headers=kind)


# What of it all is seen


def pixels(visitor: httpx.Client, image: Json) -> np.ndarray:
    answer = visitor.get(image["url"])
    with Image.open(io.BytesIO(answer.content)) as opened:
        assert (opened.format, opened.mode) == ("PNG", "RGB")
        return np.array(opened)


def finished(visitor: httpx.Client, group: Json) -> Json:
    def now() -> Json:
        return visitor.get(f"/api/v1/groups/{group['id']}").json()

    wait_until(lambda: now()["state"] == "done")
    return now()


LATITUDE = [struct.pack(f"{order}6I", 48, 1, 51, 1, 29, 1) for order in "<>"]


def assert_tells_where(data: bytes) -> None:
    assert any(place in data for place in LATITUDE)
    assert b"Pocket camera" in data


def assert_tells_nothing(name: str, data: bytes) -> None:
    assert not any(place in data for place in LATITUDE), name
    assert b"Pocket camera" not in data, name
    for mark in (b"Exif\0\0", b"eXIf", b"EXIF", b"XMP ", b"GPS"):
        assert mark not in data, (name, mark)
