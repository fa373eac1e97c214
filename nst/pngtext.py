"""The settings of a painting, carried inside its PNG as a text chunk (iTXt, keyword "pentimento", JSON).

Written so that a result can be repeated; read back as what it then is, a stranger's data.
"""

import io
import json
import struct
import zlib
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from PIL.PngImagePlugin import PngInfo

_KEYWORD = "pentimento"
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_HEAD_BYTES = 256 * 1024  # we write settings before the pixels; nothing past this is looked at
_JSON_BYTES = 128 * 1024  # a run that was changed as often as it may be has 97 kB
_DEPTH = 8


def settings_chunk(settings: Mapping[str, object]) -> PngInfo:
    """The chunk, for Pillow's `pnginfo`. What JSON cannot hold raises `ValueError` (NaN) or `TypeError`."""
    info = PngInfo()
    info.add_itxt(_KEYWORD, json.dumps(dict(settings), allow_nan=False))
    return info


def read_settings(source: BinaryIO | bytes) -> dict[str, object] | None:
    """The settings in a PNG, or None where there are none that can be trusted to be well formed.

    A stream is read from where it stands, its first 256 kB at most; no pixel is decoded. The dict holds only
    what JSON can hold, nested 8 deep at most, no NaN or infinity. Names and values are unchecked: pass them
    through `nst.options.parse_options` before use.
    """
    head = source[:_HEAD_BYTES] if isinstance(source, bytes) else _head(source)
    for kind, body in _chunks(head):
        keyword, _, rest = body.partition(b"\0")
        if kind == b"iTXt" and keyword == _KEYWORD.encode():
            return _settings(rest)
    return None


def _head(stream: BinaryIO) -> bytes:
    head = io.BytesIO()
    while head.tell() < _HEAD_BYTES and (block := stream.read(_HEAD_BYTES - head.tell())):
        head.write(block)
    return head.getvalue()


def _chunks(head: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(kind, body) of each whole, undamaged chunk from the start; ends at the first that is not."""
    if not head.startswith(_SIGNATURE):
        return
    position = len(_SIGNATURE)
    while position + 12 <= len(head):
        length, kind = struct.unpack_from(">I4s", head, position)
        end = position + 8 + length
        if end + 4 > len(head):
            return
        body = head[position + 8 : end]
        if struct.unpack_from(">I", head, end)[0] != zlib.crc32(kind + body):
            return
        yield kind, body
        position = end + 4


def _settings(text: bytes) -> dict[str, object] | None:
    """`text`: an iTXt body past its keyword: 2 compression bytes, language, 0, translation, 0, UTF-8."""
    # Ours is never compressed; one that is was made by somebody else, and may be a bomb.
    parts = text[2:].split(b"\0", 2)
    if text[:1] != b"\0" or len(parts) < 3 or len(parts[2]) > _JSON_BYTES:
        return None
    try:
        value = json.loads(parts[2].decode())
        # Writing it again refuses what JSON text can smuggle in: NaN, infinity (1e999), lone surrogates.
        json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) and _is_nested_within(_DEPTH, value) else None


def _is_nested_within(depth: int, value: object) -> bool:
    """Whether lists and dicts lie in each other at most so deep; looks no deeper."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return inner is None or (depth > 0 and all(_is_nested_within(depth - 1, one) for one in inner))
