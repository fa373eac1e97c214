import numpy as np
import pytest
from selection.scenes import disc

from nst.selection.regions import regions, unlike


def test_superpixels_cover_the_picture_and_know_its_rim() -> None:
    pixels, _ = disc()
    found = regions(pixels)
    assert found.labels.shape == (150, 200)
    assert np.array_equal(np.unique(found.labels), np.arange(found.count))
    assert found.area.sum() == 150 * 200
    assert found.rim.sum(1).tolist() == [200, 200, 150, 150]
    assert np.allclose(found.looks.sum(1), 1)


def test_borders_are_counted_between_neighbours_only() -> None:
    pixels, _ = disc()
    found = regions(pixels)
    across = (found.labels[:, :-1] != found.labels[:, 1:]).sum()
    down = (found.labels[:-1] != found.labels[1:]).sum()
    assert found.shared.sum() == across + down
    assert (found.first < found.second).all()


def test_superpixels_keep_to_the_edges_of_things_and_edges_are_steep_there() -> None:
    pixels, inside = disc()
    found = regions(pixels)
    share = np.bincount(found.labels.ravel(), inside.ravel(), found.count) / found.area
    assert np.minimum(share, 1 - share).mean() < 0.05
    crossing = (share[found.first] > 0.5) != (share[found.second] > 0.5)
    assert found.edge[crossing].mean() > 3 * found.edge[~crossing].mean()
    looks = unlike(found.looks[found.first], found.looks[found.second])
    assert looks[crossing].mean() > 3 * looks[~crossing].mean()


def test_unlike_is_0_for_the_same_and_1_for_nothing_in_common() -> None:
    one, other = np.array([0.5, 0.5, 0, 0]), np.array([0, 0, 0.25, 0.75])
    assert unlike(one, one) == 0
    assert unlike(one, other) == pytest.approx(1)


@pytest.mark.parametrize(("x", "y"), [(0, 0), (1, 1), (0.999, 0), (0, 1)])
def test_every_corner_belongs_to_a_superpixel(x: float, y: float) -> None:
    found = regions(disc()[0])
    assert found.at(x, y) == found.labels[149 * round(y), 199 * round(x)]
