"""Video files made on the spot."""

import tempfile
from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from skimage import data

SIZE = (64, 48)  # width, height
TICKS = Fraction(1, 30_000)
BARS = np.array([[230, 30, 30], [30, 200, 40], [40, 60, 220], [240, 240, 240]], np.uint8)


def moving(count: int = 12, size: tuple[int, int] = SIZE, speed: float = 2.0) -> list[np.ndarray]:
    """Frames of a photograph that drifts by."""
    width, height = size
    photo = data.astronaut()[20:, 60:]
    matrices = (np.array([[1, 0, -speed * n], [0, 1, -speed * n / 2]]) for n in range(count))
    return [cv2.warpAffine(photo, matrix, (width, height)) for matrix in matrices]


def bars(width: int = 64, height: int = 48) -> np.ndarray:
    """Red, green, blue and white from left to right, dark along the top."""
    row = BARS[np.arange(width) * len(BARS) // width]
    picture = np.repeat(row[None], height, 0).copy()
    picture[: height // 4] //= 4
    return picture


def write(
    path: Path,
    frames: Iterable[np.ndarray],
    *,
    codec: str = "libvpx-vp9",
    rate: int | Fraction = 25,
    times: Sequence[int] | None = None,
    last: int | None = None,
    rotation: int = 0,
    hflip: bool = False,
    pixel: Fraction | None = None,
    sound: str | None = None,
    sound_rate: int = 48_000,
    seconds: float | None = None,
    pix_fmt: str = "yuv420p",
    offset: int = 0,
) -> Path:
    """A video of these frames at a rate, or at `times` in ticks; with a tone of `seconds` for sound."""
    frames = list(frames)
    times = [round(n / Fraction(rate) / TICKS) for n in range(len(frames))] if times is None else times
    ticks = TICKS if path.suffix != ".gif" else Fraction(1, 100)
    options = {"movflags": "+faststart"} if path.suffix in (".mp4", ".mov") else {}
    with av.open(str(path), "w", options=options) as out:
        how = {"crf": "10", "b:v": "0", "deadline": "realtime", "cpu-used": "8"} if "vpx" in codec else {}
        stream = out.add_stream(codec, rate=rate, options=how)
        stream.width, stream.height = frames[0].shape[1], frames[0].shape[0]
        stream.pix_fmt = "rgb8" if codec == "gif" else pix_fmt
        stream.codec_context.time_base = ticks
        if codec in ("mpeg4", "mjpeg"):
            stream.codec_context.qmin, stream.codec_context.qmax = 2, 4
        if rotation or hflip:
            stream.set_display_rotation(rotation, hflip=hflip)
        if pixel is not None:
            stream.sample_aspect_ratio = pixel
        tone = None
        if sound is not None:
            tone = out.add_stream(sound, rate=sound_rate)
            tone.layout = "mono"
        for time, pixels in zip(times, frames, strict=True):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")
            frame = frame.reformat(format=stream.pix_fmt, dst_colorspace="ITU601")
            frame.pts, frame.time_base = round((time + offset) * TICKS / ticks), ticks
            frame.duration = round((last or 1200) * TICKS / ticks)
            out.mux(stream.encode(frame))
        out.mux(stream.encode())
        if tone is not None:
            length = seconds if seconds is not None else float(times[-1] * TICKS) + 0.04
            for packet in _tone(tone, sound_rate, length):
                out.mux(packet)
    return path


def written(frames: Iterable[np.ndarray], suffix: str = ".mp4", **how) -> bytes:
    """The bytes of such a video."""
    with tempfile.TemporaryDirectory() as folder:
        return write(Path(folder, f"video{suffix}"), frames, **how).read_bytes()


def write_sound(path: Path, seconds: float = 0.5, codec: str = "aac") -> Path:
    """A file with sound and no picture."""
    with av.open(str(path), "w") as out:
        tone = out.add_stream(codec, rate=48_000)
        tone.layout = "mono"
        for packet in _tone(tone, 48_000, seconds):
            out.mux(packet)
    return path


def _tone(stream, rate: int, seconds: float):
    phase = np.arange(int(rate * seconds)) * 2 * np.pi * 440 / rate
    samples = (np.sin(phase) * 12_000).astype(np.int16)[None]
    size = stream.codec_context.frame_size or 1024
    for at in range(0, samples.shape[1], size):
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(samples[:, at : at + size]), format="s16", layout="mono"
        )
        frame.sample_rate, frame.pts, frame.time_base = rate, at, Fraction(1, rate)
        yield from _encoded(stream, frame)
    yield from stream.encode()


def _encoded(stream, frame):
    resampler = av.AudioResampler(stream.format, stream.layout, stream.rate)
    for part in resampler.resample(frame):
        yield from stream.encode(part)
