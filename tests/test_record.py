"""The settings inside a painting, one shape for command line and API."""

import numpy as np
import pytest

from nst import images
from nst.options import Options, parse_options
from nst.record import recalled, record


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


def test_what_was_recorded_is_recalled_as_it_was_last_changed() -> None:
    options = Options(size=640, steps=80, style_weight=2.5, preserve_color="luminance", seed=7)
    changes = [
        {"after": 3, "options": {"style_weight": 2.0, "tv_weight": 3}, "weights": [1, 1]},
        {"after": 5, "masks": 1, "options": {"style_weight": 0.5}, "weights": None},
    ]
    made = record(options, blend=[3, 1], masks=0, init_picture=False, steps_done=80, changes=changes)
    found = recalled({**made, "strength": 0.75})
    assert found.options == options.model_dump() | {"style_weight": 0.5, "tv_weight": 3}
    assert (found.blend, found.strength) == ([0.5, 0.5], 0.75)
    assert recalled(made).strength is None


@pytest.mark.parametrize(
    "options",
    [
        None,
        7,
        [],
        ["size"],
        {"size": 10**400},
        {"size": "512"},
        {"size": 64.5},
        {"size": True},
        {"size": -1},
        {"steps": 10**9},
        {"style_weight": 10**400},
        {"style_weight": -1},
        {"style_weight": "1"},
        {"style_weight": {"$gt": 0}},
        {"style_scale": 99},
        {"optimizer": "<script>alert(1)</script>"},
        {"preserve_color": ["none"]},
        {"__class__": "x", "model_config": {}, "size ": 64, "\ud7ff": 1},
    ],
)
def test_what_cannot_be_is_dropped_and_takes_nothing_good_with_it(options: object) -> None:
    assert recalled({"options": options}) is None
    if isinstance(options, dict):
        assert recalled({"options": {**options, "seed": 5}}).options == {"seed": 5}


@pytest.mark.parametrize(
    "blend",
    [None, "1", {}, [], [0, 0], [-1, 2], [1] * 5, ["1"], [True], [[1]], [10**400], [2000, 1], [None, 1]],
)
def test_a_blend_that_cannot_be_is_dropped(blend: object) -> None:
    assert recalled({"blend": blend}) is None
    assert recalled({"blend": [3, 1], "changes": [{"weights": blend}]}).blend == [0.75, 0.25]


@pytest.mark.parametrize("strength", [None, "1", True, -0.1, 1.1, 10**400, [0.5]])
def test_a_strength_that_cannot_be_is_dropped(strength: object) -> None:
    assert recalled({"strength": strength}) is None


@pytest.mark.parametrize("changes", [None, 3, {}, "x", [None, 3, [], {"options": {"size": 64}}], [[]] * 9999])
def test_changes_that_cannot_be_are_dropped(changes: object) -> None:
    assert recalled({"changes": changes, "options": {"size": 128}}).options == {"size": 128}


def test_settings_of_another_program_are_none() -> None:
    assert recalled({}) is None
    assert recalled({"prompt": "a castle", "steps": 20, "options": {"sampler": "x"}}) is None
