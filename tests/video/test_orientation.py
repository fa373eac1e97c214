"""The eight ways in which a picture can be stored."""

import numpy as np
import pytest

from nst.video.orientation import Orientation

PICTURE = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3)
ONE = 1 << 16


class Frame:
    def __init__(self, a=0, b=0, c=0, d=0):
        matrix = np.array([a, b, 0, c, d, 0, 0, 0, 1 << 30], np.int32)
        self.side_data = {"DISPLAYMATRIX": matrix.tobytes()}


@pytest.mark.parametrize(
    ("matrix", "upright"),
    [
        ({"a": ONE, "d": ONE}, PICTURE),
        ({"a": -ONE, "d": ONE}, PICTURE[:, ::-1]),
        ({"a": ONE, "d": -ONE}, PICTURE[::-1]),
        ({"a": -ONE, "d": -ONE}, np.rot90(PICTURE, 2)),
        ({"b": ONE, "c": -ONE}, np.rot90(PICTURE, -1)),  # a phone held upright
        ({"b": -ONE, "c": ONE}, np.rot90(PICTURE)),
        ({"b": ONE, "c": ONE}, PICTURE.swapaxes(0, 1)),
        ({"b": -ONE, "c": -ONE}, np.rot90(PICTURE, 2).swapaxes(0, 1)),
        ({"a": ONE - 900, "b": 3000, "c": -3000, "d": ONE - 900}, PICTURE),  # nearly level
    ],
)
def test_a_picture_is_turned_upright(matrix, upright):
    orientation = Orientation.of(Frame(**matrix))
    assert np.array_equal(orientation.upright(PICTURE), upright)
    assert orientation.shown(3, 2) == upright.shape[1::-1]


def test_without_a_matrix_it_is_upright_already():
    frame = Frame()
    frame.side_data = {}
    assert Orientation.of(frame) == Orientation()
    assert np.array_equal(Orientation().upright(PICTURE), PICTURE)
