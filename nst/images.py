"""The only place that decodes or encodes a picture.

A file that somebody else made comes in through `decode` or `decode_mask` and leaves as plain pixels: 8-bit,
upright, one frame, sRGB, with no metadata. Everything that can be wrong with it is a `Refusal`.
"""

import errno
import io
import math
import os
import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from nst.errors import Refusal
from nst.pngtext import read_settings, settings_chunk
from nst.settings import settings
from nst.srgb import Converted, to_grey, to_srgb, upright

__all__ = [
    "Mask",
    "Picture",
    "Pixels",
    "decode",
    "decode_mask",
    "encode_animation",
    "encode_jpeg",
    "encode_png",
    "encode_webp",
    "fitted",
    "jpeg_comment",
    "keep_names",
    "load",
    "read",
    "read_mask",
    "read_settings",
    "resize",
    "resize_mask",
    "write",
]

Pixels: TypeAlias = NDArray[np.uint8]

# More than the blocks that glibc keeps (32 MB): what a large picture took goes back to the system.
Image.core.set_block_size(64 * 2**20)  # type: ignore[attr-defined]


@dataclass(frozen=True, eq=False)
class Picture:
    """A decoded picture: `pixels` (H, W, 3) uint8 sRGB; `notes` say what was changed on the way in."""

    pixels: Pixels
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Mask:
    """A decoded mask: `pixels` (H, W) uint8, 0 keeps out and 255 lets in; `notes` as in `Picture`."""

    pixels: Pixels
    notes: tuple[str, ...] = ()


def decode(source: BinaryIO | bytes, *, field: str = "file", longest: int | None = None) -> Picture:
    """The picture in a JPEG, PNG or WebP file, told apart by content.

    A stream is read from where it stands, and never further than the size limit. `longest` is a narrower
    limit of the long side than the studio's, in pixels. Raises `Refusal` about `field`: not_a_picture,
    file_too_large, image_too_large, image_too_small, bad_aspect, broken_image or too_slow.
    """
    image, notes = _decoded(source, field, "picture", to_srgb, longest)
    return Picture(np.array(image), notes)


def decode_mask(source: BinaryIO | bytes, *, field: str = "mask") -> Mask:
    """The mask in a picture file, within the limits of `decode`; all black is refused (empty_mask)."""
    image, notes = _decoded(source, field, "mask", to_grey)
    pixels = np.array(image)
    if not pixels.any():
        raise Refusal(
            "empty_mask",
            "The mask is black all over, so nothing would be painted. Paint some of it white.",
            field,
        )
    return Mask(pixels, notes)


def read(path: str | os.PathLike[str], *, field: str) -> Picture:
    """`decode` for a file on disk; refusals name it. One that cannot be opened is an unreadable_file."""
    with _opened(path, field) as file:
        return decode(file, field=field)


def read_mask(path: str | os.PathLike[str], *, field: str) -> Mask:
    """`decode_mask` for a file on disk; refusals as in `read`."""
    with _opened(path, field) as file:
        return decode_mask(file, field=field)


def fitted(width: int, height: int, size: int) -> tuple[int, int]:
    """(width, height) with the long side brought to `size`, the aspect kept, no side below 1 pixel."""
    long_side = max(width, height)
    return _scaled(width, size, long_side), _scaled(height, size, long_side)


def resize(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    """(H, W, 3) or (H, W) uint8 pixels resampled to `size` = (width, height): Lanczos, antialiased."""
    return np.array(Image.fromarray(pixels).resize(size, Image.Resampling.LANCZOS))


def load(path: str | os.PathLike[str] | BinaryIO, *, grey: bool = False) -> Pixels:
    """(H, W, 3) pixels, or with `grey` (H, W), of a PNG or JPEG that this module made.

    For files of our own only: no limit holds. A JPEG that was small enough to come in may well be larger than
    the largest upload once it is a PNG.
    """
    with Image.open(path, formats=["PNG", "JPEG"]) as image:
        return np.array(image.convert("L" if grey else "RGB"))


def resize_mask(mask: Pixels, size: tuple[int, int]) -> Pixels:
    """(H, W) uint8 resampled to `size` = (width, height), soft at the edges but never beyond the mask.

    Smooth resampling alone would spread a mask into pixels that lie wholly in its black part.
    """
    image = Image.fromarray(mask)
    smooth, touched = (image.resize(size, how) for how in (Image.Resampling.BILINEAR, Image.Resampling.BOX))
    return np.where(np.array(touched) == 0, np.uint8(0), np.array(smooth))


def encode_png(pixels: Pixels, settings: Mapping[str, object] | None = None, *, quick: bool = False) -> bytes:
    """A PNG of (H, W, 3) or (H, W) uint8 pixels; `settings` travel inside, for `read_settings` to find.

    With `quick` it takes half the time and about a seventh more room.
    """
    out = io.BytesIO()
    chunk = settings_chunk(settings) if settings is not None else None
    Image.fromarray(pixels).save(out, "PNG", pnginfo=chunk, compress_level=1 if quick else 6)
    return out.getvalue()


def encode_jpeg(pixels: Pixels, quality: int = 80, comment: str = "") -> bytes:
    """A JPEG of (H, W, 3) or (H, W) uint8 pixels; the comment travels inside, for `jpeg_comment` to find."""
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=quality, comment=comment.encode())
    return out.getvalue()


