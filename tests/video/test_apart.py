import struct
import subprocess
import sys
from pathlib import Path

import pytest
import videos

from nst.errors import Refusal
from nst.video import apart
from nst.video.apart import probe_apart
from nst.video.clip import probe


def refused(path: Path) -> Refusal:
    with pytest.raises(Refusal) as caught:
        probe_apart(path, field="video")
    assert caught.value.field == "video"
    assert caught.value.message.startswith(f"{path.name}: ")
    assert caught.value.message.endswith(".")
    return caught.value


@pytest.mark.parametrize(
    ("name", "codec"), [("a.mp4", "libx264"), ("a.webm", "libvpx-vp9"), ("a.gif", "gif")]
)
def test_it_finds_what_is_found_in_this_process(tmp_path: Path, name: str, codec: str) -> None:
    path = videos.write(tmp_path / name, videos.moving(5), codec=codec)
    assert probe_apart(path) == probe(path)


def test_its_refusals_are_the_same(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear studio")
    assert refused(tmp_path / "letter.txt").code == "not_a_video"


def table_bomb(frames: int) -> bytes:
    """An MP4 of a kilobyte that claims so many frames of one byte each."""
    data = bytearray(videos.written(videos.moving(5), codec="libx264"))

    def claim(box: bytes, *numbers: int) -> None:
        struct.pack_into(f">{len(numbers)}I", data, data.index(box) + 8, *numbers)

    claim(b"stsz", 1, frames)  # all as large, and so many
    claim(b"stsc", 1, 1, frames, 1)  # all in one chunk
    claim(b"stts", 1, frames, 1)  # all as long
    return bytes(data)


def test_a_kilobyte_that_claims_a_hundred_million_frames_takes_nobody_elses_memory(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.mp4"
    bomb.write_bytes(table_bomb(100_000_000))
    assert bomb.stat().st_size < 8000
    # In a process whose only child it is: what this one had of children was larger.
    watch = (
        "import resource, sys\n"
        "from nst.errors import Refusal\n"
        "from nst.video import apart\n"
        "apart.MEMORY = 2**30\n"
        "try:\n"
        "    apart.probe_apart(sys.argv[1])\n"
        "except Refusal as refusal:\n"
        "    print(refusal.code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)\n"
    )
    done = subprocess.run([sys.executable, "-c", watch, bomb], capture_output=True, text=True, check=True)
    code, memory = done.stdout.split()
    assert code in ("broken_video", "truncated_video")
    assert int(memory) < 2**30


def test_a_process_that_dies_is_a_broken_video(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = videos.write(tmp_path / "a.mp4", videos.moving(5), codec="mpeg4")
    monkeypatch.setattr(apart, "MEMORY", 2**24)  # not enough to begin with
    assert refused(path).code in ("broken_video", "unreadable_file")  # by where it ran out of it


def test_one_that_takes_too_long_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = videos.write(tmp_path / "a.mp4", videos.moving(5), codec="mpeg4")
    monkeypatch.setattr(apart, "SECONDS", 0.001)
    assert refused(path).code == "too_slow"
