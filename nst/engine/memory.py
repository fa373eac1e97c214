"""How much memory a run will take, so that one that cannot fit is refused before it begins."""

from pathlib import Path
from typing import NamedTuple

import tensorflow as tf

from nst.errors import Refusal

WHOLE_PIXELS = 2_000_000  # larger pictures are evaluated strip by strip (tiling.py), in far less memory


class _Demand(NamedTuple):
    """Peak resident memory over that of the loaded engine: measured, and rounded up."""

    constant: int  # bytes
    per_pixel: int  # bytes

    def at(self, pixels: float) -> int:
        return self.constant + int(pixels * self.per_pixel)

    def pixels(self, free: int) -> float:
        """The largest picture that `free` bytes have room for."""
        return max(0, free - self.constant) / self.per_pixel


# Whole: activations of one gradient, and 24 pictures of L-BFGS history; measured from 256 to 1024.
_WHOLE = {tf.bfloat16: _Demand(50 * 2**20, 1650), tf.float32: _Demand(70 * 2**20, 2500)}
# In strips: one strip, what all leave for the way back, 8 pictures of history; at 2048 and 4096, float32 at
# 2048 only.
_STRIPS = {tf.bfloat16: _Demand(660 * 2**20, 290), tf.float32: _Demand(1020 * 2**20, 375)}

MEMINFO = Path("/proc/meminfo")
CGROUP = Path("/sys/fs/cgroup")


def needed(width: int, height: int, dtype: tf.DType) -> int:
    """Bytes that a run at this size takes at its peak, beside what the engine holds already."""
    return (_WHOLE if width * height <= WHOLE_PIXELS else _STRIPS)[dtype].at(width * height)


def available() -> int | None:
    """Bytes that this process may still take: of the machine, or of its container; None if unknown."""
    try:
        lines = MEMINFO.read_text().splitlines()
        free = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
    except (OSError, StopIteration, ValueError, IndexError):
        return None
    try:
        limit = int((CGROUP / "memory.max").read_text())  # "max" where there is none
        taken = int((CGROUP / "memory.current").read_text())
        statistics = dict(line.split() for line in (CGROUP / "memory.stat").read_text().splitlines())
        # What files left in the cache counts as taken, and is given up at once.
        return min(free, limit - taken + int(statistics["inactive_file"]))
    except (OSError, ValueError, KeyError):
        return free


def refuse_what_cannot_fit(width: int, height: int, dtype: tf.DType) -> None:
    """Raises a `Refusal` that names the largest size that would fit."""
    free = available()
    if free is None or needed(width, height, dtype) <= free:
        return
    size = max(width, height)
    pixels = min(_WHOLE[dtype].pixels(free), WHOLE_PIXELS)
    if _STRIPS[dtype].pixels(free) > WHOLE_PIXELS:
        pixels = _STRIPS[dtype].pixels(free)
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
