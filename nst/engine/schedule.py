"""Coarse to fine: at which sizes a picture is painted, and how many steps each size gets.

At a small size one step is cheap and the network sees far: the painting's large forms settle there. Each
doubling then only has to add the detail that the smaller size could not hold.
"""

from typing import NamedTuple

COARSEST = 64  # long side where painting starts
SHRINK = 0.65  # steps of a scale over steps of the next smaller one


class Scale(NamedTuple):
    """One size of the run: long side in pixels, and its number of steps."""

    size: int
    steps: int


def scales(size: int, steps: int) -> list[Scale]:
    """Scales from coarse to fine, the last one at `size`; their steps add up to `steps`.

    The finest scales are served first: with fewer steps than scales the coarsest are left out.
    """
    sizes = [size]
    while sizes[0] >= 2 * COARSEST and len(sizes) < steps:
        sizes.insert(0, round(sizes[0] / 2))
    shares = [SHRINK**number for number in range(len(sizes))]
    spare = steps - len(sizes)  # one each, the rest by share
    counts = [1 + int(spare * share / sum(shares)) for share in shares]
    counts[-1] += steps - sum(counts)
    return [Scale(*scale) for scale in zip(sizes, counts, strict=True)]
