"""Files in an object store (S3 and its kin), for a studio of several machines."""

import hashlib
import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from threading import Lock
from time import monotonic
from typing import Any, BinaryIO, NamedTuple, TypeVar

from nst.jobs.filing.copies import Copies
from nst.jobs.filing.files import Disk, Files, Room, Unreachable, copied, disk_of
from nst.jobs.ids import new_id
from nst.jobs.troubles import is_disk_full

CONNECT_SECONDS = 3.0
READ_SECONDS = 20.0  # without a single byte; the sending of a part is in it
TRIES = 3
CALL_SECONDS = 60.0  # a call in all, with its tries
PAUSE_SECONDS = 2.0  # after one that failed, before the next is tried
_BYTES_A_SECOND = 500_000  # slower than that a file is given up
_PARTS = {"chunksize": 8 * 2**20, "max_concurrency": 4}  # of a large file that is sent

T = TypeVar("T")
_Stamp = tuple[int, int]  # size and time of change

log = logging.getLogger(__name__)


class ObjectStore(Files):
    """Objects of a bucket, under `url` = `s3://BUCKET/PREFIX`; who asks, the usual `AWS_*` variables say.

    An object appears whole, so a write is. What needs a file of this machine gets a copy, kept for the next
    who needs it; before each use the store is asked whether it is still the newest. When the store fails, one
    call every few seconds tries it again and all others fail at once: nobody waits for what does not come.
    """

    def __init__(self, url: str, copies: Copies) -> None:
        import s3fs  # takes half a second, and only this form needs it

        self._root = url.removeprefix("s3://").strip("/")
        self._copies = copies
        self._away_until = float("-inf")
        self._lock = Lock()
        self._fs = s3fs.S3FileSystem(
            config_kwargs={
                "connect_timeout": CONNECT_SECONDS,
                "read_timeout": READ_SECONDS,
                "retries": {"total_max_attempts": 1},  # s3fs counts the tries
            },
            use_listings_cache=False,
            skip_instance_cache=True,
        )
        self._fs.retries = TRIES

    def write(self, key: str, data: bytes) -> None:
        self._ask(self._fs.pipe_file, self._at(key), data, size=len(data), **_PARTS)

    def read(self, key: str) -> bytes | None:
        try:
            data: bytes = self._ask(self._fs.cat_file, self._at(key))
        except FileNotFoundError:
            return None
        return data

    def path(self, key: str) -> Path | None:
        about = self._about(key)
        if about is None:
            return None
        try:
            return self._copies.get(about.name, lambda part: self._fetch(about, part))
        except FileNotFoundError:  # deleted meanwhile
            return None

    def receive(self, key: str, stream: BinaryIO, limit: int) -> Path | None:
        part = self._copies.part()
        try:
            with part.open("xb") as file:
                if not copied(stream, file, limit):
                    return None
            self._send(part, key)
            about = self._about(key)
            return None if about is None else self._copies.take(about.name, part)
        finally:
            part.unlink(missing_ok=True)

    def share(self, source: str, key: str) -> None:
        self._ask(self._fs.cp_file, self._at(source), self._at(key), size=2**29)

    @contextmanager
    def room(self, key: str) -> Iterator[Room]:
        folder = Path(tempfile.mkdtemp(prefix="room-", dir=self._copies.folder))
        try:
            kept: dict[str, _Stamp] = {}
            for name in self._names(key):
                path = folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                about = self._about(f"{key}/{name}")
                if about is not None:
                    self._fetch(about, path)
                    kept[name] = _stamp(path)
            yield Room(folder, lambda: self._save(folder, key, kept))
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def delete(self, key: str) -> None:
        found = self._ask(self._fs.find, self._at(key))
        if found:
            self._ask(self._fs.rm, found)

    def size(self, key: str) -> int:
        found = self._ask(self._fs.find, self._at(key), detail=True)
        return sum(about["size"] for about in found.values())

    def names(self, key: str) -> Iterator[tuple[str, float]]:
        root = PurePosixPath(self._at(key))
        newest: dict[str, float] = {}
        for name, about in self._ask(self._fs.find, str(root), detail=True).items():
            first = PurePosixPath(name).relative_to(root).parts[0]
            newest[first] = max(newest.get(first, 0.0), about["LastModified"].timestamp())
        yield from newest.items()

    def clear(self, before: float) -> None:
        """An object appears whole: nothing is left of a write that was broken off."""

    def check(self) -> None:
        probe = f"probe/{os.getpid()}-{new_id()}"
        self.write(probe, b"probe")
        self.delete(probe)

    def disk(self) -> Disk:
        return disk_of(self._copies.folder)

    # Below: what the public methods share

    def _at(self, key: str) -> str:
        return f"{self._root}/{key}"

    def _ask(self, call: Callable[..., T], *arguments: Any, size: int = 0, **others: Any) -> T:
        """What a call to the store gives, within its time; `size`: the bytes that it moves.

        Raises `FileNotFoundError` as the call does; all else that goes wrong is an `Unreachable`.
        """
        with self._lock:
            now = monotonic()
            if now < self._away_until:
                raise Unreachable("the object store did not answer a moment ago")
            if self._away_until > float("-inf"):  # this call tries, for all others
                self._away_until = now + CALL_SECONDS
        try:
            given = call(*arguments, timeout=CALL_SECONDS + size / _BYTES_A_SECOND, **others)
        except FileNotFoundError:
            self._away_until = float("-inf")
            raise
        except Exception as error:  # of s3fs, botocore, aiohttp or the system; they share no base
            if is_disk_full(error):  # of this machine, where the copies are
                self._away_until = float("-inf")
                raise
            log.warning("the object store fails: %s: %s", type(error).__name__, error)
            self._away_until = monotonic() + PAUSE_SECONDS
            raise Unreachable("the object store fails") from error
        self._away_until = float("-inf")
        return given

    def _about(self, key: str) -> "_About | None":
        try:
            found = self._ask(self._fs.info, self._at(key), refresh=True)
        except FileNotFoundError:
            return None
        if found["type"] != "file":
            return None
        return _About(key, found["size"], found["ETag"], found["LastModified"].timestamp())

    def _fetch(self, about: "_About", path: Path) -> None:
        self._ask(self._fs.get_file, self._at(about.key), str(path), size=about.size, max_concurrency=1)
        os.utime(path, (about.changed, about.changed))  # the same on every machine: caches go by it

    def _send(self, path: Path, key: str) -> None:
        self._ask(self._fs.put_file, str(path), self._at(key), size=path.stat().st_size, **_PARTS)

    def _names(self, key: str) -> list[str]:
        root = PurePosixPath(self._at(key))
        return [str(PurePosixPath(name).relative_to(root)) for name in self._ask(self._fs.find, str(root))]

    def _save(self, folder: Path, key: str, kept: dict[str, _Stamp]) -> None:
        """Make the store hold what a room holds; `kept` is what it held when last looked at.

        In the order of names, and what is gone from the room last: broken off, it leaves the store with a
        room that work can go on in.
        """
        there = {str(path.relative_to(folder)): path for path in sorted(folder.rglob("*")) if _is_kept(path)}
        for name, path in there.items():
            stamp = _stamp(path)
            if kept.get(name) != stamp:
                self._send(path, f"{key}/{name}")
                kept[name] = stamp
        for name in kept.keys() - there.keys():
            self.delete(f"{key}/{name}")
            del kept[name]


class _About(NamedTuple):
    key: str
    size: int
    tag: str
    changed: float

    @property
    def name(self) -> str:
        """Of a copy of this very content."""
        digest = hashlib.blake2b(f"{self.key} {self.tag}".encode(), digest_size=16).hexdigest()
        return f"{digest}-{PurePosixPath(self.key).name}"


def _stamp(path: Path) -> _Stamp:
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns


def _is_kept(path: Path) -> bool:
    return path.is_file() and not path.name.startswith("lock") and path.suffix != ".part"
