"""Mixtures of style vectors: several paintings at once, and less than all of their style."""

from collections.abc import Sequence

import numpy as np


def mixed(
    vectors: Sequence[np.ndarray],
    weights: Sequence[float],
    *,
    own: np.ndarray | None = None,
    strength: float = 1.0,
) -> np.ndarray:
    """One style vector for several, by their relative weights; weaker styles lean to the photograph's own.

    At strength 1 the styles alone count, at 0 only `own`, the vector of the photograph itself; in between the
    line between the two (Ghiasi et al. 2017, section 3.4). Without `own` the strength must be 1.
    """
    mix = np.average(np.stack(vectors), axis=0, weights=weights)
    if own is not None:
        mix = own + strength * (mix - own)
    elif strength != 1:
        raise ValueError("a strength needs the photograph's own vector")
    return mix.astype(np.float32)
