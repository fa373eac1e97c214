"""Copies of files that are far away, on this machine's disk: the last used ones, within so many bytes."""

import fcntl
import os
import shutil
import tempfile
import weakref
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import NamedTuple

from nst.jobs.ids import new_id

GRACE = 60.0  # seconds in which who was told of a copy opens it
_PREFIX = "pentimento-"


class _Copy(NamedTuple):
    size: int
    used: float


class Copies:
    """A folder of this process, which goes with it; one that a dead process left is removed by the next.

    It holds at most `most` bytes, and what was asked for in the last minute. Of any thread.
    """

    def __init__(self, most: int, *, parent: Path | None = None) -> None:
        """`parent`: where the folder is made; the system's place for such, if not told."""
        self._most = most
        parent = parent or Path(tempfile.gettempdir())
        _sweep(parent)
        self.folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
        held = os.open(self.folder / "lock", os.O_CREAT | os.O_RDWR, 0o600)
        fcntl.flock(held, fcntl.LOCK_EX)  # the system takes it back however the process ends
        weakref.finalize(self, _remove, self.folder, held)
        self._copies: OrderedDict[str, _Copy] = OrderedDict()  # the one used last is last
        self._lock = Lock()

    def get(self, name: str, fetch: Callable[[Path], None]) -> Path:
        """The copy of that name, which `fetch` writes to the path it is given if there is none yet."""
        path = self.folder / name
        with self._lock:
            if name in self._copies:
                self._use(name, self._copies[name].size)
                return path
        part = self.part()
        try:
            fetch(part)
            self.take(name, part)
        finally:
            part.unlink(missing_ok=True)
        return path

    def take(self, name: str, part: Path) -> Path:
        """Make a file of this folder the copy of that name."""
        path, size = self.folder / name, part.stat().st_size
        with self._lock:
            part.replace(path)
            self._use(name, size)
            self._make_room()
        return path

    def part(self) -> Path:
        """A new path in this folder, for a file under way."""
        return self.folder / f"{new_id()}.part"

    def _use(self, name: str, size: int) -> None:
        self._copies[name] = _Copy(size, monotonic())
        self._copies.move_to_end(name)

    def _make_room(self) -> None:
        held = sum(copy.size for copy in self._copies.values())
        for name, copy in list(self._copies.items()):
            if held <= self._most or monotonic() - copy.used < GRACE:
                return
            (self.folder / name).unlink(missing_ok=True)
            del self._copies[name]
            held -= copy.size


def _remove(folder: Path, held: int) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    os.close(held)


def _sweep(parent: Path) -> None:
    """Remove the folders of processes that have ended without doing so."""
    for lock in parent.glob(f"{_PREFIX}*/lock"):
        with suppress(OSError), lock.open() as held:  # another user's, or still held
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(lock.parent, ignore_errors=True)
