"""`python -m nst video`: a video at the end, or one line that says why there is none."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import videos
from video import painters

from nst import cli, images
from nst.video import painters as real_painters

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def style_file(tmp_path):
    path = tmp_path / "style.png"
    path.write_bytes(images.encode_png(videos.bars()))
    return path


@pytest.fixture
def asked(monkeypatch):
    """What the painter was asked for; no network is loaded."""
    wishes = []

    def negative(styles, options):
        wishes.append((styles, options))
        return painters.Negative()

    monkeypatch.setattr(real_painters, "painter", negative)
    return wishes


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_video_is_painted(clip_file, style_file, tmp_path, asked, capsys, played):
    output = tmp_path / "out.mp4"
    assert cli.main(["video", str(clip_file), str(style_file), "-o", str(output)]) == 0
    assert played(output).times == played(clip_file).times
    ((styles, options),) = asked
    assert (styles[0] == videos.bars()).all()
    assert (options.quality, options.strength) == ("fast", 1.0)
    assert capsys.readouterr() == ("", "")
    assert names(tmp_path) == ["clip.mp4", "out.mp4", "style.png"]


def test_options_are_the_flags(clip_file, style_file, tmp_path, asked):
    chosen = {"quality": "fine", "size": 64, "strength": 0.5, "steps": 3, "steadiness": 2.0, "codec": "h264"}
    flags = [word for name, value in chosen.items() for word in (f"--{name}", str(value))]
    assert cli.main(["video", str(clip_file), str(style_file), "-o", str(tmp_path / "out.mp4"), *flags]) == 0
    assert asked[0][1].model_dump() == chosen


def test_progress_can_be_read_by_programs(clip_file, style_file, tmp_path, asked, capsys):
    where = ["-o", str(tmp_path / "out.webm"), "--progress-json"]
    assert cli.main(["video", str(clip_file), str(style_file), *where]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["frame"] for line in lines] == list(range(1, 11))
    assert {line["frames"] for line in lines} == {10}
    assert lines[0]["seconds_left"] is None
    assert lines[-1]["seconds_left"] == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["CLIP", "STYLE", "-o", "out.avi"], "out.avi: "),
        (["CLIP", "STYLE", "-o", "none/out.mp4"], "out.mp4: "),
        (["CLIP", "STYLE", "-o", "clip.mp4"], "clip.mp4: "),
        (["none.mp4", "STYLE", "-o", "out.mp4"], "none.mp4: "),
        (["empty.mp4", "STYLE", "-o", "out.mp4"], "empty.mp4: the file is empty"),
        (["song.m4a", "STYLE", "-o", "out.mp4"], "song.m4a: "),
        (["STYLE", "STYLE", "-o", "out.mp4"], "style.png: No MP4"),
        (["CLIP", "CLIP", "-o", "out.mp4"], "clip.mp4: "),
        (["CLIP", "STYLE", "-o", "out.mp4", "--size", "10"], "--size: "),
        (["CLIP", "STYLE", "-o", "out.mp4", "--strength", "nan"], "--strength: "),
        (["CLIP", "STYLE", "-o", "out.mp4", "--quality", "best"], "--quality"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_leaves_nothing(
    clip_file, style_file, tmp_path, asked, capsys, monkeypatch, arguments, said
):
    (tmp_path / "empty.mp4").write_bytes(b"")
    videos.write_sound(tmp_path / "song.m4a")
    before = names(tmp_path), clip_file.read_bytes()
    monkeypatch.chdir(tmp_path)
    words = {"CLIP": "clip.mp4", "STYLE": "style.png"}
    try:
        status = cli.main(["video", *(words.get(word, word) for word in arguments)])
    except SystemExit as stopped:  # argparse's own way out
        status = stopped.code
    out, err = capsys.readouterr()
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert said.lower() in err.lower()
    assert (names(tmp_path), clip_file.read_bytes()) == before
    assert asked == []


def test_one_that_is_interrupted_says_where_it_stands_and_goes_on(
    clip_file, style_file, tmp_path, asked, capsys, monkeypatch
):
    command = ["video", str(clip_file), str(style_file), "-o", str(tmp_path / "out.mp4")]

    def interrupt(number):
        if number == 6:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(real_painters, "painter", lambda *_: painters.Negative(at=interrupt))
        assert cli.main(command) == 130
    assert capsys.readouterr().err == (
        "nst: stopped after frame 6 of 10; the same command goes on from there.\n"
    )
    assert not (tmp_path / "out.mp4").exists()
    assert cli.main([*command, "--progress-json"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[0])["frame"] == 7
    assert names(tmp_path) == ["clip.mp4", "out.mp4", "style.png"]


def test_the_other_commands_start_without_ffmpeg():
    script = "import sys, nst.cli; sys.exit(sum(name in sys.modules for name in ('av', 'cv2', 'tensorflow')))"
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT, timeout=60, check=False).returncode == 0


def test_a_process_that_is_killed_goes_on_with_the_real_network(clip_file, style_file, tmp_path, played):
    videos.write(clip_file, videos.moving(60), codec="mpeg4", sound="aac")
    output = tmp_path / "out.mp4"
    command = [sys.executable, "-m", "nst", "video", clip_file, style_file, "-o", output, "--progress-json"]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=environment) as first:
        lines = [first.stdout.readline() for _ in range(2)]
        first.send_signal(signal.SIGKILL)
    assert json.loads(lines[1])["frame"] == 2
    assert not output.exists()
    again = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True, timeout=120)
    frames = [json.loads(line)["frame"] for line in again.stdout.splitlines()]
    assert frames[0] > 2
    assert frames[-1] == 60
    assert played(output).times == played(clip_file).times
    assert names(tmp_path) == ["clip.mp4", "out.mp4", "style.png"]
