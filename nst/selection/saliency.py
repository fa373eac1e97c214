"""How much each superpixel stands out from what surrounds it.

Robust background detection (Zhu, Liang, Wei and Sun 2014): what hangs together with much of the picture's
rim, for its size, is background; what differs from background and lies towards the middle is not.
"""

import numpy as np
from scipy.ndimage import mean as mean_by
from scipy.sparse import coo_matrix, diags
from scipy.sparse.csgraph import dijkstra
from scipy.sparse.linalg import splu

from nst.selection.regions import Floats, Regions, unlike

_ALIKE = 0.5  # contrast, summed along the way, within which two superpixels hang together
_RIM_CONNECTED = 1.0  # rim length over the root of the area, from which a part is background
_NEAR = 0.4  # of the picture's side: who counts as surrounding
_MIDDLE = 0.33  # of the picture's side: spread of the prior for the middle
_RELUCTANCE = 4.0
_FLOOR = 0.02  # smoothness between neighbours, however they differ
# Things stand on the bottom rim and are cut off by it more often than by the others.
_RIM = np.array([1.0, 0.35, 1.0, 1.0])


def saliency(regions: Regions, contrast: Floats) -> Floats:
    """(N,) 0..1, given the contrast (E,) along shared borders."""
    count = regions.count
    rows = np.concatenate([regions.first, regions.second])
    columns = np.concatenate([regions.second, regions.first])
    doubled = np.concatenate([contrast, contrast])
    steps = coo_matrix(
        (np.maximum(doubled - np.quantile(contrast, 0.1), 1e-6), (rows, columns)), (count, count)
    )
    together = np.exp(-0.5 * np.square(dijkstra(steps.tocsr()) / _ALIKE))
    rim = _RIM @ regions.rim
    connected = (together @ rim) / np.sqrt(together @ regions.area)
    background = 1 - np.exp(-0.5 * np.square(connected / _RIM_CONNECTED))

    height, width = regions.labels.shape
    y, x = np.mgrid[:height, :width]
    index = np.arange(count)
    place = np.stack(
        [mean_by(x, regions.labels, index) / width, mean_by(y, regions.labels, index) / height], 1
    )
    apart = np.linalg.norm(place[:, None] - place[None], axis=-1)
    differ = unlike(regions.looks[:, None], regions.looks[None])
    surrounding = np.exp(-0.5 * np.square(apart / _NEAR)) * background * regions.area
    stands_out = (differ * surrounding).sum(1) / surrounding.sum(1).clip(1e-9)
    middle = np.exp(-0.5 * np.square(np.linalg.norm(place - [0.5, 0.52], axis=1) / _MIDDLE))
    foreground = stands_out / max(float(stands_out.max()), 1e-9) * middle * (1 - background)

    # The least-squares compromise of both, smooth where neighbours are alike.
    ease = np.exp(-_RELUCTANCE * doubled) + _FLOOR
    links = coo_matrix((ease, (rows, columns)), (count, count))
    system = diags(background + foreground + np.asarray(links.sum(1)).ravel()) - links
    return np.asarray(np.clip(splu(system.tocsc()).solve(foreground), 0, 1))
