import numpy as np
from selection.scenes import disc

from nst.selection.contour import Contour
from nst.selection.regions import Regions, regions


def thing_and_half(found: Regions, inside: np.ndarray) -> np.ndarray:
    share = np.bincount(found.labels.ravel(), inside.ravel(), found.count) / found.area
    thing = share > 0.5
    middle = np.bincount(found.labels.ravel(), np.indices(inside.shape)[1].ravel(), found.count) / found.area
    return np.array([thing, thing & (middle < inside.shape[1] / 2), np.ones_like(thing)])


def test_a_thing_scores_better_than_half_of_it_and_the_whole_picture_nothing() -> None:
    pixels, inside = disc()
    found = regions(pixels)
    thing, half, everything = Contour(found).scores(thing_and_half(found, inside))
    assert thing > 1.3 * half
    assert half > everything == 0


def test_an_outline_counts_the_same_from_either_side() -> None:
    pixels, inside = disc()
    found = regions(pixels)
    sets = thing_and_half(found, inside)[:2]
    contour = Contour(found)
    assert np.allclose(contour.strength(sets), contour.strength(~sets))
