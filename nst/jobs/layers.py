"""From regions that lie over one another to the part of the picture that each style paints."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nst.images import Pixels


def style_masks(
    regions: Sequence[tuple[Pixels, int | None]], styles: int, bound: Pixels | None = None
) -> list[Pixels]:
    """One mask a style, (H, W) uint8, where the regions' masks are all (H, W) uint8.

    Regions are layers, as in any painting program: a later one covers those before it, to the degree that its
    mask is white. So of region i remains m_i * prod(1 - m_j for j > i), and under all of them
    prod(1 - m_j). A region's style, an index below `styles`, paints what remains of it; None leaves the
    photograph there. The styles that no region names paint, blended, what is under all regions; where there
    are none, that stays the photograph too. `bound` multiplies everything.
    """
    masks = [np.zeros(regions[0][0].shape, np.float32) for _ in range(styles)]
    bare = np.ones(regions[0][0].shape, np.float32)  # what no layer looked at so far covers
    for mask, style in reversed(regions):
        covers = _fraction(mask)
        if style is not None:
            masks[style] += covers * bare
        bare *= 1 - covers
    for style in set(range(styles)) - {style for _, style in regions}:
        masks[style] = bare
    within = np.float32(1) if bound is None else _fraction(bound)
    return [np.rint(mask * within * 255).astype(np.uint8) for mask in masks]


def _fraction(mask: Pixels) -> NDArray[np.float32]:
    return mask.astype(np.float32) / np.float32(255)
