"""The only place that decodes a video.

A file that somebody else made comes in through `probe`, which reads all of it but decodes nothing, and then
frame by frame through `frames`: upright, square pixels, 8-bit sRGB. Everything that can be wrong with it is a
`Refusal`. FFmpeg can read hundreds of formats, some of which name further files and addresses; here it is
told which of four it has before it, so that no other part of it ever sees a stranger's bytes.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO, NamedTuple

import av
import numpy as np
from av.container import InputContainer
from av.stream import Disposition, Stream
from av.video.reformatter import Colorspace, Interpolation
from av.video.stream import VideoStream

from nst.errors import Refusal
from nst.images import Pixels
from nst.settings import settings
from nst.video.orientation import Orientation
from nst.video.whole import Kind, is_cut_off, kind_of

_DECODERS = (
    *("h264", "hevc", "av1", "libdav1d", "vp8", "vp9", "libvpx", "libvpx-vp9", "mpeg4", "mjpeg", "prores"),
    *("gif", "aac", "mp3", "mp3float", "opus", "libopus", "vorbis", "flac", "alac", "ac3", "eac3"),
    *("pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_s24be", "pcm_f32le", "amrnb", "libopencore_amrnb"),
)
_SCALING = int(Interpolation.LANCZOS | Interpolation.FULL_CHR_H_INT | Interpolation.ACCURATE_RND)
_BRIGHT = (16, 18)  # transfer functions of HDR, PQ and HLG, as ITU-T H.273 numbers them; phones film in HLG
_BT709 = 1
_UNSPECIFIED = 2  # a frame's colour space, as ITU-T H.273 numbers it
_MOST_OBLONG = 4  # pixel width over height, or the other way round, that is believed
_BROKEN = "The video is damaged or incomplete and cannot be read. Save or download it again and retry."
_TRUNCATED = "The video is cut off: the file ends before its last frame. Save or download it again and retry."
_LEAST_SHARE = Fraction(9, 10)  # of the length that a file promises; less of it there means it was cut off


@dataclass(frozen=True)
class Clip:
    """What a video file holds. Times count in units of `time_base` seconds from its very beginning."""

    path: Path
    kind: Kind
    width: int  # as it is shown: upright, with square pixels
    height: int
    frames: int  # that the file holds; the decoder may leave out a few
    seconds: Fraction
    rate: Fraction  # frames a second, on average
    time_base: Fraction
    start: Fraction  # seconds on the file's own clock
    has_sound: bool


class Frame(NamedTuple):
    """One picture of a clip and when it is shown, in its time base."""

    number: int  # from 0
    time: int
    duration: int
    pixels: Pixels  # (H, W, 3) uint8 sRGB


def probe(path: str | os.PathLike[str], *, field: str = "file") -> Clip:
    """What is in a video file, told apart by content; its name does not matter.

    Every packet is read, none is decoded but what tells the size. Raises `Refusal` about `field`:
    unreadable_file, empty_file, not_a_video, file_too_large, video_too_large, video_too_small, bad_aspect,
    video_too_long, absurd_frame_rate, no_moving_picture, unknown_codec, truncated_video or broken_video.
    """
    path = Path(path)
    with _complaints(path, field):
        with path.open("rb") as file:
            kind = _checked_kind(file, field)
        with opened(path, kind) as container:
            return _surveyed(container, path, kind, field)


def frames(clip: Clip, size: tuple[int, int], *, skip: int = 0, field: str = "file") -> Iterator[Frame]:
    """A clip's frames at `size` = (width, height), one at a time, without its first `skip`.

    Raises `Refusal` (broken_video and those of `probe`) when a frame cannot be decoded.
    """
    with _complaints(clip.path, field), opened(clip.path, clip.kind) as container:
        stream = _picture(container, field)
        offset = round(clip.start / clip.time_base)
        usual = max(1, round(1 / (clip.rate * clip.time_base)))
        number, before = 0, None
        for decoded in container.decode(stream):
            time = decoded.pts - offset if decoded.pts is not None else (before or 0) + usual
            if before is not None and time <= before:  # shown for no time at all
                continue
            before = time
            if number >= skip:
                yield Frame(number, time, decoded.duration or usual, _pixels(decoded, size))
            number += 1


@contextmanager
def opened(path: Path, kind: Kind) -> Iterator[InputContainer]:
    """The container in a file of this kind. Raises FFmpeg's own errors."""
    with av.open(
        str(path),
        format={"mp4": "mp4", "webm": "matroska", "gif": "gif"}[kind],
        options={
            "protocol_whitelist": "file",
            "codec_whitelist": ",".join(_DECODERS),
            "max_pixels": str(2 * settings().max_video_pixels),  # the survey refuses less in words
        },
        metadata_errors="replace",
    ) as container:
        yield container


