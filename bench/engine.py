"""How fast the engine steps, and how much memory it takes: one process a row."""

import json
import resource
import subprocess
import sys
import time
from statistics import median

from rich.console import Console
from rich.table import Table

SIZES = (256, 512)
PRECISIONS = ("bfloat16", "float32")
STEPS = 40  # over all scales; the finest gets about a quarter


def report(console: Console) -> None:
    """Prints seconds a step at the finest scale, and peak memory, for each size and precision."""
    table = Table(title="Engine: L-BFGS steps at the finest scale, a 4:3 photograph")
    for column in ("size", "precision", "s/step", "Mpixel/s", "set up a scale, s", "peak memory, MB"):
        table.add_column(column, justify="right")
    for size in SIZES:
        for precision in PRECISIONS:
            row = _in_a_process(size, precision)
            table.add_row(
                f"{row['width']}x{row['height']}",
                precision,
                f"{row['step']:.3f}",
                f"{row['width'] * row['height'] / row['step'] / 1e6:.2f}",
                f"{row['setup']:.2f}",
                f"{row['memory']:.0f}",
            )
    console.print(table)


def _in_a_process(size: int, precision: str) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.engine", str(size), precision]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    result: dict[str, float] = json.loads(done.stdout)
    return result


def _measure(size: int, precision: str) -> dict[str, float]:
    from skimage import data

    from nst import Options, StyleTransfer

    engine = StyleTransfer()
    content, style = data.astronaut()[: 512 * 3 // 4], data.coffee()
    options = Options(size=size, steps=STEPS, precision=precision)
    before, laps, setups, last = time.perf_counter(), [], [], None
    for step in engine.run(content, [style], options):
        now = time.perf_counter()
        new_scale = last is None or step.scale != last.scale
        if new_scale:
            laps = []
            setups.append(now - before)
        else:
            laps.append(now - before)
        before, last = now, step
    assert last is not None
    return {
        "width": last.width,
        "height": last.height,
        "step": median(laps),
        # The first step of a scale also evaluates the starting picture and the targets.
        "setup": setups[-1] - median(laps),
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


if __name__ == "__main__":
    print(json.dumps(_measure(int(sys.argv[1]), sys.argv[2])))
