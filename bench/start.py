"""How long a person waits: for a cold process, the first changed picture, and each change of scale."""

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from bench import pictures
from bench.children import ROOT, measured
from bench.server import Client, studio

if TYPE_CHECKING:
    from nst import Step

SIZE = 512
COLD_STARTS = 3
WARM_STARTS = 7
STEPS = 100  # of the run whose scales are timed
# What a scale begins with: the styles' targets, the photograph's, the starting picture's gradient, the rest.
LOSSES = ("style", "content", "gradient", "rest")
MOST_COLD, MOST_WARM, MOST_PER_SCALE = 6.0, 0.7, 0.1  # seconds: the targets


def report(console: Console) -> None:
    """Prints cold starts with their parts, warm starts through the server, and what a new scale costs."""
    table = Table(title=f"To the first changed picture, size {SIZE}")
    for column in ("what", "s, median", "s, worst", "target, s"):
        table.add_column(column, justify="left" if column == "what" else "right")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pair = [
            pictures.written(pictures.photograph(SIZE), folder / "content.png"),
            pictures.written(pictures.painting(SIZE), folder / "style.png"),
        ]
        one = [_one_step(pair, folder) for _ in range(COLD_STARTS)]
        first = [_first_saved(pair, folder) for _ in range(COLD_STARTS)]
    parts = [measured("bench.start", "parts", SIZE) for _ in range(COLD_STARTS)]
    _add(table, "cold process that paints one step at full size and ends", one, MOST_COLD)
    _add(table, "cold process to the first picture of a default run", first, MOST_COLD)
    for part in parts[0]:
        _add(table, f"  of it: {part}", [found[part] for found in parts])
    table.add_section()
    with studio():
        client = Client()
        _add(table, "server start until ready: engine loaded and warm", [client.seconds_to_ready()])
        for size in (256, SIZE):
            starts = []
            for _ in range(1 + WARM_STARTS):
                job, seconds = client.first_picture(size, steps=300)
                client.cancel(job)
                starts.append(seconds)
            _add(table, f"warm server, Start to picture, size {size}, a new painting", starts[:1], MOST_WARM)
            _add(table, f"warm server, Start to picture, size {size}, again", starts[1:], MOST_WARM)
    console.print(table)
    console.print(_scales_table(measured("bench.start", "scales", SIZE)))


def _add(table: Table, what: str, seconds: list[float], target: float | None = None) -> None:
    worst = f"{max(seconds):.2f}" if len(seconds) > 1 else ""
    table.add_row(what, f"{median(seconds):.2f}", worst, "" if target is None else f"{target:g}")


def _scales_table(runs: dict[str, list[dict[str, float]]]) -> Table:
    table = Table(title=f"Seconds lost at the beginning of each scale, beyond its steps, size {SIZE}")
    for column in ("run", "width", "a step", "lost", *(f"of it {part}" for part in LOSSES), "target"):
        table.add_column(column, justify="left" if column == "run" else "right")
    for name, scales in runs.items():
        for scale in scales:
            cells = [f"{scale[part]:.3f}" for part in ("step", "all", *LOSSES)]
            table.add_row(name, f"{scale['width']:.0f}", *cells, f"{MOST_PER_SCALE:g}")
        table.add_section()
    return table


def _stylize(pair: list[Path], folder: Path, *options: object) -> list[str]:
    command = (
        sys.executable,
        "-m",
        "nst",
        "stylize",
        *pair,
        "-o",
        folder / "out.png",
        "--size",
        SIZE,
        *options,
    )
    return [str(part) for part in command]


def _one_step(pair: list[Path], folder: Path) -> float:
    began = time.perf_counter()
    subprocess.run(_stylize(pair, folder, "--steps", 1), cwd=ROOT, check=True)
    return time.perf_counter() - began


