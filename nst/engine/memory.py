"""How much memory a run will take, so that one that cannot fit is refused before it begins."""

from pathlib import Path
from typing import NamedTuple

import tensorflow as tf

from nst import images
from nst.errors import Refusal

WHOLE_PIXELS = 2_000_000  # larger pictures are evaluated strip by strip (tiling.py), in far less memory
SPARING_PIXELS = 465_000  # the same where memory is short: from here on strips take less


class _Demand(NamedTuple):
    """Peak resident memory over that of the loaded engine: measured, and rounded up."""

    constant: int  # bytes
    per_pixel: int  # bytes

    def at(self, pixels: float) -> int:
        return self.constant + int(pixels * self.per_pixel)


# Whole: activations of one gradient, and 24 pictures of L-BFGS history; measured from 256 to 1024.
_WHOLE = {tf.bfloat16: _Demand(50 * 2**20, 1650), tf.float32: _Demand(70 * 2**20, 2500)}
# In strips: one strip, what all leave for the way back, 8 pictures of history; at 2048 and 4096, float32 at
# 2048 only.
_STRIPS = {tf.bfloat16: _Demand(660 * 2**20, 290), tf.float32: _Demand(1020 * 2**20, 375)}
# A region under a mask: the style layers' features once more in float32, of the whole picture or of one layer
# of a strip; measured with 4 of them at 512, and in strips at 1024 in bfloat16.
_WHOLE_REGION = {tf.bfloat16: _Demand(0, 300), tf.float32: _Demand(0, 420)}
_STRIPS_REGION = _Demand(130 * 2**20, 12)

MEMINFO = Path("/proc/meminfo")
CGROUP = Path("/sys/fs/cgroup")


def needed(width: int, height: int, dtype: tf.DType, *, regions: int = 0, is_sparing: bool = False) -> int:
    """Bytes that a run at this size takes at its peak, beside what the engine holds already.

    regions: parts of the picture under a mask of their own. is_sparing: whether strips are taken wherever
    they take less.
    """
    pixels = width * height
    is_whole = pixels <= (SPARING_PIXELS if is_sparing else WHOLE_PIXELS)
    demand, more = (_WHOLE[dtype], _WHOLE_REGION[dtype]) if is_whole else (_STRIPS[dtype], _STRIPS_REGION)
    return demand.at(pixels) + regions * more.at(pixels)


def is_short(width: int, height: int, dtype: tf.DType, regions: int = 0) -> bool:
    """Whether a run has to spare memory to fit."""
    free = available()
    return free is not None and needed(width, height, dtype, regions=regions) > free


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


def refuse_what_cannot_fit(width: int, height: int, dtype: tf.DType, regions: int = 0) -> None:
    """Raises a `Refusal` that names the largest size that would fit."""

    def least(size: int) -> int:
        return needed(*images.fitted(width, height, size), dtype, regions=regions, is_sparing=True)

    free, size = available(), max(width, height)
    if free is None or least(size) <= free:
        return
    fitting = (smaller for smaller in range((size - 1) // 32 * 32, 31, -32) if least(smaller) <= free)
    largest = next(fitting, None)
    advice = "Close other programs and try again." if largest is None else f"A size of {largest} fits."
    raise Refusal(
        "too_little_memory",
        f"A painting of {width}x{height} pixels needs {_gigabytes(least(size))} of memory, "
        f"and {_gigabytes(free)} are free. {advice}",
        "size",
    )


def _gigabytes(count: int) -> str:
    return f"{max(count, 0) / 1e9:.1f} GB"
