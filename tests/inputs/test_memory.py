"""What the largest pictures that are taken cost the server while they are opened, alone and many together."""

import struct
import time
import zlib
from concurrent.futures import ThreadPoolExecutor

import pytest
from pictures import GREY, GREY_ALPHA, RGB, RGBA, SIGNATURE, chunk, ink_profile, saved, scan_bomb
from PIL import Image

from .conftest import Running

SIDE = 5000  # squared, the most pixels that are taken
MOST = 900  # MB, of one at a time
MANY = 5
CHANNELS = {GREY: 1, RGB: 3, GREY_ALPHA: 2, RGBA: 4}
ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


def large_png(colour: int, depth: int, interlaced: bool = False) -> bytes:
    """A black PNG of `SIDE` squared pixels, in a few kilobytes."""
    packer = zlib.compressobj(9)
    passes = ADAM7 if interlaced else ((0, 0, 1, 1),)
    data = b""
    for left, top, across, down in passes:
        width, height = -(-(SIDE - left) // across), -(-(SIDE - top) // down)
        row = bytes(1 + (width * CHANNELS[colour] * depth + 7) // 8)
        data += b"".join(packer.compress(row) for _ in range(height))
    head = struct.pack(">IIBBBBB", SIDE, SIDE, depth, colour, 0, 0, interlaced)
    body = chunk(b"IDAT", data + packer.flush())
    return SIGNATURE + chunk(b"IHDR", head) + body + chunk(b"IEND", b"")


def large(mode: str, kind: str, **how: object) -> bytes:
    return saved(Image.new(mode, (SIDE, SIDE)), kind, **how)


LARGE = {
    "1-bit": lambda: large_png(GREY, 1),
    "16-bit grey with alpha": lambda: large_png(GREY_ALPHA, 16),
    "16-bit RGBA, interlaced": lambda: large_png(RGBA, 16, interlaced=True),
    "JPEG of three hundred passes": lambda: scan_bomb(4992, 300),
    "CMYK JPEG with a profile": lambda: large("CMYK", "JPEG", icc_profile=ink_profile()),
    "WebP": lambda: large("RGBA", "WEBP", lossless=True),
}


@pytest.mark.parametrize("name", LARGE)
def test_the_largest_of_each_mode_takes_a_bounded_memory(studio: Running, name: str) -> None:
    with studio.visitor() as visitor:
        studio.forget_memory()
        answer = visitor.post("/api/v1/images", files={"file": LARGE[name]()}, timeout=120)
        assert answer.status_code == 201, answer.text
    assert studio.most_memory() < MOST


def test_many_at_once_are_opened_two_at_a_time_and_the_others_are_served(studio: Running) -> None:
    data = large_png(RGBA, 16)

    def upload(_: int) -> int:
        with studio.visitor() as visitor:
            return visitor.post("/api/v1/images", files={"file": data}, timeout=120).status_code

    studio.forget_memory()
    with ThreadPoolExecutor(MANY) as pool, studio.visitor() as other:
        uploads = [pool.submit(upload, number) for number in range(MANY)]
        while not all(one.done() for one in uploads):
            assert other.get("/api/v1/jobs").status_code == 200
            time.sleep(0.05)  # a visitor who asks without a pause is told to wait
    assert [one.result() for one in uploads] == [201] * MANY
    assert studio.most_memory() < 2 * MOST
