import numpy as np
from selection.scenes import disc

from nst.selection.contour import Contour
from nst.selection.regions import regions
from nst.selection.saliency import saliency


def test_what_is_in_the_middle_and_unlike_the_rim_stands_out() -> None:
    pixels, inside = disc()
    found = regions(pixels)
    share = np.bincount(found.labels.ravel(), inside.ravel(), found.count) / found.area
    salient = saliency(found, Contour(found).contrast)
    assert salient[share > 0.9].min() > 0.6
    assert salient[share < 0.1].max() < 0.4


def test_nothing_stands_out_of_a_flat_picture() -> None:
    found = regions(np.full((90, 120, 3), 77, np.uint8))
    salient = saliency(found, Contour(found).contrast)
    assert np.isfinite(salient).all()
    assert salient.max() < 0.5