def jpeg_comment(data: bytes) -> str:
    """Of a JPEG that this module made; empty without one."""
    with Image.open(io.BytesIO(data), formats=["PNG", "JPEG"]) as image:
        comment = image.info.get("comment", b"")
    return comment.decode(errors="replace") if isinstance(comment, bytes) else ""


def encode_webp(pixels: Pixels, quality: int = 90) -> bytes:
    """A WebP of (H, W, 3) or (H, W) uint8 pixels, no side beyond 16383."""
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "WEBP", quality=quality)
    return out.getvalue()


def encode_animation(frames: Iterable[Pixels], milliseconds: Sequence[int], quality: int = 80) -> bytes:
    """An animated WebP that plays over and over; at least one frame, all of one size, each with its time."""
    first, *others = (Image.fromarray(frame) for frame in frames)
    out = io.BytesIO()
    first.save(
        out,
        "WEBP",
        save_all=True,
        append_images=others,
        duration=list(milliseconds),
        loop=0,
        quality=quality,
        method=2,  # a third of the time of the usual 4, for a few per cent more room
    )
    return out.getvalue()


def write(path: str | os.PathLike[str], data: bytes) -> None:
    """Put `data` at `path` in one step: a reader sees the old file or the new one, never half of it.

    On return it outlives a loss of power, name and all. Raises `OSError` (no such folder, disk full) and then
    leaves nothing behind.
    """
    target = Path(path)
    part = target.with_name(f".{secrets.token_hex(8)}.part")  # same folder: a rename cannot cross disks
    try:
        with part.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
        keep_names(target.parent)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def keep_names(folder: Path) -> None:
    """Have the disk remember which files are in a folder: a new name alone is not what `fsync` keeps."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # a file system that knows no such thing
            raise
    finally:
        os.close(descriptor)


# Decoding

_FORMATS = ("JPEG", "PNG", "WEBP")
_READ_BLOCK = 64 * 1024
_DECODE_BLOCK = 8 * 1024


class _OutOfTime(Exception):
    """Decoding has used up its seconds."""


class _TimedBytes(io.BytesIO):
    """A file in memory that refuses to be read once its time is up.

    Pillow decodes JPEG and PNG a block at a time and asks for the next block in Python, so a clock in `read`
    stops it, from any thread, and frees what it held. A worker thread could only be abandoned, still running;
    a signal works in the main thread alone; a process for each picture costs more than the picture. WebP is
    decoded in one call, whose work the pixel limit bounds: it is stopped before or after, not within.
    """

    def __init__(self, data: bytes, seconds: float) -> None:
        super().__init__(data)
        self._deadline = time.monotonic() + seconds

    def read(self, size: int | None = -1, /) -> bytes:
        self.check()
        return super().read(size)

    def check(self) -> None:
        if time.monotonic() > self._deadline:
            raise _OutOfTime


def _decoded(
    source: BinaryIO | bytes,
    field: str,
    noun: str,
    convert: Callable[[Image.Image], Converted],
    longest: int | None = None,
) -> Converted:
    """The file's first frame, upright and converted, and the notes on it; refusals call it `noun`."""
    file = _TimedBytes(_at_most(settings().max_upload_bytes, source, field), settings().decode_seconds)
    try:
        with Image.open(file, formats=_FORMATS) as image:
            _check_size(*image.size, field, noun, longest or settings().max_side)
            # A progressive JPEG can pack hundreds of passes over the whole picture into Pillow's usual 64 kB.
            image.decodermaxblock = _DECODE_BLOCK
            image.load()
            file.check()
            converted, notes = convert(upright(image))
            # A multi-picture JPEG (a phone's depth or preview pictures) has further frames but no animation.
            animated = image.format in ("PNG", "WEBP") and getattr(image, "is_animated", False)
    except (Refusal, MemoryError):
        raise
    except _OutOfTime as error:
        raise Refusal(
            "too_slow",
            f"The {noun} took more than {_number(settings().decode_seconds)} seconds to open. "
            "Save it again in an ordinary way, or make it smaller, and try again.",
            field,
        ) from error
    except UnidentifiedImageError as error:
        raise Refusal(
            "not_a_picture",
            "No JPEG, PNG or WebP picture was found in this file. Save it as one of these and try again.",
            field,
        ) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        # Pillow keeps the size to itself: it gives up at twice its limit; at once, where warnings are errors.
        floor = (Image.MAX_IMAGE_PIXELS or 0) * (2 if isinstance(error, Image.DecompressionBombError) else 1)
        raise _too_many_pixels(f"more than {floor // 10**6}", field, noun) from error
    except Exception as error:
        # Pillow's parsers raise a dozen kinds of error on hostile bytes (ValueError on an overgrown text
        # chunk, SyntaxError on a bad checksum, EOFError from WebP); to the person they are the same news.
        raise Refusal(
            "broken_image",
            f"The {noun} is damaged or incomplete and cannot be read. Save or download it again and retry.",
            field,
        ) from error
    return converted, ("The picture was animated; the first frame is used.", *notes) if animated else notes


