"""The command line as a person calls it: a process, its files, its words and its exit status."""

import json
import os
import signal
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data

from nst import cli, images
from nst.options import Options

ENVIRONMENT = os.environ | {"PYTHONPATH": str(Path(cli.__file__).parents[1])}


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """A photograph, two styles, masks and bad files, in one folder."""
    folder = tmp_path_factory.mktemp("pictures")
    for name, pixels in (("cat", data.chelsea()), ("coffee", data.coffee()), ("rocket", data.rocket())):
        image = Image.fromarray(pixels)
        image.thumbnail((160, 160))
        image.save(folder / f"{name}.png")
    half = np.zeros((40, 60), np.uint8)
    half[:, 30:] = 255
    Image.fromarray(half).save(folder / "right.png")
    Image.fromarray(255 - half).save(folder / "left.png")
    Image.fromarray(np.zeros_like(half)).save(folder / "black.png")
    (folder / "words.png").write_text("not a picture")
    return folder


def nst(folder, *arguments):
    command = [sys.executable, "-m", "nst", *map(str, arguments)]
    return subprocess.run(
        command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, timeout=300, check=False
    )


def pixels(path):
    return images.read(path, field="file").pixels


def test_stylize_paints_a_png_that_carries_its_settings(pictures, vgg19_file):
    done = nst(pictures, "stylize", "cat.png", "coffee.png", "-o", "out.png", "--size", 96, "--steps", 8)
    assert (done.returncode, done.stderr, done.stdout) == (0, "", "")
    assert (pictures / "out.png").read_bytes().startswith(b"\x89PNG")
    assert pixels(pictures / "out.png").shape == (64, 96, 3)
    settings = images.read_settings((pictures / "out.png").read_bytes())
    assert settings["options"]["size"] == 96
    assert settings["options"]["steps"] == 8
    assert (settings["init"], settings["masks"], settings["blend"], settings["steps_done"]) == (
        "content",
        0,
        [1.0],
        8,
    )


def test_progress_json_and_save_every(pictures, vgg19_file):
    done = nst(
        pictures,
        *("stylize", "cat.png", "coffee.png", "-o", "out2.png", "--size", 128, "--steps", 9),
        *("--progress-json", "--save-every", 4, "frames"),
    )
    assert done.returncode == 0
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["step"] for line in lines] == list(range(1, 10))
    for line in lines:
        assert set(line) == {"step", "steps", "scale", "width", "height", "seconds", "losses"}
        assert set(line["losses"]) == {"total", "content", "style", "tv"}
        assert line["steps"] == 9
    assert (lines[-1]["width"], lines[-1]["height"]) == (128, 85)
    assert all(before["seconds"] <= after["seconds"] for before, after in pairwise(lines))
    frames = sorted(path.name for path in (pictures / "frames").iterdir())
    assert frames == ["000004.png", "000008.png", "000009.png"]
    last, result = (pixels(pictures / name) for name in ("frames/000009.png", "out2.png"))
    np.testing.assert_array_equal(last, result)


def test_pictures_on_the_way_that_cannot_be_saved_do_not_cost_the_painting(pictures, vgg19_file):
    (pictures / "blocked" / "000004.png").mkdir(parents=True)
    done = nst(
        pictures,
        *("stylize", "cat.png", "coffee.png", "-o", "out5.png", "--size", 64, "--steps", 9),
        *("--save-every", 2, "blocked"),
    )
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "blocked: " in done.stderr
    assert images.read_settings((pictures / "out5.png").read_bytes())["steps_done"] == 9


