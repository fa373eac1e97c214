from itertools import pairwise

import numpy as np
from selection.scenes import disc

from nst.selection.hierarchy import Hierarchy
from nst.selection.regions import regions


def test_sets_grow_from_one_superpixel_to_the_whole_picture() -> None:
    found = regions(disc()[0])
    leaf = found.at(0.5, 0.5)
    sets = Hierarchy(found).around(leaf)
    assert sets[0].sum() == 1
    assert sets[0][leaf]
    assert sets[-1].all()
    for smaller, larger in pairwise(sets):
        assert (smaller <= larger).all()
        assert larger.sum() > smaller.sum()


def test_one_of_them_is_the_thing() -> None:
    pixels, inside = disc()
    found = regions(pixels)
    overlaps = [
        (members[found.labels] & inside).sum() / (members[found.labels] | inside).sum()
        for members in Hierarchy(found).around(found.at(0.5, 0.5))
    ]
    assert max(overlaps) > 0.9
    assert np.argmax(overlaps) < len(overlaps) - 1