def _at_most(limit: int, source: BinaryIO | bytes, field: str) -> bytes:
    """All of `source`, counted as it arrives: what a client says of its length is not believed."""
    stream: BinaryIO = io.BytesIO(source) if isinstance(source, bytes) else source
    blocks: list[bytes] = []
    count = 0
    while block := stream.read(_READ_BLOCK):
        count += len(block)
        if count > limit:
            raise Refusal(
                "file_too_large",
                f"The file is larger than {_number(limit / 2**20)} MB, the most that is accepted. "
                "Make it smaller and try again.",
                field,
            )
        blocks.append(block)
    return b"".join(blocks)


def _check_size(width: int, height: int, field: str, noun: str, longest: int) -> None:
    limits = settings()
    long_side, short_side = max(width, height), min(width, height)
    if width * height > limits.max_pixels:
        # Rounded up, so that a picture just over the limit never reads as one that meets it.
        raise _too_many_pixels(_number(math.ceil(width * height / 1e5) / 10), field, noun)
    if long_side > longest:
        raise Refusal(
            "image_too_large",
            f"The {noun} is {long_side} pixels on its long side; the limit is {longest}. "
            "Make it smaller and try again.",
            field,
        )
    if short_side < limits.min_side:
        raise Refusal(
            "image_too_small",
            f"The {noun} is {width} by {height} pixels; each side needs at least {limits.min_side}. "
            "Choose a larger one.",
            field,
        )
    if long_side > limits.max_aspect * short_side:
        raise Refusal(
            "bad_aspect",
            f"The {noun} is {_number(math.ceil(10 * long_side / short_side) / 10)} times as long one way "
            f"as the other; the limit is {_number(limits.max_aspect)}. Crop it and try again.",
            field,
        )


def _too_many_pixels(megapixels: str, field: str, noun: str) -> Refusal:
    return Refusal(
        "image_too_large",
        f"The {noun} is {megapixels} megapixels; the limit is {_number(settings().max_pixels / 1e6)}. "
        "Make it smaller and try again.",
        field,
    )


@contextmanager
def _opened(path: str | os.PathLike[str], field: str) -> Iterator[BinaryIO]:
    name = Path(path).name or str(path)
    settings()  # a bad one is refused here, or it would read as the file's fault
    try:
        with Path(path).open("rb") as file:
            yield file
    except Refusal as refusal:
        raise Refusal(refusal.code, f"{name}: {refusal.message}", field) from refusal
    except (OSError, ValueError) as error:  # ValueError: a name with a NUL in it
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise Refusal(
            "unreadable_file", f"{name}: the file cannot be opened ({reason.lower()}).", field
        ) from error


def _scaled(side: int, size: int, long_side: int) -> int:
    """side * size / long_side, rounded half up, at least 1."""
    return max(1, (2 * side * size + long_side) // (2 * long_side))


def _number(value: float) -> str:
    """At most one decimal, and none where it says nothing: 25, 25.1."""
    return f"{value:.1f}".removesuffix(".0")
