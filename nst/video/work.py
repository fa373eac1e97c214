"""The work folder beside a video: what is finished stays finished, whatever happens to the process.

Finished frames lie there as plain arrays, each put in place in one step; every `CHAPTER` of them become one
encoded chapter, which takes their place. So the folder never holds more than a chapter's pictures beside the
packed video, however long that is. Whoever comes with the same plan goes on after the last frame there is.
"""

import errno
import io
import json
import os
import re
import shutil
import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

import numpy as np

from nst import images
from nst.errors import Refusal
from nst.images import Pixels
from nst.video.encoding import Form, write_chapter

CHAPTER = 48  # frames
_FRAME = re.compile(r"frame-(\d+)@(-?\d+)\.npy")
_CHAPTER = re.compile(r"chapter-(\d+)-(\d+)\.nut")
_PACKED = 0.3  # bytes a pixel of a packed frame: more than any painting has taken
_PICTURE = 3  # of one that is not packed


class _Kept(NamedTuple):
    number: int
    time: int
    path: Path


class Work:
    """The folder while somebody works in it: a context manager. Leaving it keeps what is finished."""

    def __init__(self, folder: Path, plan: Mapping[str, object], form: Form) -> None:
        """plan: all that the frames depend on; another one begins anew."""
        self.folder = folder
        self._plan = json.dumps(plan, sort_keys=True)
        self._form = form
        self._lock: sqlite3.Connection | None = None
        self._frames: list[_Kept] = []  # that no chapter holds yet
        self._last: _Kept | None = None

    def __enter__(self) -> Self:
        """Take the folder. Raises `OSError` where there can be none, `Refusal` (in_use) if it is taken."""
        self.folder.mkdir(exist_ok=True)
        self._lock = _locked(self.folder / "lock")
        plan = self.folder / "plan.json"
        if not plan.exists() or plan.read_text() != self._plan:
            self._remove(path for path in self.folder.iterdir() if not path.name.startswith("lock"))
            images.write(plan, self._plan.encode())
        self._take_stock()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._lock is not None:
            self._lock.close()

    @property
    def done(self) -> int:
        """How many frames are finished."""
        return 0 if self._last is None else self._last.number + 1

    @property
    def last(self) -> Pixels | None:
        """The last finished frame."""
        return None if self._last is None else _loaded(self._last.path)

    def keep(self, number: int, time: int, pixels: Pixels) -> None:
        """A finished frame, for good. Raises `OSError` when the disk is full."""
        path = self.folder / f"frame-{number:07}@{time}.npy"
        images.write(path, _packed(pixels))
        self._last = _Kept(number, time, path)
        self._frames.append(self._last)
        if len(self._frames) >= CHAPTER:
            self.bind()

    def bind(self) -> None:
        """Make a chapter of the frames that none holds yet."""
        if not self._frames:
            return
        first, last = self._frames[0].number, self._frames[-1].number
        part = self.folder / "chapter.part"
        write_chapter(part, ((kept.time, _loaded(kept.path)) for kept in self._frames), self._form)
        keep_bytes(part)
        part.replace(self.folder / f"chapter-{first:07}-{last:07}.nut")
        images.keep_names(self.folder)  # before the frames that it takes the place of are removed
        self._frames = []
        # The last one stays: the next frame is painted after it.
        self._remove(kept.path for kept in self._pictures() if kept.number < last)

    def chapters(self) -> list[Path]:
        """All chapters in their order."""
        return [path for _, _, path in self._chapters()]

    def sweep(self) -> None:
        """Remove the folder and all that is in it."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _take_stock(self) -> None:
        """What an earlier process finished, up to the first gap; the rest is removed."""
        bound = 0  # frames in chapters
        for first, last, path in self._chapters():
            if first == bound:
                bound = last + 1
            else:
                path.unlink()
        self._last, self._frames = None, []
        for kept in self._pictures():
            if kept.number == bound - 1:
                self._last = kept
            elif kept.number == bound + len(self._frames) and (self._last is not None or bound == 0):
                self._frames.append(kept)
                self._last = kept
            else:
                kept.path.unlink()
        if self._last is None:  # nothing to go on from
            self._remove(self.chapters())
        self._remove(self.folder.glob("*.part"))

    def _chapters(self) -> list[tuple[int, int, Path]]:
        matches = ((_CHAPTER.fullmatch(path.name), path) for path in self.folder.iterdir())
        return sorted((int(match[1]), int(match[2]), path) for match, path in matches if match)

    def _pictures(self) -> list[_Kept]:
        matches = ((_FRAME.fullmatch(path.name), path) for path in self.folder.iterdir())
        return sorted(_Kept(int(match[1]), int(match[2]), path) for match, path in matches if match)

    @staticmethod
    def _remove(paths: Iterable[Path]) -> None:
        for path in list(paths):
            path.unlink()


def _locked(path: Path) -> sqlite3.Connection:
    """Holds the lock until it is closed. Raises as `Work.__enter__`."""
    lock = None
    try:
        lock = sqlite3.connect(path, timeout=0, isolation_level=None)
        lock.execute("BEGIN EXCLUSIVE")  # the system takes it back however the process ends
    except sqlite3.Error as error:
        if lock is not None:
            lock.close()
        if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
            raise Refusal("in_use", "This video is being worked on already.") from error
        raise OSError(errno.EIO, str(error), str(path)) from error
    return lock


def keep_bytes(path: Path) -> None:
    """Have what is in a file outlive a loss of power."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _packed(pixels: Pixels) -> bytes:
    # Not a PNG: one a frame would take as long as the fast network.
    packed = io.BytesIO()
    np.save(packed, pixels, allow_pickle=False)
    return packed.getvalue()


def _loaded(path: Path) -> Pixels:
    pixels: Pixels = np.load(path, allow_pickle=False)
    return pixels


def refuse_what_cannot_fit(folder: Path, size: tuple[int, int], frames: int) -> None:
    """Raises a `Refusal` if a video of so many frames needs more room on the disk than there is."""
    pixels = size[0] * size[1]
    packed = pixels * frames * _PACKED
    needed = min(frames, CHAPTER + 1) * pixels * _PICTURE + 2 * packed  # the chapters, and the video of them
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise Refusal(
            "disk_full",
            f"The video may need {needed / 1e9:.1f} GB of disk while it is made, and {free / 1e9:.1f} GB are "
            "free. Make room, or choose a smaller size.",
            "-o",
        )
