"""What a file says of its own end."""

import io

import pytest

from nst.video.whole import is_cut_off, kind_of

FTYP = (16).to_bytes(4, "big") + b"ftypisom\0\0\0\0"


def box(name: bytes, body: bytes) -> bytes:
    return (len(body) + 8).to_bytes(4, "big") + name + body


def wide_box(name: bytes, body: bytes) -> bytes:
    return (1).to_bytes(4, "big") + name + (len(body) + 16).to_bytes(8, "big") + body


def segment(size: bytes, body: bytes = b"body") -> bytes:
    return b"\x1aE\xdf\xa3\x84head\x18\x53\x80\x67" + size + body


def cut(data: bytes) -> bool:
    kind = kind_of(data)
    assert kind is not None
    return is_cut_off(io.BytesIO(data), kind, len(data))


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (FTYP, "mp4"),
        (box(b"moov", b"old QuickTime"), "mp4"),
        (segment(b"\x84"), "webm"),
        (b"GIF87a...", "gif"),
        (b"GIF89a...", "gif"),
        (b"RIFF....AVI ", None),
        (b"", None),
    ],
)
def test_a_kind_is_told_by_the_first_bytes(data, kind):
    assert kind_of(data) == kind


@pytest.mark.parametrize("make", [box, wide_box])
def test_a_box_ends_where_it_says(make):
    data = FTYP + make(b"mdat", b"frames") + make(b"moov", b"index")
    assert not cut(data)
    assert cut(data[:-1])
    assert cut(data[: len(FTYP) + 12])


def test_a_box_without_a_length_reaches_to_the_end():
    assert not cut(FTYP + bytes(4) + b"mdat" + b"frames")


def test_nonsense_behind_the_last_box_is_not_held_against_a_file():
    assert not cut(FTYP + b"\0\0\0\x03junk")


@pytest.mark.parametrize("size", [b"\x84", b"\x40\x04", b"\x01\0\0\0\0\0\0\x04"])
def test_a_segment_ends_where_it_says(size):
    assert not cut(segment(size))
    assert cut(segment(size)[:-1])


@pytest.mark.parametrize("size", [b"\xff", b"\x01\xff\xff\xff\xff\xff\xff\xff"])
def test_a_segment_that_was_written_live_knows_no_end(size):
    assert not cut(segment(size))


def test_a_gif_ends_with_its_trailer():
    assert not cut(b"GIF89a...\x3b")
    assert not cut(b"GIF89a...\x3b\0\0")
    assert cut(b"GIF89a...\x2c")
