"""Picture files made on the spot, byte by byte where Pillow would be too polite to write them."""

import io
import struct
import zlib

import numpy as np
from PIL import ExifTags, Image

SIGNATURE = b"\x89PNG\r\n\x1a\n"
GREY, RGB, GREY_ALPHA, RGBA = 0, 2, 4, 6


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(pixels: np.ndarray, colour: int, *extra: bytes) -> bytes:
    """A PNG of (H, W[, C]) uint8 or uint16 pixels, with further chunks before the pixels."""
    height, width = pixels.shape[:2]
    depth = 8 * pixels.dtype.itemsize
    rows = pixels.astype(pixels.dtype.newbyteorder(">")).reshape(height, -1)
    data = b"".join(b"\0" + row.tobytes() for row in rows)
    return SIGNATURE + b"".join(
        [
            header(width, height, depth, colour),
            *extra,
            chunk(b"IDAT", zlib.compress(data)),
            chunk(b"IEND", b""),
        ]
    )


def header(width: int, height: int, depth: int = 8, colour: int = RGB) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))


def png_of_size(width: int, height: int) -> bytes:
    """A whole, valid 1-bit PNG of any size, made a row at a time."""
    packer = zlib.compressobj(9)
    row = bytes(1 + (width + 7) // 8)
    data = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    return SIGNATURE + header(width, height, 1, GREY) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def saved(image: Image.Image, kind: str, **how: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **how)
    return out.getvalue()


def gradient(width: int = 64, height: int = 48) -> np.ndarray:
    """(H, W, 3) uint8: red grows to the right, green downwards, blue is constant."""
    red, green = np.meshgrid(np.linspace(0, 255, width), np.linspace(0, 255, height))
    return np.stack([red, green, np.full_like(red, 90)], axis=-1).round().astype(np.uint8)


def flat(colour: object, mode: str = "RGB", size: tuple[int, int] = (40, 40)) -> Image.Image:
    return Image.new(mode, size, colour)


def exif(orientation: int) -> Image.Exif:
    """EXIF as a phone writes it: which way up, and where."""
    tags = Image.Exif()
    tags[ExifTags.Base.Orientation] = orientation
    tags[ExifTags.Base.Make] = "Pocket camera"
    gps = tags.get_ifd(ExifTags.IFD.GPSInfo)
    gps[ExifTags.GPS.GPSLatitudeRef] = "N"
    gps[ExifTags.GPS.GPSLatitude] = (48.0, 51.0, 29.0)
    return tags


def without_segment(jpeg: bytes, marker: int) -> bytes:
    """`jpeg` less its first segment of that marker."""
    start = jpeg.index(bytes([0xFF, marker]))
    length = struct.unpack_from(">H", jpeg, start + 2)[0]
    return jpeg[:start] + jpeg[start + 2 + length :]


def scan_bomb(side: int, scans: int) -> bytes:
    """A small grey progressive JPEG that passes over the whole picture `scans` times, some 40 bytes each.

    Each pass says "no coefficient from here on" in runs of up to 32767 blocks (EOB runs, ITU T.81 G.1.2.2).
    """

    def segment(marker: int, body: bytes) -> bytes:
        return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body

    def one_code_table(kind: int, symbol: int) -> bytes:
        return segment(0xC4, bytes([kind << 4, 1, *[0] * 15, symbol]))

    blocks = (side // 8) ** 2
    bits, left = "", blocks
    while left > 0:
        run = min(max(left, 1 << 14), (1 << 15) - 1)
        bits += "0" + format(run - (1 << 14), "014b")
        left -= run
    bits += "1" * (-len(bits) % 8)
    runs = int(bits, 2).to_bytes(len(bits) // 8, "big").replace(b"\xff", b"\xff\0")
    return b"".join(
        [
            b"\xff\xd8",
            segment(0xDB, bytes([0, *[1] * 64])),
            segment(0xC2, struct.pack(">BHHB", 8, side, side, 1) + bytes([1, 0x11, 0])),
            one_code_table(0, 0x00) + segment(0xDA, bytes([1, 1, 0, 0, 0, 0])) + bytes(blocks // 8),
            one_code_table(1, 0xE0) + (segment(0xDA, bytes([1, 1, 0, 1, 63, 1])) + runs) * scans,
            b"\xff\xd9",
        ]
    )


def linear_grey_profile() -> bytes:
    """A whole ICC profile, version 2: grey, gamma 1, D50 white."""
    white = struct.pack(">4s4x3I", b"XYZ ", 0xF6D6, 0x10000, 0xD32D)
    curve = struct.pack(">4s4xI", b"curv", 0)
    return _icc(b"mntr", b"GRAY", b"XYZ ", {b"wtpt": white, b"kTRC": curve})


def ink_profile() -> bytes:
    """A whole ICC profile, version 2: CMYK to Lab by a table (mft1) of two points an ink."""
    lightness = [255 - 60 * i.bit_count() for i in range(16)]
    points = bytes(value for light in lightness for value in (max(0, light), 128, 128))
    straight = bytes(range(256))
    ones = [0x10000 if place % 4 == 0 else 0 for place in range(9)]
    table = struct.pack(">4s4x4B9i", b"mft1", 4, 3, 2, 0, *ones) + straight * 4 + points + straight * 3
    return _icc(b"prtr", b"CMYK", b"Lab ", {b"A2B0": table})


def _icc(device: bytes, space: bytes, between: bytes, tags: dict[bytes, bytes]) -> bytes:
    """A profile of these tags (ICC.1:2001-04, 6)."""
    start = 128 + 4 + 12 * len(tags)
    table, body = struct.pack(">I", len(tags)), b""
    for name, data in tags.items():
        table += struct.pack(">4sII", name, start + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    head = struct.pack(">I4xI4s4s4s12x4s", start + len(body), 0x02100000, device, space, between, b"acsp")
    head = head.ljust(68, b"\0") + struct.pack(">3I", 0xF6D6, 0x10000, 0xD32D)
    return head.ljust(128, b"\0") + table + body
