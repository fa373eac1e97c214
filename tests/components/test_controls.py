from typing import Literal, get_args, get_origin

import pytest
from dash.development.base_component import Component

from components import controls, ids
from nst.errors import Refusal
from nst.options import Options

DEFAULTS = Options()


def parts(component: Component) -> list[Component]:
    return [part for part in component._traverse() if isinstance(part, Component)]


def by_id(component: Component) -> dict[str, Component]:
    return {part.id: part for part in parts(component) if isinstance(getattr(part, "id", None), str)}


@pytest.fixture(scope="module")
def panel() -> Component:
    return controls.layout()


def test_every_option_has_one_labelled_control_with_its_help(panel):
    labels = {part.htmlFor: part.children for part in parts(panel) if part._type == "Label"}
    found = by_id(panel)
    assert set(labels) == {ids.option(name) for name in Options.model_fields}
    for name, field in Options.model_fields.items():
        assert ids.option(name) in found
        assert found[f"{ids.option(name)}-help"].children == field.description


@pytest.mark.parametrize("name", ["size", "steps", "seed"])
def test_number_controls_have_the_options_range_and_default(panel, name):
    control = by_id(panel)[ids.option(name)]
    schema = Options.model_json_schema()["properties"][name]
    assert (control.min, control.max) == (schema["minimum"], schema["maximum"])
    assert control.value == getattr(DEFAULTS, name)


@pytest.mark.parametrize("name", controls.WEIGHTS)
def test_weight_sliders_span_the_options_range_and_start_at_its_default(panel, name):
    control = by_id(panel)[ids.option(name)]
    schema = Options.model_json_schema()["properties"][name]
    assert controls.weight(control.min) == schema["minimum"]
    assert controls.weight(control.max) == schema["maximum"]
    assert controls.weight(control.value) == getattr(DEFAULTS, name)


def test_choices_are_exactly_the_options(panel):
    found = by_id(panel)
    chosen = [name for name, field in Options.model_fields.items() if get_origin(field.annotation) is Literal]
    assert chosen
    for name in chosen:
        control = found[ids.option(name)]
        assert tuple(choice["value"] for choice in control.options) == get_args(
            Options.model_fields[name].annotation
        )
        assert control.value == getattr(DEFAULTS, name)


def test_the_less_common_options_are_folded_away(panel):
    folded = by_id(by_id(panel)[ids.ADVANCED])
    expected = {ids.option(name) for name in Options.model_fields if name not in controls.FRONT}
    assert expected == folded.keys() & {ids.option(name) for name in Options.model_fields}


@pytest.mark.parametrize("weight", [0.0, 0.01, 0.5, 1.0, 2.5, 40.0, 1000.0])
def test_slider_positions_give_the_weight_back(weight):
    assert controls.weight(controls.position(weight)) == pytest.approx(weight, rel=0.02)


def test_controls_and_options_are_inverse():
    options = Options(size=700, steps=80, style_weight=10, tv_weight=0, preserve_color="luminance", seed=9)
    values = controls.values_of(options)
    assert controls.options_from([values[name] for name in controls.NAMES]) == options


def test_a_position_that_arrives_as_text_is_a_number():
    values = controls.values_of(DEFAULTS) | {"style_weight": "1"}
    assert controls.options_from([values[name] for name in controls.NAMES]).style_weight == 10


@pytest.mark.parametrize("bad", [None, "", 31, 4097, 33.5])
def test_an_unusable_size_is_named_with_its_range(bad):
    values = controls.values_of(DEFAULTS) | {"size": bad}
    complaint = controls.complaint([values[name] for name in controls.NAMES])
    assert complaint == "Size takes a whole number from 32 to 4,096."


def test_usable_values_are_not_complained_about():
    values = controls.values_of(DEFAULTS)
    assert controls.complaint([values[name] for name in controls.NAMES]) is None


def test_an_unknown_choice_is_refused():
    values = controls.values_of(DEFAULTS) | {"optimizer": "sgd"}
    with pytest.raises(Refusal) as refusal:
        controls.options_from([values[name] for name in controls.NAMES])
    assert refusal.value.field == "optimizer"


def test_presets_are_possible_and_the_defaults_are_one():
    for preset in controls.PRESETS:
        Options(size=preset.size, steps=preset.steps)
    assert (DEFAULTS.size, DEFAULTS.steps) in [preset[1:] for preset in controls.PRESETS]
