"""From clip to video: in time, in bounded memory, gone on with after any end, and nothing left behind."""

import errno
import gc
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import videos
from video import painters

from nst import images
from nst.errors import Refusal
from nst.video import styling, work
from nst.video.clip import probe
from nst.video.options import VideoOptions
from nst.video.styling import Styling, even
from nst.video.work import Work

STYLE = videos.bars(32, 32)
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def short_chapters(monkeypatch):
    monkeypatch.setattr(work, "CHAPTER", 4)


def run(source, output, painter=painters.Negative, style=STYLE, **options):
    return Styling(probe(source), output, VideoOptions(**options), [style], painter)


def left_behind(folder):
    return sorted(path.name for path in folder.iterdir() if path.name not in ("clip.mp4", "out.mp4"))


def test_a_video_comes_out_as_long_and_loud_as_it_went_in(clip_file, tmp_path, played):
    output = tmp_path / "out.mp4"
    seen = [(step.done, step.frames) for step in run(clip_file, output)]
    assert seen == [(number, 10) for number in range(1, 11)]
    before, after = played(clip_file), played(output)
    assert after.times == before.times
    assert after.seconds == pytest.approx(before.seconds, abs=0.01)
    assert (after.size, after.sound) == (before.size, "aac")
    for filmed, painted in zip(before.pixels, after.pixels, strict=True):
        assert np.abs(255 - filmed.astype(int) - painted).mean() < 25
    assert left_behind(tmp_path) == []


def test_progress_tells_how_long_it_will_take(clip_file, tmp_path):
    steps = list(run(clip_file, tmp_path / "out.mp4"))
    assert steps[0].seconds_left is None
    assert all(step.seconds_left >= 0 for step in steps[1:])
    assert steps[-1].seconds_left == 0
    assert [step.seconds for step in steps] == sorted(step.seconds for step in steps)
    assert steps[3].pixels.shape == (48, 64, 3)


@pytest.mark.parametrize(("size", "expected"), [(64, (64, 48)), (640, (64, 48))])
def test_a_clip_is_never_enlarged(clip_file, tmp_path, size, expected):
    assert run(clip_file, tmp_path / "out.mp4", size=size).size == expected


def test_both_sides_are_even(tmp_path, played):
    source = videos.write(tmp_path / "clip.mp4", videos.moving(3, (166, 98)), codec="mpeg4")
    frames = run(source, tmp_path / "out.mp4", size=83)
    list(frames)
    assert even((83, 49)) == (82, 48) == frames.size == played(tmp_path / "out.mp4").size


def test_one_that_is_closed_goes_on_after_its_last_frame(clip_file, tmp_path, played):
    whole = tmp_path / "whole.mp4"
    list(run(clip_file, whole))
    for stop in (1, 4, 7):
        output = tmp_path / "out.mp4"
        first = run(clip_file, output)
        for step in first:
            if step.done == stop:
                break
        first.close()
        assert not output.exists()
        painter = painters.Negative()
        steps = list(run(clip_file, output, lambda painter=painter: painter))
        assert [step.done for step in steps] == list(range(stop + 1, 11))
        assert painter.painted == 10 - stop
        assert played(output).times == played(whole).times
        differences = [
            np.abs(a.astype(int) - b).mean()
            for a, b in zip(played(output).pixels, played(whole).pixels, strict=True)
        ]
        assert max(differences) < 3  # packed in other chapters, but the same paintings
        output.unlink()
    whole.unlink()
    assert left_behind(tmp_path) == []


@pytest.mark.parametrize("change", ["style", "option", "clip"])
def test_another_wish_begins_anew(clip_file, tmp_path, change):
    output = tmp_path / "out.mp4"
    first = run(clip_file, output)
    for _ in zip(range(5), first, strict=False):
        pass
    first.close()
    how = (
        {"style": STYLE[::-1].copy()}
        if change == "style"
        else {"strength": 0.5}
        if change == "option"
        else {}
    )
    if change == "clip":
        videos.write(clip_file, videos.moving(10)[::-1], codec="mpeg4")
    assert next(run(clip_file, output, **how)).done == 1


VICTIM = """
import os, signal, sys
from pathlib import Path
sys.path[:0] = [{root!r}, {tests!r}]
import videos
from video.painters import Negative
from nst.video import work
from nst.video.clip import probe
from nst.video.options import VideoOptions
from nst.video.styling import Styling
work.CHAPTER = 4
def fall(number):
    if number == {number}:
        os.kill(os.getpid(), signal.SIGKILL)
style = videos.bars(32, 32)
list(Styling(probe({source!r}), Path({output!r}), VideoOptions(), [style], lambda: Negative(at=fall)))
"""


def test_one_that_is_killed_goes_on_after_its_last_frame(clip_file, tmp_path, played):
    output = tmp_path / "out.mp4"
    script = VICTIM.format(
        root=str(ROOT), tests=str(ROOT / "tests"), source=str(clip_file), output=str(output), number=6
    )
    died = subprocess.run([sys.executable, "-c", script], capture_output=True, timeout=60, check=False)
    assert died.returncode == -signal.SIGKILL, died.stderr
    assert not output.exists()
    painter = painters.Negative()
    steps = list(run(clip_file, output, lambda: painter))
    assert steps[0].done == 7
    assert painter.painted == 4
    assert played(output).times == played(clip_file).times
    assert left_behind(tmp_path) == []


