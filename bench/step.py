"""One loss and gradient beside those of PyTorch peers: by turns, in one sitting, on the same pictures.

Each painter is a process that waits between its turns, so that all of them meet the machine in the same mood.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import IO

from rich.console import Console
from rich.table import Table

from bench import pictures
from bench.children import ROOT
from bench.peers import environment

SIZE = 512
ROUNDS = 15
OURS = ("bfloat16", "float32")
PEERS = ("pastiche", "plain")
TARGETS = {"bfloat16": 2.2, "float32": 1.15}


def report(console: Console, size: int = SIZE, rounds: int = ROUNDS) -> None:
    """Prints the median seconds of each painter's gradient, and how much faster ours are."""
    with tempfile.TemporaryDirectory() as scratch, ExitStack() as stack:
        folder = Path(scratch)
        pair = [
            pictures.written(pictures.photograph(size), folder / "content.png"),
            pictures.written(pictures.painting(size), folder / "style.png"),
        ]
        stored = environment.weights_for_peers(folder / "weights.npz")
        commands: dict[str, list[str | Path]] = {
            ours: [sys.executable, "-m", "bench.step", str(size), ours] for ours in OURS
        }
        for peer in PEERS:
            commands[peer] = [environment.python(), "-m", "bench.peers.steps", peer, *pair, stored]
        painters = {name: stack.enter_context(_Painter.at_work(commands[name])) for name in commands}
        laps: dict[str, list[float]] = {name: [] for name in painters}
        for _ in range(rounds):
            for name, painter in painters.items():
                painter.step()  # takes the processor's caches back from the one before
                laps[name].append(painter.step())
    seconds = {name: median(taken) for name, taken in laps.items()}
    table = Table(title=f"One loss and gradient at {size}x{size * 3 // 4}, medians of {rounds} turns")
    for column in ("painter", "s", "spread, s", *(f"times {peer}'s speed" for peer in PEERS), "target"):
        table.add_column(column, justify="left" if column == "painter" else "right")
    for name, taken in laps.items():
        table.add_row(
            f"ours, {name}" if name in OURS else f"{name}, PyTorch float32",
            f"{seconds[name]:.3f}",
            f"{min(taken):.3f} to {max(taken):.3f}",
            *(f"{seconds[peer] / seconds[name]:.2f}" if name in OURS else "" for peer in PEERS),
            f"{TARGETS[name]:g}" if name in TARGETS else "",
        )
    console.print(table)


class _Painter:
    """A process that answers every line with the seconds of a gradient."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdin
        assert process.stdout
        self._asked: IO[str] = process.stdin
        self._answers: IO[str] = process.stdout
        if self._answers.readline().strip() != "ready":
            raise RuntimeError(f"{process.args} did not begin; it says why above")

    @classmethod
    @contextmanager
    def at_work(cls, command: list[str | Path]) -> Iterator["_Painter"]:
        process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        with process:
            try:
                yield cls(process)
            finally:
                process.terminate()

    def step(self) -> float:
        print(file=self._asked, flush=True)
        return float(self._answers.readline())


def _answer(size: int, precision: str) -> None:
    from bench.gradient import evaluation

    picture, evaluate = evaluation(size, precision)  # type: ignore[arg-type]
    evaluate(picture)
    print("ready", flush=True)
    for _ in sys.stdin:
        began = time.perf_counter()
        evaluate(picture)
        print(time.perf_counter() - began, flush=True)


if __name__ == "__main__":
    _answer(int(sys.argv[1]), sys.argv[2])
