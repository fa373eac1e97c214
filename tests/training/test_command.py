"""`nst train`, and `nst preview` with what it made, as a person calls them."""

import json
import os
import signal
import subprocess
import sys

import pytest
from PIL import Image
from skimage import data

from nst import own_network
from nst.cli import main


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "photos").mkdir()
    Image.fromarray(data.chelsea()).resize((120, 90)).save(tmp_path / "photos" / "cat.jpg")
    (tmp_path / "photos" / "broken.jpg").write_bytes(b"nothing")
    Image.fromarray(data.coffee()).resize((120, 90)).save(tmp_path / "coffee.png")
    return tmp_path


TRAIN = ("train", "coffee.png", "--photos", "photos", "-o", "net.npz", "--size", "64", "--batch", "1")


def test_a_network_is_trained_and_paints(place, capsys):
    assert main([*TRAIN, "--steps", "3", "--progress-json"]) == 0
    told = capsys.readouterr()
    lines = [json.loads(line) for line in told.out.splitlines()]
    assert [(line["step"], line["steps"]) for line in lines] == [(1, 3), (2, 3), (3, 3)]
    assert set(lines[0]["losses"]) == {"total", "content", "style", "tv"}
    assert "passed over: broken.jpg: " in told.err
    assert main(["preview", "photos/cat.jpg", "--network", "net.npz", "-o", "out.png", "--size", "64"]) == 0
    with Image.open("out.png") as painted:
        assert painted.size == (64, 48)
    assert main([*TRAIN, "--steps", "1", "--start", "net.npz"]) == 0


def test_ctrl_c_keeps_what_was_learnt(place):
    command = [sys.executable, "-m", "nst", *TRAIN, "--steps", "9000", "--progress-json"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "net.npz" in told.splitlines()[-1]
    assert own_network.read("net.npz", field="--network")


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ((*TRAIN, "--size", "66"), "--size"),
        ((*TRAIN, "--size", "32"), "--size"),
        ((*TRAIN, "--steps", "0"), "--steps"),
        ((*TRAIN, "--batch", "0"), "--batch"),
        ((*TRAIN, "--style-weight", "nan"), "--style-weight"),
        ((*TRAIN, "--photos", "nowhere"), "nowhere"),
        ((*TRAIN, "-o", "net.txt"), "net.txt"),
        ((*TRAIN, "--start", "coffee.png"), "coffee.png"),
        (("train", "nothing.png", "--photos", "photos", "-o", "net.npz"), "nothing.png"),
        (("preview", "coffee.png", "-o", "out.png"), "STYLE"),
        (("preview", "coffee.png", "coffee.png", "--network", "net.npz", "-o", "out.png"), "STYLE"),
        (
            ("preview", "coffee.png", "--network", "net.npz", "--strength", "0.5", "-o", "out.png"),
            "--network",
        ),
        (("preview", "coffee.png", "--network", "coffee.png", "-o", "out.png"), "coffee.png"),
    ],
)
def test_bad_usage_is_one_sentence_that_names_it(place, capsys, arguments, named):
    assert main(arguments) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert named in told
    assert sorted(path.name for path in place.iterdir()) == ["coffee.png", "photos"]