def test_one_that_died_when_all_was_painted_is_only_put_together(clip_file, tmp_path, played, monkeypatch):
    output = tmp_path / "out.mp4"
    with monkeypatch.context() as patch:
        patch.setattr(styling, "assemble", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            list(run(clip_file, output))
    assert left_behind(tmp_path) == [".out.mp4.work"]

    def nobody():
        raise AssertionError("no frame is left to paint")

    assert list(run(clip_file, output, nobody)) == []
    assert played(output).times == played(clip_file).times
    assert left_behind(tmp_path) == []


def test_an_old_video_stays_until_the_new_one_is_whole(clip_file, tmp_path):
    output = tmp_path / "out.mp4"
    output.write_bytes(b"old")
    frames = run(clip_file, output)
    for step in frames:
        if step.done < 10:
            assert output.read_bytes() == b"old"
    assert output.read_bytes() != b"old"


def test_a_clip_that_breaks_on_the_way_leaves_nothing(tmp_path):
    source = videos.write(tmp_path / "clip.mp4", videos.moving(40), codec="mjpeg", pix_fmt="yuvj420p")
    clip = probe(source)
    data = bytearray(source.read_bytes())
    middle = data.index(b"mdat") + (len(data) - data.index(b"mdat")) // 2
    data[middle:] = bytes(len(data) - middle)
    source.write_bytes(bytes(data))
    frames = Styling(clip, tmp_path / "out.mp4", VideoOptions(), [STYLE], painters.Negative)
    with pytest.raises(Refusal) as refused:
        list(frames)
    assert refused.value.code == "broken_video"
    assert left_behind(tmp_path) == []


@pytest.mark.parametrize(("where", "left"), [("frame", 10), ("chapter", 6), ("video", 0)])
def test_after_a_full_disk_it_goes_on_from_there(clip_file, tmp_path, monkeypatch, where, left):
    def full(*_args, **_how):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    target = {"frame": (images, "write"), "chapter": (work, "write_chapter"), "video": (styling, "assemble")}
    frames = run(clip_file, tmp_path / "out.mp4")
    keep = Work.keep
    monkeypatch.setattr(
        Work, "keep", lambda self, *how: (monkeypatch.setattr(*target[where], full), keep(self, *how))
    )
    with pytest.raises(Refusal) as refused:
        list(frames)
    assert refused.value.code == "disk_full"
    monkeypatch.undo()
    assert len(list(run(clip_file, tmp_path / "out.mp4"))) == left
    assert probe(tmp_path / "out.mp4").frames == 10
    assert left_behind(tmp_path) == []


@pytest.mark.parametrize("code", ["weights_missing", "too_little_memory"])
def test_a_painter_that_lacks_something_for_now_keeps_what_is_finished(clip_file, tmp_path, code):
    first = run(clip_file, tmp_path / "out.mp4")
    next(first)
    first.close()

    def missing():
        raise Refusal(code, "Get it.")

    with pytest.raises(Refusal):
        list(run(clip_file, tmp_path / "out.mp4", missing))
    assert next(run(clip_file, tmp_path / "out.mp4")).done == 2


def test_a_size_that_never_fitted_leaves_nothing(clip_file, tmp_path):
    def missing():
        raise Refusal("too_little_memory", "A size of 32 fits.")

    with pytest.raises(Refusal):
        list(run(clip_file, tmp_path / "out.mp4", missing))
    assert left_behind(tmp_path) == []


@pytest.mark.parametrize("name", ["out.avi", "out", "out.png", "none/out.mp4", "folder.mp4"])
def test_where_nothing_can_be_written_is_refused_first(clip_file, tmp_path, name):
    (tmp_path / "folder.mp4").mkdir()
    with pytest.raises(Refusal) as refused:
        run(clip_file, tmp_path / name)
    assert refused.value.code == "bad_output"
    assert name in refused.value.message


def test_a_disk_that_is_too_small_is_refused_first(clip_file, tmp_path, monkeypatch):
    monkeypatch.setattr(work.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 1000}))
    with pytest.raises(Refusal) as refused:
        run(clip_file, tmp_path / "out.mp4")
    assert refused.value.code == "disk_full"
    assert left_behind(tmp_path) == []


def test_memory_does_not_grow_with_the_length(tmp_path):
    """However long the clip, a handful of frames is in memory, and a chapter's worth on the disk."""
    size = (96, 64)
    pattern = videos.moving(10, size)
    source = videos.write(tmp_path / "clip.mp4", (pattern * 50), codec="mpeg4")
    del pattern
    gc.collect()
    alive, kept = [], []
    frames = run(source, tmp_path / "out.mp4")
    for step in frames:
        if step.done % 50 == 0:
            alive.append(painters.frames_alive((64, 96, 3)))
            kept.append(len(list(tmp_path.glob(".out.mp4.work/frame*"))))
    assert step.done == 500
    assert max(alive) <= 4 * painters.Negative().batch
    assert max(alive) - min(alive) <= painters.Negative().batch
    assert max(kept) <= work.CHAPTER + 1


def test_a_gif_becomes_a_video(tmp_path, played):
    source = videos.write(tmp_path / "a.gif", videos.moving(5), codec="gif", rate=10)
    list(run(source, tmp_path / "out.mp4"))
    video = played(tmp_path / "out.mp4")
    assert [float(time) for time in video.times] == pytest.approx([0, 0.1, 0.2, 0.3, 0.4])
    assert video.seconds == pytest.approx(0.5)
