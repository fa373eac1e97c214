"""How much memory a run will take, so that one that cannot fit is refused before it begins."""

from pathlib import Path

import tensorflow as tf

from nst.errors import Refusal

# Measured as peak resident memory over that of the loaded engine, 256 to 1024 pixels, rounded up:
# the activations of one gradient, and 24 pictures of L-BFGS history.
_BYTES_PER_PIXEL = {tf.bfloat16: 2600, tf.float32: 3900}
_BYTES_IN_ANY_CASE = 250 * 2**20

MEMINFO = Path("/proc/meminfo")
CGROUP = Path("/sys/fs/cgroup")


def needed(width: int, height: int, dtype: tf.DType) -> int:
    """Bytes that a run at this size takes at its peak, beside what the engine holds already."""
    return _BYTES_IN_ANY_CASE + width * height * _BYTES_PER_PIXEL[dtype]


def available() -> int | None:
    """Bytes that this process may still take: of the machine, or of its container; None if unknown."""
    try:
        lines = MEMINFO.read_text().splitlines()
        free = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
    except (OSError, StopIteration, ValueError, IndexError):
        return None
    try:
        limit = int((CGROUP / "memory.max").read_text())  # "max" where there is none
        return min(free, limit - int((CGROUP / "memory.current").read_text()))
    except (OSError, ValueError):
        return free


def refuse_what_cannot_fit(width: int, height: int, dtype: tf.DType) -> None:
    """Raises a `Refusal` that names the largest size that would fit."""
    free = available()
    if free is None or needed(width, height, dtype) <= free:
        return
    size = max(width, height)
    pixels = max(0, free - _BYTES_IN_ANY_CASE) / _BYTES_PER_PIXEL[dtype]
    largest = int(size * (pixels / (width * height)) ** 0.5) // 32 * 32
    advice = f"A size of {largest} fits." if largest >= 32 else "Close other programs and try again."
    raise Refusal(
        "too_little_memory",
        f"A painting of {width}x{height} pixels needs {_gigabytes(needed(width, height, dtype))} of memory, "
        f"and {_gigabytes(free)} are free. {advice}",
        "size",
    )


def _gigabytes(count: int) -> str:
    return f"{max(count, 0) / 1e9:.1f} GB"
