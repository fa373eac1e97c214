"""Frames into chapters, and chapters with the sound into the video that somebody plays.

A chapter is a run of frames that were encoded together and begin with a key frame. Chapters of one size and
codec follow each other in one stream without being encoded again, so nothing larger than a chapter has to be
kept as pictures. They are NUT files, which keep every time exactly.

The pictures are VP9 by libvpx (BSD licence, no royalties), or H.264 where somebody asks for it.
"""

import heapq
from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext, suppress
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias, get_args

import av
from av.container import OutputContainer
from av.video.stream import VideoStream

from nst.errors import Refusal
from nst.images import Pixels
from nst.video.clip import Clip, opened, sound
from nst.video.options import Codec

CONTAINERS = {".mp4": "mp4", ".webm": "webm"}
_COPIED = {
    "mp4": ("aac", "mp3", "mp3float", "opus", "libopus", "flac"),
    "webm": ("opus", "libopus", "vorbis"),
}
_SOUND_ENCODER = {"mp4": "aac", "webm": "libopus"}
_SOUND_RATE, _SOUND_BITS = 48_000, 160_000

_ENCODERS: dict[Codec, tuple[tuple[str, dict[str, str]], ...]] = {
    # Constant quality. Strokes leave the encoder little to foresee: libvpx's `good` takes four times as long
    # as its `realtime` and saves a fifth of the room.
    "vp9": (
        ("libvpx-vp9", {"crf": "20", "b:v": "0", "deadline": "realtime", "cpu-used": "5", "row-mt": "1"}),
    ),
    "h264": (
        ("libopenh264", {"b:v": "8M"}),
        ("libx264", {"crf": "19", "preset": "medium", "bf": "0"}),
    ),
}

_BT709, _LIMITED = 1, 1  # as ITU-T H.273 numbers colours and FFmpeg their range

TimedPixels: TypeAlias = tuple[int, Pixels]
_Packet: TypeAlias = Any  # av's; its times may be None in theory, and never are here
_Timed: TypeAlias = tuple[float, _Packet]


class Form(NamedTuple):
    """What all chapters of a video have in common."""

    size: tuple[int, int]  # width, height; both even
    time_base: Fraction
    rate: Fraction
    codec: Codec


def encoder(codec: Codec) -> tuple[str, dict[str, str]]:
    """The name and the settings of the encoder that this machine has; a `Refusal` if there is none."""
    for name, settings in _ENCODERS[codec]:
        with suppress(av.codec.codec.UnknownCodecError):
            av.Codec(name, "w")
            return name, settings
    raise Refusal("no_encoder", f"There is no encoder for {codec} on this machine.", "--codec")


def write_chapter(path: Path, frames: Iterable[TimedPixels], form: Form) -> None:
    """Encode frames with their times into a NUT file. Raises `OSError` when it cannot be written."""
    name, settings = encoder(form.codec)
    with av.open(str(path), "w", format="nut") as out:
        stream = out.add_stream(name, rate=form.rate.limit_denominator(60_000), options=settings)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height = form.size
        stream.pix_fmt = "yuv420p"  # what every player knows
        stream.time_base = stream.codec_context.time_base = form.time_base
        stream.codec_context.colorspace = stream.codec_context.color_primaries = _BT709
        stream.codec_context.color_trc, stream.codec_context.color_range = _BT709, _LIMITED
        for time, pixels in frames:
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24").reformat(
                format="yuv420p", dst_colorspace="ITU709", dst_color_range="MPEG"
            )
            frame.pts, frame.time_base = time, form.time_base
            out.mux(stream.encode(frame))
        out.mux(stream.encode())


def assemble(path: Path, chapters: Sequence[Path], clip: Clip, last: int) -> None:
    """One video of the chapters and the clip's sound, in the container that the path's name asks for.

    last: how long the last frame is shown, in the clip's time base. Raises `OSError` when it cannot be
    written. Sound that cannot be read ends where it breaks; where the container takes nothing of it, the
    video is silent.
    """
    try:
        _assemble(path, chapters, clip, last, with_sound=True)
    except av.error.FFmpegError as error:
        if isinstance(error, OSError):
            raise
        _assemble(path, chapters, clip, last, with_sound=False)


