"""What only an object store can do: fail, be slow, come back."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from jobs.object_server import ObjectServer, running

from nst.jobs.filing import object_store
from nst.jobs.filing.copies import Copies
from nst.jobs.filing.files import Unreachable
from nst.jobs.filing.object_store import ObjectStore
from nst.jobs.troubles import FILES_AWAY, plain


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ObjectServer]:
    """One that may be stopped, with a bucket."""
    with running() as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        server.make_bucket("studio")
        yield server


@pytest.fixture
def store(server: ObjectServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ObjectStore:
    """Impatient, once it has found its bucket."""
    monkeypatch.setattr(object_store, "READ_SECONDS", 0.3)
    made = ObjectStore("s3://studio", Copies(10**6, parent=tmp_path))
    eventually_written(made)
    for name in ("CALL_SECONDS", "PAUSE_SECONDS"):
        monkeypatch.setattr(object_store, name, 2.0)
    return made


def eventually_written(store: ObjectStore) -> None:
    while True:
        try:
            store.write("one", b"there again")
            return
        except Unreachable:
            pass


def test_a_store_that_is_gone_is_told_plainly_and_used_again_once_it_is_back(
    store: ObjectStore, server: ObjectServer
) -> None:
    store.write("one", b"1")
    server.stop()
    with pytest.raises(Unreachable) as gone:
        store.read("one")
    assert plain(gone.value) == FILES_AWAY
    with pytest.raises(Unreachable, match="a moment ago"):
        store.path("one")
    with pytest.raises(Unreachable):
        store.check()
    server.start()
    server.make_bucket("studio")
    eventually_written(store)
    assert store.read("one") == b"there again"
    store.check()


def test_a_store_that_takes_connections_and_says_nothing_is_given_up(
    store: ObjectStore, server: ObjectServer
) -> None:
    server.freeze()
    try:
        with pytest.raises(Unreachable):
            store.write("one", b"1")
    finally:
        server.thaw()
    eventually_written(store)
    assert store.read("one") == b"there again"


@pytest.mark.usefixtures("server")
def test_a_bucket_that_is_not_there_is_no_place_to_write(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        ObjectStore("s3://elsewhere", Copies(10**6, parent=tmp_path)).check()


def test_a_copy_carries_the_time_of_its_object(store: ObjectStore, tmp_path: Path) -> None:
    store.write("one", b"1")
    other = ObjectStore("s3://studio", Copies(10**6, parent=tmp_path))
    ours, theirs = store.path("one"), other.path("one")
    assert ours != theirs
    assert ours.stat().st_mtime == theirs.stat().st_mtime


def test_a_file_in_many_parts_arrives_as_it_was(bucket: str, tmp_path: Path) -> None:
    store = ObjectStore(f"s3://{bucket}", Copies(10**6, parent=tmp_path))
    data = bytes(range(256)) * (40 * 2**20 // 256)
    store.write("large", data)
    assert store.read("large") == data
    assert store.path("large").read_bytes() == data
