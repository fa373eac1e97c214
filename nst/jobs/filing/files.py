"""Pictures, previews, results and checkpoints: bytes under a key."""

import errno
import os
import shutil
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple

from nst import images
from nst.jobs.ids import is_id, new_id

BLOCK = 2**20
LEAST_FREE = 2**20  # bytes; with less a disk counts as full


class Unreachable(OSError):
    """Where the files are does not answer, or does not let us in. It may again in a few seconds."""


@dataclass(frozen=True)
class Room:
    """A folder of this machine to work in; `save` keeps what is in it now, for whoever works there next.

    Not kept are files that only matter to this machine: those named `lock...` and `....part`.
    """

    folder: Path
    save: Callable[[], None]


class Disk(NamedTuple):
    """In bytes."""

    total: int
    free: int


class Files(ABC):
    """Bytes under keys such as `jobs/<id>/result.png`. A write is seen whole or not at all.

    Every method may raise `OSError`: the disk is full, or (`Unreachable`) far away and silent.
    """

    @abstractmethod
    def write(self, key: str, data: bytes) -> None: ...

    @abstractmethod
    def read(self, key: str) -> bytes | None:
        """The bytes; none if there are none under that key."""

    @abstractmethod
    def path(self, key: str) -> Path | None:
        """A file of this machine that holds the bytes; none if there are none under that key.

        Open it within a minute: it may be a copy that makes room for others.
        """

    @abstractmethod
    def receive(self, key: str, stream: BinaryIO, limit: int) -> Path | None:
        """Write what a stream holds, block by block, and say where; none beyond `limit`."""

    @abstractmethod
    def share(self, source: str, key: str) -> None:
        """Put what is under `source` under `key` as well; deleting one leaves the other."""

    @abstractmethod
    def room(self, key: str) -> AbstractContextManager[Room]:
        """A folder of this machine that holds what is under keys that continue this one."""

    @abstractmethod
    def delete(self, key: str) -> None:
        """Remove what is under the key, and under every key that continues it. It may be gone already."""

    @abstractmethod
    def size(self, key: str) -> int:
        """Bytes under the key, and under every key that continues it."""

    @abstractmethod
    def names(self, key: str) -> Iterator[tuple[str, float]]:
        """What is under keys that continue this one by one name, and when it last changed (Unix time)."""

    @abstractmethod
    def clear(self, before: float) -> None:
        """Remove what writes that began before then, and were broken off, have left."""

    @abstractmethod
    def check(self) -> None:
        """Raise `OSError` when nothing can be written."""

    @abstractmethod
    def disk(self) -> Disk:
        """The disk of this machine that is written to, be it with copies alone."""


class Folder(Files):
    """Files in a folder of this machine."""

    def __init__(self, root: Path) -> None:
        with suppress(OSError):  # which the first use tells
            root.mkdir(parents=True, exist_ok=True)
        self._root = root

    def write(self, key: str, data: bytes) -> None:
        path = self._place(key)
        images.write(path, data)

    def read(self, key: str) -> bytes | None:
        try:
            return self._at(key).read_bytes()
        except FileNotFoundError:
            return None

    def path(self, key: str) -> Path | None:
        path = self._at(key)
        return path if path.is_file() else None

    def receive(self, key: str, stream: BinaryIO, limit: int) -> Path | None:
        path = self._place(key)
        part = path.with_name(f".{new_id()}.part")
        try:
            with part.open("xb") as file:
                if not copied(stream, file, limit):
                    return None
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
            images.keep_names(path.parent)
        finally:
            part.unlink(missing_ok=True)
        return path

    def share(self, source: str, key: str) -> None:
        path = self._place(key)
        try:
            path.hardlink_to(self._root / source)
        except OSError:  # a disk that knows no links
            shutil.copyfile(self._root / source, path)

    @contextmanager
    def room(self, key: str) -> Iterator[Room]:
        path = self._at(key)
        path.mkdir(parents=True, exist_ok=True)
        yield Room(path, save=_is_kept_already)

    def delete(self, key: str) -> None:
        path = self._at(key)
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)

    def size(self, key: str) -> int:
        return _size(self._root / key)

    def names(self, key: str) -> Iterator[tuple[str, float]]:
        with suppress(FileNotFoundError), os.scandir(self._root / key) as entries:
            for entry in entries:
                with suppress(FileNotFoundError):  # gone meanwhile
                    yield entry.name, entry.stat(follow_symlinks=False).st_mtime

    def clear(self, before: float) -> None:
        for pattern in (".probe-*", ".*.part", "*/.*.part", "*/*/.*.part"):
            for path in self._root.glob(pattern):
                with suppress(FileNotFoundError):
                    if path.stat().st_mtime < before:
                        path.unlink()

    def check(self) -> None:
        if shutil.disk_usage(self._at("")).free < LEAST_FREE:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        probe = f".probe-{os.getpid()}-{new_id()}"
        self.write(probe, b"probe")
        self.delete(probe)

    def disk(self) -> Disk:
        return disk_of(self._root)

    def _at(self, key: str) -> Path:
        """Raises `Unreachable` where the folder as a whole is not there: deleted, or its disk is gone."""
        if not self._root.is_dir():
            raise Unreachable(errno.ENOENT, "the data folder is not there")
        return self._root / key

    def _place(self, key: str) -> Path:
        """For a file to be written; folders on the way to it are made."""
        path = self._at(key)
        if not path.parent.is_dir():
            path.parent.mkdir(parents=True, exist_ok=True)
            images.keep_names(path.parent.parent)
        return path


def copied(stream: BinaryIO, file: BinaryIO, limit: int) -> bool:
    """Copy to the end of the stream; false, and not all of it, where that is more than `limit` bytes."""
    left = limit
    while block := stream.read(BLOCK):
        left -= len(block)
        if left < 0:
            return False
        file.write(block)
    return True


def disk_of(folder: Path) -> Disk:
    """The disk that a folder is on, or will be once it is made."""
    there = next((path for path in (folder, *folder.parents) if path.exists()), Path("/"))
    usage = shutil.disk_usage(there)
    return Disk(usage.total, usage.free)


def _size(path: Path | str) -> int:
    try:
        with os.scandir(path) as entries:
            return sum(_size(entry.path) for entry in entries)
    except NotADirectoryError:
        return Path(path).stat().st_size
    except FileNotFoundError:
        return 0


def _is_kept_already() -> None:
    """The folder itself is where the files are."""


def image_key(file: str) -> str:
    return f"images/{file}.png"


def thumbnail_key(file: str) -> str:
    return f"images/{file}.jpg"


def video_key(video_id: str) -> str:
    return f"videos/{video_id}"


def job_key(job_id: str, name: str = "") -> str:
    """`name` is one that the studio gives: preview.jpg, result.png, onward.png, checkpoint, last.npz,
    clip, video.mp4."""
    if not is_id(job_id):
        raise ValueError("not a job's id")
    return f"jobs/{job_id}/{name}".rstrip("/")


def stage_key(job_id: str, step: int) -> str:
    return job_key(job_id, f"stage-{step:05d}.jpg")
