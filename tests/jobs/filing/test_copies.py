import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from nst.jobs.filing import copies
from nst.jobs.filing.copies import Copies


def writing(data: bytes) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        path.write_bytes(data)

    return write


def never(_: Path) -> None:
    raise AssertionError("it is there already")


def test_what_is_there_is_not_fetched_again(tmp_path: Path) -> None:
    kept = Copies(100, parent=tmp_path)
    assert kept.get("a", writing(b"one")).read_bytes() == b"one"
    assert kept.get("a", never).read_bytes() == b"one"


def test_the_ones_used_last_stay_within_the_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copies, "GRACE", -1.0)
    kept = Copies(100, parent=tmp_path)
    paths = {name: kept.get(name, writing(bytes(40))) for name in "ab"}
    kept.get("a", never)
    kept.get("c", writing(bytes(40)))
    assert paths["a"].exists()
    assert not paths["b"].exists()


def test_what_was_asked_for_a_moment_ago_stays(tmp_path: Path) -> None:
    kept = Copies(100, parent=tmp_path)
    paths = [kept.get(name, writing(bytes(80))) for name in "abc"]
    assert all(path.exists() for path in paths)


def test_a_copy_that_fails_leaves_nothing(tmp_path: Path) -> None:
    kept = Copies(100, parent=tmp_path)

    def broken(path: Path) -> None:
        path.write_bytes(b"half")
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        kept.get("a", broken)
    assert [path.name for path in kept.folder.iterdir()] == ["lock"]
    assert kept.get("a", writing(b"whole")).read_bytes() == b"whole"


def test_what_a_killed_process_left_is_removed_and_no_one_elses(tmp_path: Path) -> None:
    living = Copies(100, parent=tmp_path)
    code = (
        "import os, sys; from pathlib import Path; from nst.jobs.filing.copies import Copies; "
        "kept = Copies(100, parent=Path(sys.argv[1])); print(kept.folder, flush=True); os._exit(1)"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    left = Path(subprocess.run(command, capture_output=True, text=True, env=os.environ).stdout.strip())
    assert left.is_dir()
    Copies(100, parent=tmp_path)
    assert not left.exists()
    assert living.folder.is_dir()
