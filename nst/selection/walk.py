"""Where a walker from each superpixel arrives first: at what was clicked, or out of the picture.

Random walker segmentation (Grady 2006) on superpixels instead of pixels: a few hundred unknowns, a few
milliseconds. The rim of the picture stands for the background as far as it does not look like what was
clicked.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, diags
from scipy.sparse.linalg import splu

from nst.selection.regions import Floats, Regions, unlike

_RELUCTANCE = 6.0  # how much contrast keeps the walker from crossing a border
Pull = tuple[float, float, float, float]  # of the picture's top, bottom, left and right
THING_RIM: Pull = (0.3, 0.03, 0.3, 0.3)  # things stand on the bottom
SKY_RIM: Pull = (0.0, 1.0, 0.03, 0.03)
_CERTAIN = 1e6


def arrival(
    regions: Regions,
    contrast: Floats,
    clicked: int,
    inside: NDArray[np.bool_],
    outside: NDArray[np.bool_],
    rim_pull: Pull = THING_RIM,
) -> Floats:
    """(N,) probability, 0..1, that a walker reaches `inside` (N,) before `outside` (N,) or the rim.

    `contrast` (E,) keeps it from crossing borders; the rim pulls where it looks unlike `clicked`.
    """
    count = regions.count
    ease = regions.shared * np.exp(-_RELUCTANCE * contrast)
    rows, columns = (
        np.concatenate([regions.first, regions.second]),
        np.concatenate([regions.second, regions.first]),
    )
    links = coo_matrix((np.concatenate([ease, ease]), (rows, columns)), (count, count))
    strange = unlike(regions.looks, regions.looks[clicked])
    out = (np.array(rim_pull) @ regions.rim) * np.square(strange)
    out[outside] = _CERTAIN
    out[inside] = 0
    held = inside * _CERTAIN
    degrees = np.asarray(links.sum(1)).ravel() + 1e-9
    solution = splu((diags(degrees + out + held) - links).tocsc()).solve(held)
    return np.asarray(np.clip(solution, 0, 1))