def test_two_styles_a_mask_each_a_blend_and_a_picture_to_start_from(pictures, vgg19_file):
    done = nst(
        pictures,
        *("stylize", "cat.png", "coffee.png", "rocket.png", "-o", "out3.png", "--size", 64, "--steps", 4),
        *("--mask", "left.png", "--mask", "right.png", "--blend", "0.7,0.3", "--init", "rocket.png"),
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert pixels(pictures / "out3.png").shape[1] == 64


def test_interrupted_it_keeps_the_picture_so_far(pictures, vgg19_file):
    command = [sys.executable, "-m", "nst", "stylize", "cat.png", "coffee.png", "-o", "stopped.png"]
    command += ["--size", "64", "--steps", "9000", "--progress-json"]
    with subprocess.Popen(
        command, cwd=pictures, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        for _ in range(3):
            process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, error = process.communicate(timeout=60)
    assert process.returncode == 130
    assert error.count("\n") == 1
    assert "stopped.png" in error
    assert pixels(pictures / "stopped.png").shape[1] == 64


@pytest.mark.parametrize("moment", [0.5, 1.0])  # sooner, Python itself may still be starting
def test_interrupted_early_it_says_so_in_one_line(pictures, vgg19_file, moment):
    command = [sys.executable, "-m", "nst", "stylize", "cat.png", "coffee.png", "-o", "early.png"]
    with subprocess.Popen(
        command, cwd=pictures, env=ENVIRONMENT, stderr=subprocess.PIPE, text=True
    ) as process:
        time.sleep(moment)
        process.send_signal(signal.SIGINT)
        _, error = process.communicate(timeout=60)
    assert process.returncode in (130, -signal.SIGINT)
    assert "Traceback" not in error
    assert not (pictures / "early.png").exists()


def test_who_stops_reading_the_progress_still_gets_the_painting(pictures, vgg19_file):
    command = [sys.executable, "-m", "nst", "stylize", "cat.png", "coffee.png", "-o", "unread.png"]
    command += ["--size", "64", "--steps", "12", "--progress-json"]
    with subprocess.Popen(
        command, cwd=pictures, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        process.stdout.readline()
        process.stdout.close()
        error = process.stderr.read()
    assert (process.wait(60), error) == (0, "")
    assert pixels(pictures / "unread.png").shape[1] == 64


def test_a_masked_run_leaves_the_rest_alone(pictures, vgg19_file):
    done = nst(
        pictures,
        *("stylize", "cat.png", "coffee.png", "-o", "out4.png", "--size", 64, "--steps", 4),
        *("--mask", "right.png"),
    )
    assert done.returncode == 0
    painted = pixels(pictures / "out4.png").astype(int)
    height, width = painted.shape[:2]
    photograph = images.resize(pixels(pictures / "cat.png"), (width, height)).astype(int)
    assert np.abs(painted - photograph)[:, :32].max() <= 1
    assert np.abs(painted - photograph)[:, 32:].mean() > 3


BAD = {
    "no such photograph": (["stylize", "none.png", "coffee.png", "-o", "x.png"], "none.png"),
    "not a picture": (["stylize", "words.png", "coffee.png", "-o", "x.png"], "words.png"),
    "bad style": (["stylize", "cat.png", "words.png", "-o", "x.png"], "words.png"),
    "black mask": (["stylize", "cat.png", "coffee.png", "-o", "x.png", "--mask", "black.png"], "black.png"),
    "two masks, one style": (
        ["stylize", "cat.png", "coffee.png", "-o", "x.png", "--mask", "left.png", "right.png"],
        "--mask",
    ),
    "size 1e6": (["stylize", "cat.png", "coffee.png", "-o", "x.png", "--size", "1000000"], "--size"),
    "steps 0": (["stylize", "cat.png", "coffee.png", "-o", "x.png", "--steps", "0"], "--steps"),
    "steps 1e9": (["stylize", "cat.png", "coffee.png", "-o", "x.png", "--steps", "1000000000"], "--steps"),
    "weight nan": (
        ["stylize", "cat.png", "coffee.png", "-o", "x.png", "--style-weight", "nan"],
        "--style-weight",
    ),
    "weight inf": (
        ["stylize", "cat.png", "coffee.png", "-o", "x.png", "--content-weight", "inf"],
        "--content-weight",
    ),
    "weight negative": (
        ["stylize", "cat.png", "coffee.png", "-o", "x.png", "--tv-weight", "-1"],
        "--tv-weight",
    ),
    "weight in words": (
        ["stylize", "cat.png", "coffee.png", "-o", "x.png", "--style-weight", "lots"],
        "--style-weight",
    ),
    "unknown optimiser": (
        ["stylize", "cat.png", "coffee.png", "-o", "x.png", "--optimizer", "sgd"],
        "--optimizer",
    ),
    "init": (["stylize", "cat.png", "coffee.png", "-o", "x.png", "--init", "none.png"], "none.png"),
    "blend count": (["stylize", "cat.png", "coffee.png", "-o", "x.png", "--blend", "1,2"], "--blend"),
    "blend words": (["stylize", "cat.png", "coffee.png", "-o", "x.png", "--blend", "much"], "--blend"),
    "blend negative": (["stylize", "cat.png", "coffee.png", "-o", "x.png", "--blend=-1"], "--blend"),
    "save-every": (
        ["stylize", "cat.png", "coffee.png", "-o", "x.png", "--save-every", "0", "f"],
        "--save-every",
    ),
    "not a png name": (["stylize", "cat.png", "coffee.png", "-o", "x.gif"], "x.gif"),
    "no such folder": (["stylize", "cat.png", "coffee.png", "-o", "nowhere/x.png"], "nowhere/x.png"),
    "no style": (["stylize", "cat.png", "-o", "x.png"], "STYLE"),
    "no output": (["stylize", "cat.png", "coffee.png"], "--output"),
    "unknown command": (["paint"], "paint"),
    "nothing": ([], "COMMAND"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_line_that_names_it_and_status_2(pictures, monkeypatch, capsys, case):
    arguments, name = BAD[case]
    monkeypatch.chdir(pictures)
    try:
        status = cli.main(arguments)
    except SystemExit as stop:
        status = stop.code
    error = capsys.readouterr().err
    assert status == 2
    assert error.count("\n") == 1
    assert name in error
    assert not (pictures / "x.png").exists()


def test_missing_weights_are_one_sentence_and_status_1(pictures, monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("NST_CACHE_DIR", str(tmp_path / "empty"))
    monkeypatch.chdir(pictures)
    assert cli.main(["stylize", "cat.png", "coffee.png", "-o", "x.png"]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "python -m nst weights" in error
    assert not (pictures / "x.png").exists()


def test_weights_says_where_they_are(vgg19_file, capsys):
    assert cli.main(["weights"]) == 0
    assert str(vgg19_file) in capsys.readouterr().out


def test_migrate_brings_the_database_up_to_date(capsys, tmp_path):
    for _ in range(2):
        assert cli.main(["migrate"]) == 0
        assert capsys.readouterr().out == "The database is up to date.\n"
    assert (tmp_path / "data" / "studio.db").exists()


def test_a_scaled_studio_without_a_database_is_one_sentence_and_status_2(capsys, monkeypatch):
    monkeypatch.setenv("NST_MODE", "scaled")
    assert cli.main(["migrate"]) == 2
    assert capsys.readouterr().err == (
        "nst: NST_DATABASE_URL is not set, and NST_MODE=scaled cannot do without.\n"
    )


def test_every_option_has_a_flag_with_its_default_in_the_help(capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main(["stylize", "--help"])
    assert stop.value.code == 0
    text = " ".join(capsys.readouterr().out.split())
    for name, field in Options.model_fields.items():
        assert f"--{name.replace('_', '-')}" in text
        assert f"Default: {field.default}" in text
