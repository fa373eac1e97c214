import numpy as np
import pytest
from selection.scenes import disc

from nst.selection.contour import Contour
from nst.selection.regions import Regions, regions
from nst.selection.walk import arrival


@pytest.fixture
def scene() -> tuple[Regions, np.ndarray, np.ndarray]:
    pixels, inside = disc()
    found = regions(pixels)
    share = np.bincount(found.labels.ravel(), inside.ravel(), found.count) / found.area
    return found, Contour(found).contrast, share > 0.5


def only(found: Regions, *indices: int) -> np.ndarray:
    chosen = np.zeros(found.count, bool)
    chosen[list(indices)] = True
    return chosen


def test_the_walk_stays_within_the_thing(scene: tuple[Regions, np.ndarray, np.ndarray]) -> None:
    found, contrast, thing = scene
    here = found.at(0.5, 0.5)
    near = arrival(found, contrast, here, only(found, here), only(found))
    assert near[here] == pytest.approx(1, abs=1e-3)
    assert near[thing].min() > near[~thing].max()
    assert near.min() >= 0


def test_what_is_outside_is_never_reached_and_holds_its_surroundings_back(
    scene: tuple[Regions, np.ndarray, np.ndarray],
) -> None:
    found, contrast, thing = scene
    here, there = found.at(0.45, 0.5), found.at(0.6, 0.5)
    assert thing[here]
    assert thing[there]
    free = arrival(found, contrast, here, only(found, here), only(found))
    held = arrival(found, contrast, here, only(found, here), only(found, there))
    assert held[there] < 1e-3
    others = thing.copy()
    others[[here, there]] = False
    assert (held[others] < free[others]).all()