def _first_saved(pair: list[Path], folder: Path) -> float:
    """Seconds until a run with default options has its first picture on the disk."""
    saved = folder / "saved"
    shutil.rmtree(saved, ignore_errors=True)
    began = time.perf_counter()
    process = subprocess.Popen(_stylize(pair, folder, "--save-every", 1, saved), cwd=ROOT)
    with process:
        try:
            while not (saved / "000001.png").exists():
                if process.poll() is not None:
                    raise RuntimeError("the run ended without a picture")
                time.sleep(0.005)
            return time.perf_counter() - began
        finally:
            process.terminate()


def _measure_parts(size: int) -> dict[str, float]:
    """Seconds of each part of a cold start, in this process, which must be fresh."""
    laps: dict[str, float] = {}

    def lap(name: str, run: Callable[[], Any]) -> Any:
        began = time.perf_counter()
        result = run()
        laps[name] = time.perf_counter() - began
        return result

    def engine() -> None:
        import nst.engine.transfer  # noqa: F401

    from nst import images, weights

    content, style = pictures.photograph(size), pictures.painting(size)
    lap("TensorFlow and the engine imported", engine)
    lap("weights read from the disk", weights.vgg19)

    from nst import Options, StyleTransfer

    transfer = lap("weights read again and made an engine", StyleTransfer)
    run = transfer.run(content, [style], Options(size=size))
    step = lap("first step of a default run, graphs traced", lambda: next(run))
    lap("the picture encoded", lambda: images.encode_png(step.image))
    again = transfer.run(content, [style], Options(size=size))
    lap("(the same step in a warm engine)", lambda: next(again))
    return laps


def _measure_scales(size: int) -> dict[str, list[dict[str, float]]]:
    """What a run's scales cost beyond their steps: of a first run, and of a second with the same painting.

    The first two steps of a scale hold whatever it costs to begin there; what they take beyond two usual
    ones is lost.
    """
    from nst import Options, StyleTransfer

    content, style = pictures.photograph(size), pictures.painting(size)
    transfer, options = StyleTransfer(), Options(size=size, steps=STEPS)
    for _ in transfer.run(content, [style[::-1]], Options(size=size, steps=STEPS // 10)):
        pass  # traces every graph
    objective = transfer.objective(options)
    clocks = {name: _Clock(getattr(objective, name)) for name in ("style", "content", "evaluate")}
    for name, clock in clocks.items():
        setattr(objective, name, clock)
    return {
        name: [_beginning(laps) for laps in _laps_by_scale(transfer.run(content, [style], options), clocks)]
        for name in ("first run", "second run")
    }


class _Clock:
    """A function that keeps count of the seconds spent in it."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self.seconds = 0.0

    def __call__(self, *arguments: Any) -> Any:
        began = time.perf_counter()
        try:
            return self._function(*arguments)
        finally:
            self.seconds += time.perf_counter() - began

    def taken(self) -> float:
        """The seconds since it was asked last."""
        seconds, self.seconds = self.seconds, 0.0
        return seconds


def _laps_by_scale(run: "Iterator[Step]", clocks: dict[str, _Clock]) -> list[list[dict[str, float]]]:
    """Seconds of every step, and in it of every clock, scale by scale."""
    scales: dict[int, list[dict[str, float]]] = defaultdict(list)
    before = time.perf_counter()
    for step in run:
        now = time.perf_counter()
        lap = {"width": float(step.width), "all": now - before}
        scales[step.scale].append(lap | {name: clock.taken() for name, clock in clocks.items()})
        before = now
    return list(scales.values())


def _beginning(laps: list[dict[str, float]]) -> dict[str, float]:
    step, gradient = (median(lap[name] for lap in laps[2:]) for name in ("all", "evaluate"))
    first = {name: sum(lap[name] for lap in laps[:2]) for name in laps[0]}
    lost = {
        "style": first["style"],
        "content": first["content"],
        "gradient": first["evaluate"] - 2 * gradient,
        "all": first["all"] - 2 * step,
    }
    rest = 2 * lost["all"] - sum(lost.values())
    return {"width": laps[0]["width"], "step": step, "rest": rest} | lost


if __name__ == "__main__":
    measure = {"parts": _measure_parts, "scales": _measure_scales}[sys.argv[1]]
    print(json.dumps(measure(int(sys.argv[2]))))
