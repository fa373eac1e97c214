from pathlib import Path

import pytest

from nst.jobs.files import Folder, job_key
from nst.jobs.ids import new_id


def test_what_was_written_is_read(tmp_path: Path) -> None:
    files = Folder(tmp_path / "not" / "yet")
    files.write("jobs/a/one", b"first")
    files.write("jobs/a/one", b"second")
    assert files.read("jobs/a/one") == b"second"
    assert files.path("jobs/a/one").read_bytes() == b"second"


def test_what_was_never_written_is_none(tmp_path: Path) -> None:
    files = Folder(tmp_path)
    assert files.read("jobs/a/one") is None
    assert files.path("jobs/a/one") is None


def test_deleting_takes_what_continues_the_key_and_may_be_repeated(tmp_path: Path) -> None:
    files = Folder(tmp_path)
    files.write("jobs/a/one", b"1")
    files.write("jobs/b/one", b"1")
    files.delete("jobs/a")
    files.delete("jobs/a")
    files.delete("jobs/b/one")
    assert files.read("jobs/a/one") is None
    assert not (tmp_path / "jobs/a").exists()
    assert files.read("jobs/b/one") is None


def test_the_check_leaves_nothing_and_fails_where_nothing_can_be_written(tmp_path: Path) -> None:
    Folder(tmp_path).check()
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(FileExistsError):
        Folder(tmp_path / "file").check()


def test_only_ids_become_keys() -> None:
    job = new_id()
    assert job_key(job, "result.png") == f"jobs/{job}/result.png"
    assert job_key(job) == f"jobs/{job}"
    for name in ("", "..", "../../etc", job.upper() + "x"):
        with pytest.raises(ValueError, match="not a job's id"):
            job_key(name, "result.png")
