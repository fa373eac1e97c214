"""A video under way: clip in, painted frames kept one by one, video out."""

import errno
import hashlib
import os
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import NamedTuple, Protocol

from nst import images
from nst.errors import Refusal
from nst.images import Pixels
from nst.video.clip import Clip, Frame, frames
from nst.video.encoding import CONTAINERS, Form, assemble, encoder
from nst.video.options import VideoOptions
from nst.video.paths import work_folder
from nst.video.work import Work, keep_bytes, refuse_what_cannot_fit

FORMAT = 1  # of the work folder; another one begins anew
_PASSING = (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EPERM, errno.EROFS, errno.EIO)
_MEMORY = 24  # frames from whose times the rest is estimated


class Before(NamedTuple):
    """What went before the next frame."""

    frame: Pixels  # the one before it, as it was filmed
    painted: Pixels
    first: Pixels  # of the clip, as it was filmed: what a painter makes of it holds for all frames


class Painter(Protocol):
    """Paints a clip's frames in their order."""

    @property
    def batch(self) -> int:
        """How many frames it likes to be given at once."""
        ...

    def paint(self, frames: Sequence[Pixels], before: Before | None) -> Iterator[Pixels]:
        """The painted frames, (H, W, 3) uint8 as the given ones; `before` is None at the very beginning."""
        ...


@dataclass(frozen=True)
class Progress:
    """A frame is finished."""

    done: int  # frames
    frames: int
    seconds: float  # since the run began
    seconds_left: float | None
    pixels: Pixels = field(repr=False)  # the painted frame


class Styling(Iterator[Progress]):
    """A run: iterating paints, one frame at a time; when it ends the video is in its place.

    Closed or broken off before that, what is finished stays in a folder beside the video, and a run of the
    same clip, styles and options goes on from there. A `Refusal` on the way (a broken clip) removes it,
    unless its cause may pass: a full disk, one that can be read only, memory that is short.
    """

    def __init__(
        self,
        clip: Clip,
        output: Path,
        options: VideoOptions,
        styles: Sequence[Pixels],
        painter: Callable[[], Painter],
    ) -> None:
        """`painter` is called when the first frame is to be painted: it may take seconds.

        Raises `Refusal` where the video cannot be written: bad_output, disk_full or no_encoder.
        """
        long_side = min(options.size, max(clip.width, clip.height))
        self.size = even(images.fitted(clip.width, clip.height, long_side))
        self._clip = clip
        self._output = writable(output)
        self._painter = painter
        encoder(options.codec)
        self._work = Work(
            output.with_name(work_folder(output.name)),
            {
                "format": FORMAT,
                "clip": _digest(clip.path),
                "styles": [hashlib.blake2b(style.tobytes(), digest_size=16).hexdigest() for style in styles],
                "options": options.model_dump(),
            },
            Form(self.size, clip.time_base, clip.rate, options.codec),
        )
        if not self._work.folder.exists():  # else a part of what it takes is there
            refuse_what_cannot_fit(output.parent, self.size, clip.frames)
        self._steps = self._run()

    def __next__(self) -> Progress:
        return next(self._steps)

    def close(self) -> None:
        """Stop; what is finished is kept."""
        self._steps.close()

    def _run(self) -> Generator[Progress]:
        try:
            with self._work:
                yield from self._painted()
            self._work.sweep()
        except Refusal as refusal:
            if not self._may_pass(refusal):
                self._work.sweep()
            raise
        except OSError as error:  # FFmpeg's errors of this kind are among them
            if error.errno not in _PASSING:
                self._work.sweep()
            raise _cannot_write(self._output, error) from error

    def _may_pass(self, refusal: Refusal) -> bool:
        if refusal.code == "too_little_memory":
            return self._work.done > 0  # else this size has never fitted
        return refusal.code == "in_use" or refusal.code.startswith("weights_")

    def _painted(self) -> Generator[Progress]:
        began, laps = time.perf_counter(), deque[float](maxlen=_MEMORY)
        work, last = self._work, None
        for frame, painted in self._pairs(work.done):
            last = frame
            if painted is not None:
                work.keep(frame.number, frame.time, painted)
                seconds = time.perf_counter() - began
                laps.append(seconds)
                total = max(self._clip.frames, work.done)
                yield Progress(work.done, total, seconds, _left(laps, total - work.done), painted)
        if last is None or not work.done:
            raise Refusal("broken_video", f"{self._clip.path.name}: not a single frame could be read.", "IN")
        work.bind()
        finished = work.folder / f"finished{self._output.suffix.lower()}"
        assemble(finished, work.chapters(), self._clip, last.duration)
        keep_bytes(finished)
        finished.replace(self._output)
        images.keep_names(self._output.parent)

    def _pairs(self, done: int) -> Iterator[tuple[Frame, Pixels | None]]:
        """Frames and their paintings; first the one to go on from, whose painting is finished."""
        reader = frames(self._clip, self.size, skip=max(done - 1, 0), field="IN")
        before: Before | None = None
        kept = self._work.last
        if kept is not None:
            last = next(reader, None)
            if last is None:
                return
            first = next(frames(self._clip, self.size, field="IN"), last)
            before = Before(last.pixels, kept, first.pixels)
            yield last, None
        painter: Painter | None = None
        while (following := next(reader, None)) is not None:
            painter = painter or self._painter()
            batch = [following, *islice(reader, painter.batch - 1)]
            pixels = [frame.pixels for frame in batch]
            for frame, painted in zip(batch, painter.paint(pixels, before), strict=True):
                before = Before(frame.pixels, painted, before.first if before else frame.pixels)
                yield frame, painted


def even(size: tuple[int, int]) -> tuple[int, int]:
    """The size with both sides even, as videos need: colours are stored for every 2x2 pixels."""
    return max(2, size[0] // 2 * 2), max(2, size[1] // 2 * 2)


def writable(output: Path) -> Path:
    """The output path, refused now rather than after hours of painting."""
    if output.suffix.lower() not in CONTAINERS:
        raise Refusal(
            "bad_output", f"{output}: the video is written as MP4 or WebM: let the name end in .mp4 or .webm."
        )
    if output.is_dir() or not output.parent.is_dir() or not os.access(output.parent, os.W_OK):
        raise Refusal("bad_output", f"{output}: cannot be written; its folder must exist and be writable.")
    return output


def _left(laps: Sequence[float], frames: int) -> float | None:
    """Seconds until so many frames are painted as the last ones were."""
    return (laps[-1] - laps[0]) / (len(laps) - 1) * frames if len(laps) > 1 else None


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()


def _cannot_write(output: Path, error: OSError) -> Refusal:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Refusal(
            "disk_full",
            f"{output}: the disk is full. Make room and run it again: it goes on from here.",
            "-o",
        )
    reason = (error.strerror or str(error)).lower()
    return Refusal("bad_output", f"{output}: the video cannot be written ({reason}).", "-o")
