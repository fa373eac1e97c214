"""What is finished stays finished, and whatever half-done thing a killed process left is cleared away."""

from fractions import Fraction

import av
import numpy as np
import pytest
import videos

from nst.errors import Refusal
from nst.video import work as works
from nst.video.encoding import Form
from nst.video.work import Work, refuse_what_cannot_fit

FORM = Form((64, 48), Fraction(1, 100), Fraction(25), "vp9")
FRAMES = videos.moving(12)


@pytest.fixture(autouse=True)
def short_chapters(monkeypatch):
    monkeypatch.setattr(works, "CHAPTER", 4)


def work_at(tmp_path, plan=1):
    return Work(tmp_path / ".out.mp4.work", {"plan": plan}, FORM)


def names(work):
    return sorted(path.name for path in work.folder.iterdir() if path.name[0] in "cf")


def keep(work, first, last):
    for number in range(first, last):
        work.keep(number, 4 * number, FRAMES[number])


def times(work):
    found = []
    for chapter in work.chapters():
        with av.open(str(chapter)) as container:
            found += [round(frame.pts * frame.time_base * 100) for frame in container.decode(video=0)]
    return found


def test_frames_become_chapters_and_the_last_one_is_at_hand(tmp_path):
    with work_at(tmp_path) as work:
        assert (work.done, work.last) == (0, None)
        keep(work, 0, 10)
        assert work.done == 10
        assert np.array_equal(work.last, FRAMES[9])
        assert names(work) == [
            "chapter-0000000-0000003.nut",
            "chapter-0000004-0000007.nut",
            "frame-0000007@28.npy",
            "frame-0000008@32.npy",
            "frame-0000009@36.npy",
        ]
        work.bind()
        assert times(work) == [4 * number for number in range(10)]


@pytest.mark.parametrize("done", [1, 3, 4, 6, 8, 11])
def test_who_comes_back_goes_on_after_the_last_frame(tmp_path, done):
    with work_at(tmp_path) as work:
        keep(work, 0, done)
    with work_at(tmp_path) as work:
        assert work.done == done
        assert np.array_equal(work.last, FRAMES[done - 1])
        keep(work, done, 12)
        work.bind()
        assert times(work) == [4 * number for number in range(12)]


def test_another_plan_begins_anew(tmp_path):
    with work_at(tmp_path) as work:
        keep(work, 0, 6)
    with work_at(tmp_path, plan=2) as work:
        assert (work.done, names(work)) == (0, [])


@pytest.mark.parametrize(
    ("missing", "done"),
    [
        ("frame-0000009@36.npy", 9),  # a gap: what lies behind it is of no use
        ("frame-0000008@32.npy", 8),
        ("frame-0000007@28.npy", 0),  # nothing to go on from
        ("chapter-0000004-0000007.nut", 0),
    ],
)
def test_a_gap_is_never_jumped(tmp_path, missing, done):
    with work_at(tmp_path) as work:
        keep(work, 0, 11)
        (work.folder / missing).unlink()
    with work_at(tmp_path) as work:
        assert work.done == done
        keep(work, done, 12)
        work.bind()
        assert times(work) == [4 * number for number in range(12)]


def test_what_was_written_in_half_is_cleared_away(tmp_path):
    with work_at(tmp_path) as work:
        keep(work, 0, 6)
        (work.folder / "chapter.part").write_bytes(b"half")
        (work.folder / ".0123456789abcdef.part").write_bytes(b"half")
    with work_at(tmp_path) as work:
        assert work.done == 6
        assert not list(work.folder.glob("*.part"))
        assert not list(work.folder.glob(".*.part"))


def test_a_chapter_that_was_finished_before_its_frames_were_removed_counts_once(tmp_path):
    with work_at(tmp_path) as work:
        keep(work, 0, 3)
        kept = {path.name: path.read_bytes() for path in work.folder.glob("frame*")}
        keep(work, 3, 4)
        for name, data in kept.items():
            (work.folder / name).write_bytes(data)
    with work_at(tmp_path) as work:
        assert work.done == 4
        keep(work, 4, 5)
        work.bind()
        assert times(work) == [0, 4, 8, 12, 16]


def test_a_folder_is_for_one_at_a_time(tmp_path):
    with work_at(tmp_path) as work:
        keep(work, 0, 2)
        with pytest.raises(Refusal) as refused, work_at(tmp_path):
            pass
        assert refused.value.code == "in_use"
        assert work.done == 2
    with work_at(tmp_path) as work:
        assert work.done == 2


def test_a_lock_that_cannot_be_taken_is_told_as_what_it_is(tmp_path):
    def blocked(lock):
        lock.mkdir()

    def spoilt(lock):
        lock.write_bytes(b"not a lock" * 200)

    for number, spoil in enumerate((blocked, spoilt)):
        work = work_at(tmp_path / str(number))
        work.folder.mkdir(parents=True)
        spoil(work.folder / "lock")
        with pytest.raises(OSError, match="database") as told, work:
            pass
        assert told.value.filename == str(work.folder / "lock")


def test_sweeping_leaves_nothing(tmp_path):
    with work_at(tmp_path) as work:
        keep(work, 0, 6)
    work.sweep()
    assert list(tmp_path.iterdir()) == []


def test_room_on_the_disk_is_asked_for_before(tmp_path, monkeypatch):
    refuse_what_cannot_fit(tmp_path, (64, 48), 1000)
    with pytest.raises(Refusal) as refused:
        refuse_what_cannot_fit(tmp_path, (4000, 2000), 10_000_000)
    assert refused.value.code == "disk_full"
    assert "GB" in refused.value.message