def _assemble(path: Path, chapters: Sequence[Path], clip: Clip, last: int, with_sound: bool) -> None:
    kind = CONTAINERS[path.suffix.lower()]
    options = {"movflags": "+faststart"} if kind == "mp4" else {}
    with opened(clip.path, clip.kind) as source, av.open(str(path), "w", format=kind, options=options) as out:
        with av.open(str(chapters[0])) as first:
            pictures = out.add_stream_from_template(first.streams.video[0])
        tone = sound(source) if with_sound else None
        tracks: list[Iterator[_Timed]] = []
        if tone is not None:
            tracks.append(_sound(out, source, tone, kind, clip.start))
        tracks.append(_pictures(chapters, pictures, clip.time_base, last))
        out.start_encoding()
        # In the order of their times, or the muxer would hold one of the tracks in memory.
        for _, packet in heapq.merge(*tracks, key=lambda timed: timed[0]):
            # Sound whose time does not come after the time before it is a packet that the muxer refuses.
            with nullcontext() if packet.stream is pictures else suppress(av.error.ArgumentError):
                out.mux(packet)


def _pictures(
    chapters: Sequence[Path], stream: VideoStream, time_base: Fraction, last: int
) -> Iterator[_Timed]:
    """The chapters' packets, each shown until the next one is."""
    before: _Packet | None = None
    for packet in _packets(chapters, time_base):
        if before is not None:
            before.duration = packet.pts - before.pts
            yield _timed(before, stream)
        before = packet
    if before is not None:
        before.duration = last
        yield _timed(before, stream)


def _packets(chapters: Sequence[Path], time_base: Fraction) -> Iterator[_Packet]:
    for chapter in chapters:
        with av.open(str(chapter)) as container:
            for packet in container.demux(video=0):
                if packet.size == 0:
                    continue
                packet.pts = round((packet.pts or 0) * packet.time_base / time_base)
                packet.dts, packet.time_base = packet.pts, time_base
                yield packet


def _sound(out: OutputContainer, source: Any, tone: Any, kind: str, start: Fraction) -> Iterator[_Timed]:
    """The clip's sound: its packets as they are where the container takes them, else encoded anew."""
    stream: Any
    if tone.codec_context.name in _COPIED[kind]:
        stream = out.add_stream_from_template(tone)
        return _copied(source, tone, stream, start)
    stream = out.add_stream(_SOUND_ENCODER[kind], rate=_sound_rate(tone.rate, kind))
    stream.codec_context.bit_rate = _SOUND_BITS
    stream.layout = "mono" if tone.codec_context.channels == 1 else "stereo"
    return _encoded(source, tone, stream, start)


def _sound_rate(rate: int, kind: str) -> int:
    """Opus knows one rate; AAC takes what it is given, but for what no ear needs."""
    return _SOUND_RATE if kind == "webm" or rate > _SOUND_RATE else rate


def _copied(source: Any, tone: Any, stream: Any, start: Fraction) -> Iterator[_Timed]:
    with suppress(av.error.FFmpegError):
        for packet in source.demux(tone):
            if packet.size and packet.pts is not None:
                shift = round(start / packet.time_base)
                packet.pts -= shift
                packet.dts = packet.dts - shift if packet.dts is not None else packet.pts
                yield _timed(packet, stream)


def _encoded(source: Any, tone: Any, stream: Any, start: Fraction) -> Iterator[_Timed]:
    with suppress(av.error.FFmpegError):
        for frame in source.decode(tone):
            if frame.pts is not None:
                frame.pts -= round(start / frame.time_base)
            for packet in stream.encode(frame):
                yield _timed(packet, stream)
    for packet in stream.encode():
        yield _timed(packet, stream)


def _timed(packet: _Packet, stream: Any) -> _Timed:
    packet.stream = stream
    return float(packet.dts * packet.time_base), packet


assert _ENCODERS.keys() == set(get_args(Codec))
