import pytest
from pydantic import ValidationError

from nst.jobs.models import JobSpec
from nst.jobs.steering import Change, LiveOptions, Region, Steering, in_force
from nst.options import LIVE, Options

SPEC = JobSpec.model_validate({"content": "a", "styles": [{"image": "b"}, {"image": "c"}], "mask": "m"})


def test_the_live_options_are_those_that_the_engine_takes() -> None:
    assert LiveOptions.model_fields.keys() == set(LIVE)
    for name, field in LiveOptions.model_fields.items():
        assert field.annotation == Options.model_fields[name].annotation
        assert field.metadata == Options.model_fields[name].metadata


@pytest.mark.parametrize(
    ("options", "kind"),
    [
        ({"size": 64}, "not_live"),
        ({"seed": 1}, "not_live"),
        ({"nonsense": 1}, "extra_forbidden"),
        ({"steps": 0}, "greater_than_equal"),
        ({"style_weight": float("nan")}, "finite_number"),
        ({"style_weight": None}, "float_type"),
    ],
)
def test_an_option_that_cannot_change_is_named(options: dict, kind: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Steering.model_validate({"options": options})
    (error,) = refused.value.errors()
    assert (error["type"], error["loc"]) == (kind, ("options", *options))


@pytest.mark.parametrize("weights", [[], [0, 0], [-1], [1] * 5])
def test_a_blend_weighs_something(weights: list[float]) -> None:
    with pytest.raises(ValidationError):
        Steering(weights=weights)


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"mask": None},
        {"guides": None},
        {"guides": ["g", None]},
        {"options": {"steps": 7}, "weights": [1.0, 2.0]},
        {"regions": [{"mask": "r", "style": 1}, {"mask": "s", "style": None}]},
    ],
)
def test_only_what_was_asked_for_is_written_and_read_again(asked: dict) -> None:
    steering = Steering.model_validate(asked)
    assert steering.model_dump(mode="json") == asked
    assert steering.at(3).model_dump(mode="json") == asked | {"after": 3}
    assert Change.model_validate(asked | {"after": 3}) == steering.at(3)
    spec = SPEC.model_copy(update={"changes": [steering.at(3)]})
    assert JobSpec.model_validate(spec.model_dump(mode="json")) == spec


def test_a_change_leaves_alone_what_it_does_not_name() -> None:
    changed = SPEC.changed(Steering(options={"style_weight": 3.0}, weights=[0, 2]))
    assert changed.options == Options(style_weight=3.0)
    assert [style.weight for style in changed.styles] == [0, 2]
    assert changed.mask == "m"
    assert SPEC.changed(Steering(mask=None)).mask is None
    assert SPEC.changed(Steering(regions=[Region(mask="r")])).regions == [Region(mask="r", style=None)]
    assert SPEC.changed(Steering(regions=None)).regions == []


def test_of_two_changes_the_later_counts_and_the_earlier_stays_where_it_does_not_speak() -> None:
    both = Steering(options={"steps": 7, "tv_weight": 2.0}, mask=None).then(
        Steering(options={"steps": 9}, weights=[1, 2])
    )
    assert both.changed == {"steps": 9, "tv_weight": 2.0, "mask": None, "weights": [1.0, 2.0]}


def test_a_change_is_told_by_name() -> None:
    change = Change(after=5, options={"style_weight": 2.0, "steps": 3}, regions=[Region(mask="r", style=0)])
    assert change.changed == {
        "style_weight": 2.0,
        "steps": 5,  # no run has fewer steps than it has done
        "regions": [{"mask": "r", "style": 0}],
    }
    assert SPEC.changed(change).options.steps == 5


def test_the_changes_in_force_come_in_their_order() -> None:
    changes = [Change(after=step) for step in (9, 3, 5)]
    assert [change.after for change in in_force(changes, 8)] == [3, 5]
