"""Coarse to fine: at which sizes a picture is painted, and how many steps each size gets.

At a small size one step is cheap and the network sees far: the painting's large forms settle there. Each
doubling then only has to add the detail that the smaller size could not hold.
"""

from itertools import accumulate

COARSEST = 64  # long side where painting starts
SHRINK = 0.55  # steps of a scale over steps of the next smaller one
VIEWS = 3  # the picture itself and two from further away
SMALLEST_VIEW = 48  # long side: below it the network's deepest layer sees almost nothing


def sizes(size: int, steps: int) -> list[int]:
    """Long sides in pixels from coarse to fine, the last one `size`.

    Every scale needs a step: with fewer steps than scales the coarsest are left out.
    """
    chosen = [size]
    while chosen[0] >= 2 * COARSEST and len(chosen) < steps:
        chosen.insert(0, round(chosen[0] / 2))
    return chosen


def views(long_side: int) -> int:
    """At how many sizes a picture is judged: its own, that halved, and that halved again."""
    count = 1
    while count < VIEWS and long_side >= 2 * SMALLEST_VIEW:
        long_side = (long_side + 1) // 2
        count += 1
    return count


def ends(scales: int, steps: int, place: int = 0, index: int = 0) -> list[int]:
    """The last step of each scale, coarse to fine.

    With a run under way, which has taken `index` steps and the last of them at scale `place`: what is behind
    it cannot be taken back, and every scale to come gets a step, even when `steps` has become too few.
    """
    last = scales - 1
    steps = max(steps, index + last - place, scales)
    shares = [SHRINK**number for number in range(scales)]
    spare = steps - scales  # one each, the rest by share
    counts = [1 + int(spare * share / sum(shares)) for share in shares]
    planned = list(accumulate(counts))
    planned[-1] = steps
    planned[place] = min(max(planned[place], index), steps - (last - place))
    for number in range(place + 1, scales):
        planned[number] = min(max(planned[number], planned[number - 1] + 1), steps - (last - number))
    return planned
