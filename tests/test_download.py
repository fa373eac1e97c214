"""Downloads in a process of their own: watched while they run, ended with us, failing in a sentence."""

import os
import venv
from pathlib import Path

import pytest

from nst import download
from nst.download import DownloadError

WRITES_A_PART_AND_WAITS = """
import os, pathlib, sys, time
folder = pathlib.Path(sys.argv[1])
(folder / "part").mkdir()
(folder / "pid").write_text(str(os.getpid()))
(folder / "part" / "file").write_bytes(bytes(1000))
while not (folder / "go").exists():
    time.sleep(0.01)
"""


def test_progress_is_seen_while_the_file_grows(tmp_path: Path) -> None:
    seen = []

    def progress(done: int, total: int) -> None:
        seen.append((done, total))
        if done == 1000:
            (tmp_path / "go").touch()

    assert download._run(["-c", WRITES_A_PART_AND_WAITS, str(tmp_path)], tmp_path, 5000, progress) is None
    assert (1000, 5000) in seen
    assert seen[-1] == (5000, 5000)


def test_progress_never_passes_the_total(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(bytes(100))
    seen = []
    download._run(["-c", "pass"], tmp_path, 10, lambda done, total: seen.append((done, total)))
    assert set(seen) == {(10, 10)}


def test_an_interrupted_download_ends_its_process(tmp_path: Path) -> None:
    def progress(done: int, total: int) -> None:
        if done == 1000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        download._run(["-c", WRITES_A_PART_AND_WAITS, str(tmp_path)], tmp_path, 5000, progress)
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_a_python_without_pip_is_told_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    venv.create(tmp_path / "bare", with_pip=False)
    monkeypatch.setattr(download.sys, "executable", str(tmp_path / "bare" / "bin" / "python"))
    requirements = tmp_path / "requirements.txt"
    requirements.touch()
    with pytest.raises(DownloadError, match="ensurepip"):
        download.wheel(requirements, "package", tmp_path, 1)


def test_missing_requirements_are_named(tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match=r"nowhere\.txt is missing"):
        download.wheel(tmp_path / "nowhere.txt", "package", tmp_path, 1)


@pytest.mark.parametrize(
    ("complaint", "reason"),
    [
        ("WARNING: slow\nERROR: Could not open requirements file\n", "Could not open requirements file"),
        ("Traceback:\nMemoryError\n", "MemoryError"),
        ("", "it gave no reason"),
        ("ERROR: [Errno 28] No space left on device", "the disk is full"),
    ],
)
def test_what_pip_said_last_is_the_reason(complaint: str, reason: str) -> None:
    assert reason in download._pip_reason(complaint)
