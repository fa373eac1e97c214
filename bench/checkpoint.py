"""What a checkpoint writes, how long that takes, and what of the disk and the time it comes to."""

import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np
from rich.console import Console
from rich.table import Table

SIZES = (512, 1024, 2048, 4096)
TIMES = 5


def report(console: Console) -> None:
    """Prints bytes and seconds of a checkpoint by size, photographs being 4 to 3."""
    from nst.engine.checkpoint import Checkpoint
    from nst.jobs.painters import painting

    table = Table(title="Checkpoints, flushed to the disk")
    for column in ("long side", "MB", "s, median", "every, s", "MB/s at most", "share of time"):
        table.add_column(column, justify="right")
    with tempfile.TemporaryDirectory() as name:
        for size in SIZES:
            picture = np.random.default_rng(0).uniform(0, 255, (size * 3 // 4, size, 3)).astype(np.float32)
            taken = [_written(Path(name), Checkpoint(1, picture)) for _ in range(TIMES)]
            size_mb, seconds = taken[0][0] / 1e6, median(one for _, one in taken)
            wished = max(painting.CHECKPOINT_SECONDS, seconds / painting.SHARE_OF_TIME)
            apart = min(wished, painting.MOST_SECONDS)
            row = (size_mb, seconds, apart, size_mb / apart)
            table.add_row(f"{size}", *(f"{value:.2f}" for value in row), f"{seconds / apart:.1%}")
    console.print(table)


def _written(folder: Path, checkpoint: "object") -> tuple[int, float]:
    """Bytes and seconds of one checkpoint with its picture."""
    from types import SimpleNamespace

    from nst.jobs.filing.files import Folder, job_key
    from nst.jobs.ids import new_id
    from nst.jobs.painters.results import write_progress

    files, job = Folder(folder), new_id()
    image = checkpoint.picture.astype(np.uint8)  # type: ignore[attr-defined]
    step = SimpleNamespace(index=1, checkpoint=lambda: checkpoint)
    began = time.perf_counter()
    write_progress(files, SimpleNamespace(id=job), step, image)  # type: ignore[arg-type]
    taken = time.perf_counter() - began
    size = files.size(job_key(job))
    files.delete(job_key(job))
    return size, taken