def sound(container: InputContainer) -> Stream | None:
    """The stream of sound that is kept: the first that can be decoded."""
    return next((one for one in container.streams.audio if one.codec_context is not None), None)


@contextmanager
def _complaints(path: Path, field: str) -> Iterator[None]:
    """Turns what is wrong with a file into sentences that begin with its name."""
    try:
        yield
    except Refusal as refusal:
        raise Refusal(refusal.code, f"{path.name}: {refusal.message}", field) from refusal
    except av.error.FFmpegError as error:
        raise Refusal("broken_video", f"{path.name}: {_BROKEN}", field) from error
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise Refusal(
            "unreadable_file", f"{path.name}: the file cannot be opened ({reason}).", field
        ) from error


def _checked_kind(file: BinaryIO, field: str) -> Kind:
    """What the file is; refused here where its bytes alone tell that it cannot be used."""
    head, size = file.read(64), os.fstat(file.fileno()).st_size
    if not head:
        raise Refusal("empty_file", "The file is empty.", field)
    kind = kind_of(head)
    if kind is None:
        raise Refusal(
            "not_a_video",
            "No MP4, MOV, WebM or GIF was found in this file. Save it as one of these and try again.",
            field,
        )
    if size > settings().max_video_bytes:
        raise Refusal(
            "file_too_large",
            f"The video is larger than {settings().max_video_bytes / 2**20:.0f} MB, the most that is "
            "accepted. Shorten it or save it smaller and try again.",
            field,
        )
    if is_cut_off(file, kind, size):
        raise Refusal("truncated_video", _TRUNCATED, field)
    if kind == "gif":  # it is as large as it says, and FFmpeg makes room for it before anybody can ask
        _check_size(int.from_bytes(head[6:8], "little"), int.from_bytes(head[8:10], "little"), field)
    return kind


def _surveyed(container: InputContainer, path: Path, kind: Kind, field: str) -> Clip:
    stream = _picture(container, field)
    time_base = stream.time_base
    if time_base is None:
        raise _broken(field)
    count, first, end, broken = _counted(container, stream)
    if count == 0:
        raise Refusal("truncated_video", "There is not a single frame in this video.", field)
    seconds = max(end - first, 1) * time_base
    promised = [stream.duration * time_base] if stream.duration else []
    if container.duration and not stream.duration:
        promised.append(Fraction(container.duration, av.time_base))
    if (
        broken
        or (stream.frames and count < stream.frames * _LEAST_SHARE)
        or _falls_short(end * time_base, promised)
    ):
        raise Refusal("truncated_video", _TRUNCATED, field)
    limits = settings()
    if seconds > limits.max_video_seconds:
        raise Refusal(
            "video_too_long",
            f"The video lasts {_clock(float(seconds))}; the limit is {_clock(limits.max_video_seconds)}. "
            "Cut it and try again.",
            field,
        )
    rate = count / seconds
    if count > 1 and rate > limits.max_video_rate:
        raise Refusal(
            "absurd_frame_rate",
            f"The video has {float(rate):,.0f} frames a second; the limit is {limits.max_video_rate:.0f}.",
            field,
        )
    width, height = _shown_size(container, stream, path, kind, field)
    start = Fraction(container.start_time or 0, av.time_base)
    return Clip(
        path, kind, width, height, count, seconds, rate, time_base, start, sound(container) is not None
    )


def _picture(container: InputContainer, field: str) -> VideoStream:
    """The stream of moving pictures; the cover of a song is none."""
    moving = [one for one in container.streams.video if not one.disposition & Disposition.attached_pic]
    if not moving:
        has_sound = bool(container.streams.audio)
        found = "only sound in this file, no picture" if has_sound else "no moving picture in this file"
        raise Refusal("no_moving_picture", f"There is {found}.", field)
    stream = moving[0]
    if stream.codec_context is None or stream.codec_context.name not in _DECODERS:
        raise Refusal(
            "unknown_codec",
            "The pictures of this video are packed in a way that is not understood. "
            "Save it as H.264 or VP9 and try again.",
            field,
        )
    width, height = stream.codec_context.width, stream.codec_context.height
    if not (width and height):
        raise _broken(field)
    _check_size(width, height, field)
    stream.codec_context.options = {"max_pixels": str(settings().max_video_pixels)}
    stream.thread_type = "AUTO"
    return stream


