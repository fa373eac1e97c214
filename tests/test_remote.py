"""`stylize --server`: the command in a process, and a studio in another, on a real socket."""

import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import requests
from api.host import hosted
from jobs.fake_engine import PATIENCE, picture, wait_until

from nst import cli, images, remote
from nst.frames import Frames
from nst.options import Options

ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "NST_TOKEN"} | {
    "PYTHONPATH": str(Path(cli.__file__).parents[1])
}
QUICK = ("--size", "64", "--steps", "12")
API = "/api/v1"


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the studio."""
    return tmp_path_factory.mktemp("studio")


@pytest.fixture(scope="module")
def studio(kept: Path) -> Iterator[str]:
    with hosted(kept, pace=0.01) as address:
        yield address


@pytest.fixture
def token(studio: str) -> str:
    return requests.post(f"{studio}{API}/tokens", json={"name": "test"}, timeout=PATIENCE).json()["token"]


@pytest.fixture
def here(tmp_path: Path) -> Path:
    (tmp_path / "cat.png").write_bytes(picture(64, 48))
    (tmp_path / "style.png").write_bytes(picture(40, 40, (0, 0, 200)))
    for name, half in (("left.png", slice(0, 30)), ("right.png", slice(30, 60))):
        mask = np.zeros((40, 60), np.uint8)
        mask[:, half] = 255
        (tmp_path / name).write_bytes(images.encode_png(mask))
    (tmp_path / "words.png").write_text("not a picture")
    return tmp_path


def command(studio: str, *more: object) -> list[str]:
    start = [
        sys.executable,
        "-m",
        "nst",
        "stylize",
        "cat.png",
        "style.png",
        "-o",
        "out.png",
        "--server",
        studio,
    ]
    return [*start, *map(str, more)]


def nst(folder: Path, studio: str, *more: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(studio, *more),
        cwd=folder,
        env=ENVIRONMENT | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def asked(studio: str, token: str, path: str) -> dict:
    headers = {"Authorization": f"Bearer {token}"}
    return requests.get(f"{studio}{API}{path}", headers=headers, timeout=PATIENCE).json()


def test_a_studio_elsewhere_paints_the_same_command(studio: str, token: str, here: Path) -> None:
    done = nst(here, studio, *QUICK, "--progress-json", "--style-weight", 2, "--token", token)
    assert (done.returncode, done.stderr) == (0, "")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["step"] for line in lines] == list(range(1, 13))
    for line in lines:
        assert set(line) == {"step", "steps", "scale", "width", "height", "seconds", "losses"}
    settings = images.read_settings((here / "out.png").read_bytes())
    assert (settings["options"]["style_weight"], settings["steps_done"]) == (2, 12)
    [job] = asked(studio, token, "/jobs")["jobs"]
    assert job["state"] == "done"


def test_without_a_token_nothing_is_left_there(studio: str, here: Path, kept: Path) -> None:
    def pictures() -> set[Path]:
        return {path for name in ("images", "jobs") for path in (kept / name).rglob("*")}

    before = pictures()
    done = nst(here, studio, *QUICK)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (here / "out.png").exists()
    assert pictures() == before


def test_blend_masks_and_a_beginning_go_along(studio: str, token: str, here: Path) -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "nst", "stylize", "cat.png", "style.png", "cat.png", "-o", "out.png"),
            *("--server", f"{studio}/", *QUICK, "--blend", "3,1", "--mask", "left.png", "right.png"),
            *("--init", "style.png"),
        ],
        cwd=here,
        env=ENVIRONMENT | {"NST_TOKEN": token},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    [job] = asked(studio, token, "/jobs")["jobs"]
    assert [style["weight"] for style in job["styles"]] == pytest.approx([1, 1 / 3])
    assert [region["style"] for region in job["regions"]] == [0, 1]
    assert job["init"] is not None
    one = nst(here, studio, *QUICK, "--mask", "left.png", NST_TOKEN=token)
    assert one.returncode == 0
    assert asked(studio, token, "/jobs")["jobs"][0]["mask"] is not None


def test_interrupted_it_stops_the_painting_and_keeps_it(studio: str, token: str, here: Path) -> None:
    start = command(studio, "--size", 64, "--steps", 9000, "--progress-json", "--token", token)
    with subprocess.Popen(
        start, cwd=here, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        for _ in range(3):
            process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, error = process.communicate(timeout=60)
    assert process.returncode == 130
    assert error.count("\n") == 1
    assert "out.png" in error
    assert images.read(here / "out.png", field="file").pixels.shape[1] == 64
    assert asked(studio, token, "/jobs")["jobs"][0]["state"] == "cancelled"


@pytest.fixture
def order(here: Path) -> remote.Order:
    pictures = {"content": here / "cat.png", "styles": [here / "style.png"]}
    return remote.Order(**pictures, options=Options(size=64, steps=12), blend=[1.0], masks=[], init=None)


def test_interrupted_when_it_is_finished_it_is_had(
    studio: str, token: str, order: remote.Order, tmp_path: Path
) -> None:
    shown = []

    def show(step: remote.Step) -> None:
        shown.append(step.index)
        wait_until(lambda: asked(studio, token, "/jobs")["jobs"][0]["state"] == "done")
        if step.index == 1:
            raise KeyboardInterrupt

    assert remote.paint(studio, token, order, tmp_path / "out.png", show) == 0
    assert shown == list(range(1, 13))
    assert images.read_settings((tmp_path / "out.png").read_bytes())["steps_done"] == 12


@pytest.mark.parametrize("has_token", [False, True])
def test_what_cannot_be_written_stays_there_and_can_be_had_later(
    studio: str,
    token: str,
    order: remote.Order,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    has_token: bool,
) -> None:
    monkeypatch.delenv("NST_TOKEN", raising=False)
    output = tmp_path / "no folder" / "out.png"
    assert remote.paint(studio, token if has_token else None, order, output, lambda step: None) == 1
    [line] = capsys.readouterr().err.splitlines()
    assert "No such file" in line
    *_, kind, key, _, file, address = shlex.split(line.partition("curl ")[2])
    assert Path(file) == output
    if has_token:
        key = key.replace("$NST_TOKEN", token)
    name, _, value = (key if kind == "-H" else f"Cookie: {key}").partition(": ")
    picture = requests.get(address, headers={name: value}, timeout=PATIENCE)
    assert images.read_settings(picture.content)["steps_done"] == 12


def test_pictures_are_saved_as_they_come(studio: str, token: str, here: Path) -> None:
    done = nst(here, studio, "--size", 900, "--steps", 240, "--save-every", 40, "frames", "--token", token)
    assert (done.returncode, done.stderr) == (0, "")
    names = sorted(path.name for path in (here / "frames").iterdir())
    assert len(names) >= 3
    assert names[-1] == "000240.png"
    numbers = [int(Path(name).stem) for name in names]
    assert all(one // 40 < other // 40 for one, other in pairwise(numbers))
    for number, name in zip(numbers, names, strict=True):
        frame = images.read(here / "frames" / name, field="file").pixels
        assert frame.shape == (576, 768, 3)
        assert frame.mean() == pytest.approx(number, abs=0.6), "the step is told by the shade"


def test_pictures_that_cannot_be_saved_do_not_cost_the_painting(studio: str, here: Path) -> None:
    (here / "frames" / "000012.png").mkdir(parents=True)
    done = nst(here, studio, *QUICK, "--save-every", 12, "frames")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "frames: " in done.stderr
    assert images.read_settings((here / "out.png").read_bytes())["steps_done"] == 12


def test_a_picture_that_is_not_one_stops_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    studio = SimpleNamespace(
        events=lambda path: iter([("preview", {"seq": 1})]), fetched=lambda path: b"<html>"
    )
    with Frames(1, tmp_path) as frames:
        monkeypatch.setattr(frames, "is_due", lambda index: True)
        remote._Watch(studio, print, frames).follow("job")
    assert list(tmp_path.iterdir()) == []


def test_a_stream_that_breaks_off_is_taken_up_again(studio: str, token: str, here: Path) -> None:
    with breaking(studio, blocks=3) as address:
        done = nst(here, address, "--size", 64, "--steps", 60, "--progress-json", "--token", token)
    assert (done.returncode, done.stderr) == (0, "")
    lines = [json.loads(line)["step"] for line in done.stdout.splitlines()]
    assert lines == list(range(1, 61))


BAD = {
    "a size": (("--size", 1_000_000), "--size"),
    "a token": (("--token", "nst_unknown"), "--token"),
    "a picture": (("--init", "words.png"), "words.png"),
    "a number of steps": (("--save-every", "two", "frames"), "--save-every"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_is_one_line_that_names_it_and_status_2(studio: str, here: Path, case: str) -> None:
    more, name = BAD[case]
    done = nst(here, studio, *more)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert name in done.stderr
    assert not (here / "out.png").exists()


def test_no_address_is_bad_usage(here: Path) -> None:
    done = nst(here, "paint.example")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "--server" in done.stderr


def test_nobody_there_is_one_line_and_status_1(here: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"http://127.0.0.1:{taken.getsockname()[1]}"
    done = nst(here, address)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert address in done.stderr
    assert not (here / "out.png").exists()


@contextmanager
def breaking(studio: str, blocks: int) -> Iterator[str]:
    """A proxy before the studio that breaks off every event stream after a few blocks of it."""
    port = int(studio.rpartition(":")[2])
    listening = socket.create_server(("127.0.0.1", 0))

    def carry(source: socket.socket, sink: socket.socket, most: int | None = None) -> None:
        count = 0  # of blocks, from the head of the stream on
        with suppress(OSError):
            while (most is None or count < most) and (data := source.recv(4096)):
                sink.sendall(data)
                count += b"event-stream" in data or count > 0
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def pair(client: socket.socket) -> None:
        with client, socket.create_connection(("127.0.0.1", port)) as server:
            asking = threading.Thread(target=carry, args=(client, server))
            asking.start()
            carry(server, client, blocks)
            asking.join(PATIENCE)

    def serve() -> None:
        with suppress(OSError):  # when it is closed
            while True:
                pairs.append(threading.Thread(target=pair, args=(listening.accept()[0],)))
                pairs[-1].start()

    pairs: list[threading.Thread] = []
    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        for one in pairs:
            one.join(PATIENCE)
