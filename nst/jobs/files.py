"""Pictures, previews, results and checkpoints: bytes under a key."""

import os
import shutil
from abc import ABC, abstractmethod
from pathlib import Path
from typing import BinaryIO

from nst import images
from nst.jobs.ids import is_id, new_id

_BLOCK = 2**20


class Files(ABC):
    """Bytes under keys such as `jobs/<id>/result.png`. A write is seen whole or not at all."""

    @abstractmethod
    def write(self, key: str, data: bytes) -> None: ...

    @abstractmethod
    def read(self, key: str) -> bytes | None:
        """The bytes; none if there are none under that key."""

    @abstractmethod
    def path(self, key: str) -> Path | None:
        """A file of this machine that holds the bytes; none if there are none under that key."""

    @abstractmethod
    def receive(self, key: str, stream: BinaryIO, limit: int) -> Path | None:
        """Write what a stream holds, block by block, and say where; none beyond `limit`."""

    @abstractmethod
    def share(self, source: str, key: str) -> None:
        """Put what is under `source` under `key` as well; deleting one leaves the other."""

    @abstractmethod
    def room(self, key: str) -> Path:
        """A folder of this machine for what is under keys that continue this one."""

    @abstractmethod
    def delete(self, key: str) -> None:
        """Remove what is under the key, and under every key that continues it. It may be gone already."""

    @abstractmethod
    def check(self) -> None:
        """Raise `OSError` when nothing can be written."""


class Folder(Files):
    """Files in a folder of this machine."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def write(self, key: str, data: bytes) -> None:
        path = self._root / key
        path.parent.mkdir(parents=True, exist_ok=True)
        images.write(path, data)

    def read(self, key: str) -> bytes | None:
        try:
            return (self._root / key).read_bytes()
        except FileNotFoundError:
            return None

    def path(self, key: str) -> Path | None:
        path = self._root / key
        return path if path.is_file() else None

    def receive(self, key: str, stream: BinaryIO, limit: int) -> Path | None:
        path = self._root / key
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{new_id()}.part")
        try:
            count = 0
            with part.open("xb") as file:
                while block := stream.read(_BLOCK):
                    count += len(block)
                    if count > limit:
                        return None
                    file.write(block)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        return path

    def share(self, source: str, key: str) -> None:
        path = self._root / key
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            path.hardlink_to(self._root / source)
        except OSError:  # a disk that knows no links
            shutil.copyfile(self._root / source, path)

    def room(self, key: str) -> Path:
        path = self._root / key
        path.mkdir(parents=True, exist_ok=True)
        return path

    def delete(self, key: str) -> None:
        path = self._root / key
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)

    def check(self) -> None:
        probe = f".probe-{os.getpid()}-{new_id()}"
        self.write(probe, b"probe")
        self.delete(probe)


def image_key(file: str) -> str:
    return f"images/{file}.png"


def thumbnail_key(file: str) -> str:
    return f"images/{file}.jpg"


def video_key(video_id: str) -> str:
    return f"videos/{video_id}"


def job_key(job_id: str, name: str = "") -> str:
    """`name` is one that the studio gives: preview.jpg, result.png, onward.png, checkpoint, last.npy,
    clip, video.mp4."""
    if not is_id(job_id):
        raise ValueError("not a job's id")
    return f"jobs/{job_id}/{name}".rstrip("/")


def stage_key(job_id: str, step: int) -> str:
    return job_key(job_id, f"stage-{step:05d}.jpg")
