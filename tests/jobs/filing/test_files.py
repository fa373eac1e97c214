"""The contract of files, which all of their forms keep; and what each form has of its own."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from nst.jobs.filing.files import Files, Folder, job_key
from nst.jobs.filing.places import open_files
from nst.jobs.ids import new_id
from nst.settings import Settings

FORMS = ("folder", "address of a folder", "object store")


@pytest.fixture(params=FORMS)
def again(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Files]:
    """Opens the files of one place, as each process of a studio does."""
    if request.param == "object store":
        url = f"s3://{request.getfixturevalue('bucket')}/some/studio"
    else:
        url = (tmp_path / "not yet").as_uri() if request.param == "address of a folder" else ""
    return lambda: open_files(Settings(data_dir=tmp_path / "not" / "yet", files_url=url))


@pytest.fixture
def files(again: Callable[[], Files]) -> Files:
    return again()


def test_what_was_written_is_read(files: Files) -> None:
    files.write("jobs/a/one", b"first")
    files.write("jobs/a/one", b"second")
    assert files.read("jobs/a/one") == b"second"
    assert files.path("jobs/a/one").read_bytes() == b"second"


def test_what_was_written_elsewhere_is_seen_here(again: Callable[[], Files]) -> None:
    here, elsewhere = again(), again()
    here.write("jobs/a/one", b"first")
    assert elsewhere.path("jobs/a/one").read_bytes() == b"first"
    here.write("jobs/a/one", b"other")
    assert elsewhere.path("jobs/a/one").read_bytes() == b"other"
    assert elsewhere.read("jobs/a/one") == b"other"
    here.delete("jobs/a/one")
    assert elsewhere.path("jobs/a/one") is None


def test_what_was_never_written_is_none(files: Files) -> None:
    files.write("jobs/a/one", b"1")
    for key in ("jobs/a/two", "jobs/b/one", "jobs/a"):
        assert files.path(key) is None
    assert files.read("jobs/a/two") is None


def test_deleting_takes_what_continues_the_key_and_may_be_repeated(files: Files) -> None:
    for key in ("jobs/a/one", "jobs/a/deep/two", "jobs/ab/one", "jobs/b/one", "jobs/b/onetwo"):
        files.write(key, b"1")
    files.delete("jobs/a")
    files.delete("jobs/a")
    files.delete("jobs/b/one")
    assert files.read("jobs/a/one") is files.read("jobs/a/deep/two") is files.read("jobs/b/one") is None
    assert files.read("jobs/ab/one") == files.read("jobs/b/onetwo") == b"1"


def test_a_stream_is_received_whole_or_not_at_all(files: Files) -> None:
    data = bytes(range(256)) * 5000
    path = files.receive("videos/a", io.BytesIO(data), len(data))
    assert path.read_bytes() == data
    assert files.path("videos/a").read_bytes() == data
    assert files.receive("videos/b", io.BytesIO(data), len(data) - 1) is None
    assert files.path("videos/b") is None

    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        files.receive("videos/c", Broken(), 10)
    assert files.path("videos/c") is None


def test_what_is_shared_outlives_its_source(files: Files) -> None:
    files.write("videos/a", b"clip")
    files.share("videos/a", "jobs/a/clip")
    files.delete("videos/a")
    assert files.read("jobs/a/clip") == b"clip"


def test_a_room_holds_what_was_written_and_keeps_what_was_saved(again: Callable[[], Files]) -> None:
    files = again()
    files.write("jobs/a/clip", b"clip")
    with files.room("jobs/a") as room:
        assert (room.folder / "clip").read_bytes() == b"clip"
        work = room.folder / ".work"
        work.mkdir()
        (work / "lock").write_bytes(b"mine")
        (work / "frame-1").write_bytes(b"1")
        (work / "frame-2").write_bytes(b"2")
        room.save()
        (work / "frame-2").write_bytes(b"new")
        (work / "frame-1").unlink()
        (work / "chapter").write_bytes(b"1")
        room.save()
    with again().room("jobs/a") as room:
        work = room.folder / ".work"
        kept = {path.name: path.read_bytes() for path in work.iterdir() if path.name != "lock"}
        assert kept == {"frame-2": b"new", "chapter": b"1"}
    files.delete("jobs/a")
    with files.room("jobs/a") as room:
        assert list(room.folder.iterdir()) == []


def test_the_check_leaves_nothing(files: Files) -> None:
    files.check()
    with files.room("") as room:
        assert [path for path in room.folder.rglob("*") if path.is_file()] == []


def test_the_check_fails_where_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OSError, match="not there"):
        Folder(tmp_path / "file").check()


def test_only_ids_become_keys() -> None:
    job = new_id()
    assert job_key(job, "result.png") == f"jobs/{job}/result.png"
    assert job_key(job) == f"jobs/{job}"
    for name in ("", "..", "../../etc", job.upper() + "x"):
        with pytest.raises(ValueError, match="not a job's id"):
            job_key(name, "result.png")
