"""Predicted against measured memory, and how the largest pictures fare: one process a row.

The prediction is what a run is refused by (nst/engine/memory.py) on top of what the loaded engine holds. A
row paints half the size for one step and its own size until the optimiser's history is full.
"""

import json
import resource
import sys
import time
from pathlib import Path
from statistics import median
from typing import get_args

from rich.console import Console
from rich.table import Table

from bench import pictures
from bench.children import measured
from nst.options import Precision

SIZES = (256, 512, 1024, 1536, 2048)
PRECISIONS = ("bfloat16", "float32")
STEPS = 16  # two more than the 14 that fill the history: at 12 pairs the last allocations are done
NEAR = 1024  # the size that the largest is compared with
PRINT_SIZE = 4096
PRINT_STEPS = 7  # strips remember 4 pairs
MOST_PRINT_MEMORY = 5e9  # bytes
MOST_OVER, MOST_UNDER = 0.20, 0.05  # of what was measured
SLOWEST = 1.25  # seconds per megapixel-step, over those of NEAR


def report(console: Console, sizes: tuple[int, ...] = SIZES, print_size: int = PRINT_SIZE) -> None:
    """Prints a row a size and precision, and the largest picture beside one of an ordinary size."""
    table = Table(title="Peak memory of a run, predicted and measured")
    for column in ("size", "precision", "predicted, MB", "measured, MB", "predicted over measured", "within"):
        table.add_column(column, justify="right")
    rows = {}
    for precision in PRECISIONS:
        for size in sizes:
            row = rows[size, precision] = measured("bench.memory", size, STEPS, precision)
            over = row["predicted"] / row["measured"] - 1
            table.add_row(
                f"{row['width']}x{row['height']}",
                precision,
                f"{row['predicted'] / 1e6:.0f}",
                f"{row['measured'] / 1e6:.0f}",
                f"{over:+.0%}",
                "yes" if -MOST_UNDER <= over <= MOST_OVER else "NO",
            )
    console.print(table)
    near = rows.get((NEAR, PRECISIONS[0])) or measured(
        "bench.memory", min(NEAR, print_size), STEPS, PRECISIONS[0]
    )
    far = measured("bench.memory", print_size, PRINT_STEPS, PRECISIONS[0])
    table = Table(title=f"Print size, {PRECISIONS[0]}")
    for column in (
        "size",
        "peak memory, GB",
        "predicted, GB",
        "s a step",
        "s a megapixel-step",
        "ratio",
        "target",
    ):
        table.add_column(column, justify="right")
    for row in (near, far):
        last = row is far
        table.add_row(
            f"{row['width']}x{row['height']}",
            f"{row['measured'] / 1e9:.2f}" + (f" of {MOST_PRINT_MEMORY / 1e9:g}" if last else ""),
            f"{row['predicted'] / 1e9:.2f}",
            f"{row['step']:.2f}",
            f"{_per_megapixel(row):.2f}",
            f"{_per_megapixel(row) / _per_megapixel(near):.2f}",
            f"{SLOWEST:g}" if last else "",
        )
    console.print(table)


def _per_megapixel(row: dict[str, float]) -> float:
    return row["step"] / (row["width"] * row["height"] / 1e6)


def _measure(size: int, steps: int, precision: Precision) -> dict[str, float]:
    """Bytes and seconds of a run with `steps` steps, all but one of them at the finest scale."""
    from nst import Options, StyleTransfer, schedule
    from nst.engine import memory

    schedule.COARSEST, schedule.SHRINK = size // 2, float(steps)
    transfer, options = StyleTransfer(), Options(size=size, steps=steps, precision=precision)
    dtype = transfer.objective(options).dtype
    loaded = _resident()
    content, style = pictures.photograph(size), pictures.painting(size)
    laps, before, last = [], time.perf_counter(), None
    for step in transfer.run(content, [style], options):
        laps.append(time.perf_counter() - before)
        before, last = time.perf_counter(), step
    assert last is not None
    return {
        "width": last.width,
        "height": last.height,
        "step": median(laps[3:]),  # without the coarse one, and the first two, which also begin the scale
        "predicted": loaded + memory.needed(last.width, last.height, dtype),
        "measured": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }


def _resident() -> int:
    """Bytes of this process that lie in memory now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


if __name__ == "__main__":
    wanted = next(precision for precision in get_args(Precision) if precision == sys.argv[3])
    print(json.dumps(_measure(int(sys.argv[1]), int(sys.argv[2]), wanted)))