def _counted(container: InputContainer, stream: VideoStream) -> tuple[int, int, int, bool]:
    """Frames, first time, end of the last one, and whether a packet came in half."""
    count, first, end, cut = 0, None, 0, False
    for packet in container.demux(stream):
        if packet.size == 0 or packet.is_discard:
            continue
        cut = cut or packet.is_corrupt
        count += 1
        if packet.pts is not None:
            first = packet.pts if first is None else min(first, packet.pts)
            end = max(end, packet.pts + (packet.duration or 0))
    return count, first or 0, end, cut


def _falls_short(seconds: Fraction, promised: list[Fraction]) -> bool:
    return any(seconds < length * _LEAST_SHARE and length - seconds > 1 for length in promised)


def _shown_size(
    container: InputContainer, stream: VideoStream, path: Path, kind: Kind, field: str
) -> tuple[int, int]:
    """Only a decoded frame tells which way up it is."""
    with opened(path, kind) as again:
        first = next(again.decode(_picture(again, field)), None)
        if first is None:
            raise _broken(field)
        width, height = _square(first.width, first.height, stream.sample_aspect_ratio)
        _check_size(width, height, field)
        return Orientation.of(first).shown(width, height)


def _square(width: int, height: int, pixel: Fraction | None) -> tuple[int, int]:
    """The size with square pixels, none of them lost."""
    if not pixel or not Fraction(1, _MOST_OBLONG) <= pixel <= _MOST_OBLONG:
        return width, height
    return (round(width * pixel), height) if pixel > 1 else (width, round(height / pixel))


def _pixels(frame: av.VideoFrame, size: tuple[int, int]) -> Pixels:
    """Upright (H, W, 3) uint8 pixels; what shines through is white, as it is in pictures."""
    orientation = Orientation.of(frame)
    width, height = orientation.shown(*size)  # turned back: as it is stored
    see_through = any(component.is_alpha for component in frame.format.components)
    if frame.color_trc in _BRIGHT:  # unmapped it would look washed out
        frame = frame.reformat(
            width, height, "rgb24", dst_color_trc=_BT709, dst_color_primaries=_BT709, interpolation=_SCALING
        )
    space = frame.colorspace
    if space == _UNSPECIFIED:  # then every player goes by the size
        space = Colorspace.ITU709 if frame.height >= 720 else Colorspace.ITU601
    pixels: np.ndarray = frame.to_ndarray(
        width=width,
        height=height,
        format="rgba" if see_through else "rgb24",
        src_colorspace=None if frame.format.is_rgb or see_through else space,
        interpolation=_SCALING,
    )
    if see_through:
        alpha = pixels[..., 3:].astype(np.uint16)
        pixels = ((pixels[..., :3] * alpha + 255 * (255 - alpha) + 127) // 255).astype(np.uint8)
    return np.ascontiguousarray(orientation.upright(pixels))


def _check_size(width: int, height: int, field: str) -> None:
    limits = settings()
    if width * height > limits.max_video_pixels or max(width, height) > limits.max_side:
        raise Refusal(
            "video_too_large",
            f"The video is {width} by {height} pixels; the limit is {limits.max_video_pixels / 1e6:.1f} "
            "megapixels a frame. Make it smaller and try again.",
            field,
        )
    if min(width, height) < limits.min_side:
        raise Refusal(
            "video_too_small",
            f"The video is {width} by {height} pixels; each side needs at least {limits.min_side}.",
            field,
        )
    if max(width, height) > limits.max_aspect * min(width, height):
        raise Refusal(
            "bad_aspect",
            f"The video is {width} by {height} pixels: longer than {limits.max_aspect:.0f} times its other "
            "side. Crop it and try again.",
            field,
        )


def _broken(field: str) -> Refusal:
    return Refusal("broken_video", _BROKEN, field)


def _clock(seconds: float) -> str:
    return f"{seconds:.0f} seconds" if seconds < 120 else f"{seconds / 60:.0f} minutes"
