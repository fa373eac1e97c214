import numpy as np
import pytest
from PIL import Image

from nst.gallery.icon import FOLDER, ICONS, icon


@pytest.mark.parametrize("name", ICONS)
def test_the_committed_icon_is_what_our_code_draws(name: str) -> None:
    side, maskable = ICONS[name]
    with Image.open(FOLDER / name) as picture:
        assert np.array_equal(np.asarray(picture.convert("RGBA")), icon(side, maskable=maskable))


def test_a_maskable_icon_keeps_its_picture_within_the_circle() -> None:
    drawn = icon(200, maskable=True)
    assert (drawn[..., 3] == 255).all()
    rows, columns = np.indices((200, 200)) - 99.5
    outside = np.hypot(rows, columns) > 0.45 * 200
    assert (drawn[outside] == drawn[0, 0]).all()


def test_the_other_icon_has_clear_corners() -> None:
    drawn = icon(200)
    assert drawn[0, 0, 3] == drawn[-1, -1, 3] == 0
    assert drawn[100, 100, 3] == 255
