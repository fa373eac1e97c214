"""The settings inside a painting, one shape for command line and API."""

import numpy as np
import pytest

from nst import images
from nst.options import Options, parse_options
from nst.record import record


def test_what_is_recorded_comes_back_from_the_picture_and_paints_it_again() -> None:
    options = Options(size=64, steps=9, style_weight=2.5, init="noise", seed=7)
    made = record(options, blend=[3.0, 1.0], masks=2, init_picture=False, steps_done=4)
    found = images.read_settings(images.encode_png(np.zeros((8, 8, 3), np.uint8), made))
    assert found == made
    assert found.keys() == {
        "options",
        "blend",
        "masks",
        "regions",
        "init",
        "onward",
        "steps_done",
        "changes",
    }
    assert parse_options(found["options"]) == options
    assert (found["masks"], found["init"], found["steps_done"]) == (2, "noise", 4)


@pytest.mark.parametrize(("blend", "shares"), [([7.0], [1.0]), ([3.0, 1.0], [0.75, 0.25]), ([0, 5], [0, 1])])
def test_the_blend_is_kept_as_shares_of_one(blend: list[float], shares: list[float]) -> None:
    assert record(Options(), blend=blend, masks=0, init_picture=False, steps_done=1)["blend"] == shares


def test_a_picture_to_start_from_outranks_the_option() -> None:
    made = record(Options(init="noise"), blend=[1], masks=0, init_picture=True, steps_done=1)
    assert made["init"] == "picture"


def test_what_was_steered_comes_back_too() -> None:
    changes = [{"after": 3, "options": {"style_weight": 2.0}}, {"after": 5, "masks": 1, "regions": 2}]
    made = record(
        Options(),
        blend=[1],
        masks=0,
        init_picture=False,
        steps_done=9,
        regions=3,
        onward=True,
        changes=changes,
    )
    found = images.read_settings(images.encode_png(np.zeros((8, 8, 3), np.uint8), made))
    assert (found["changes"], found["regions"], found["onward"]) == (changes, 3, True)
