"""Which kind of video a file holds, and whether all of it is there, by its outermost structure alone."""

from typing import BinaryIO, Literal

Kind = Literal["mp4", "webm", "gif"]

_BOXES = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip")  # that an MP4 or MOV file may begin with
_EBML, _SEGMENT = b"\x1aE\xdf\xa3", b"\x18\x53\x80\x67"


def kind_of(head: bytes) -> Kind | None:
    """What a file is that begins with these bytes; MOV counts as MP4, Matroska as WebM."""
    if head[4:8] in _BOXES:
        return "mp4"
    if head.startswith(_EBML):
        return "webm"
    return "gif" if head[:6] in (b"GIF87a", b"GIF89a") else None


def is_cut_off(file: BinaryIO, kind: Kind, size: int) -> bool:
    """Whether a file of `size` bytes ends before its own headers say. A broken header says nothing."""
    if kind == "mp4":
        return _end_of_boxes(file, size) > size
    if kind == "webm":
        return _end_of_segment(file) > size
    file.seek(-1, 2)
    return file.read(1) not in (b"\x3b", b"\0")  # the trailer; some writers pad behind it


def _end_of_boxes(file: BinaryIO, size: int) -> int:
    """Where the last top-level box ends (ISO/IEC 14496-12, 4.2)."""
    at = 0
    while at + 8 <= size:
        file.seek(at)
        head = file.read(16)
        length = int.from_bytes(head[:4], "big")
        if length == 1:
            length = int.from_bytes(head[8:16], "big") if len(head) == 16 else size
        if length < 8:  # 0: to the end of the file; else nonsense
            return size
        at += length
    return at


def _end_of_segment(file: BinaryIO) -> int:
    """Where the segment that holds everything ends (RFC 8794, section 4; RFC 9559); 0 when unknown."""
    file.seek(0)
    head = file.read(4096)
    at = _after_size(head, 4)[0] + _after_size(head, 4)[1]  # behind the EBML header
    if head[at : at + 4] != _SEGMENT:
        return 0
    start, length = _after_size(head, at + 4)
    return start + length


def _after_size(data: bytes, at: int) -> tuple[int, int]:
    """Where an element's content begins, and its length; 0 where the length was not known."""
    first = data[at] if at < len(data) else 0
    width = 9 - first.bit_length() if first else 1
    value = int.from_bytes(data[at : at + width], "big") & ((1 << 7 * width) - 1)
    return at + width, 0 if value == (1 << 7 * width) - 1 else value
