"""Settings inside a PNG, ours and a stranger's."""

import io
import json
import zlib

import numpy as np
import pytest
from pictures import RGB, chunk, gradient, png, saved
from PIL import Image

from nst.pngtext import read_settings, settings_chunk


def with_text(text: bytes, *, keyword: bytes = b"pentimento", compressed: bool = False) -> bytes:
    body = zlib.compress(text) if compressed else text
    return png(gradient(), RGB, chunk(b"iTXt", keyword + bytes([0, compressed, 0, 0, 0]) + body))


def test_settings_come_back_as_they_went_in() -> None:
    chosen = {
        "size": 512,
        "tv_weight": 0.25,
        "masks": None,
        "styles": [{"title": "Sternennacht ✨", "weight": 1}],
    }
    data = saved(Image.fromarray(gradient()), "PNG", pnginfo=settings_chunk(chosen))
    assert read_settings(data) == chosen
    assert read_settings(io.BytesIO(data)) == chosen


def test_a_stream_is_read_no_further_than_its_head() -> None:
    noise = np.random.default_rng(4).integers(0, 256, (600, 600, 3), dtype=np.uint8)
    stream = io.BytesIO(saved(Image.fromarray(noise), "PNG", pnginfo=settings_chunk({"size": 64})))
    assert read_settings(stream) == {"size": 64}
    assert stream.tell() <= 256 * 1024 < len(stream.getvalue())


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_numbers_that_json_lacks_are_not_written(value: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        settings_chunk({"style_weight": value})


def test_the_reader_accepts_a_well_formed_chunk() -> None:
    """The ground under the tests below: their files differ from this one only in what they name."""
    assert read_settings(with_text(b'{"size": 512}')) == {"size": 512}


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"not json",
        b"[1, 2]",
        b'"size"',
        b"null",
        b'{"size": NaN}',
        b'{"size": -Infinity}',
        b'{"size": 1e999}',
        b'{"size": ' + b"9" * 5000 + b"}",
        b'{"name": "\\ud800"}',
        b'{"name": "\xff\xfe"}',
        b'{"deep": ' * 9 + b"1" + b"}" * 9,
        *(b'{"deep": ' + b"[" * depth + b"]" * depth + b"}" for depth in (500, 700, 900)),
        b'{"deep": ' + b"[" * 30_000 + b"]" * 30_000 + b"}",
        b'{"long": "' + b"x" * 140_000 + b'"}',
    ],
    ids=lambda text: text[:24].decode("latin-1"),
)
def test_what_is_not_a_small_plain_json_object_is_no_settings(text: bytes) -> None:
    assert read_settings(with_text(text)) is None


def test_eight_levels_are_allowed() -> None:
    text = b'{"deep": ' * 8 + b"1" + b"}" * 8
    assert read_settings(with_text(text)) == json.loads(text)


def test_a_compressed_chunk_is_left_packed() -> None:
    assert read_settings(with_text(b'{"size": 512}', compressed=True)) is None


def test_another_programs_text_is_not_ours() -> None:
    assert read_settings(with_text(b'{"size": 512}', keyword=b"parameters")) is None
    assert read_settings(png(gradient(), RGB, chunk(b"tEXt", b'pentimento\0{"size": 512}'))) is None


def test_a_damaged_chunk_is_not_believed() -> None:
    assert read_settings(with_text(b'{"size": 512}').replace(b"512", b"513")) is None


def test_no_prefix_of_a_file_is_trouble() -> None:
    data = with_text(b'{"size": 512}')
    whole = data.index(b"IDAT")
    for length in range(len(data)):
        assert read_settings(data[:length]) == (None if length < whole - 4 else {"size": 512})


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"\xff\xd8\xff\xe0", bytes(1000)])
def test_what_is_no_png_has_no_settings(data: bytes) -> None:
    assert read_settings(data) is None
