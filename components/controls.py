"""The options of a painting. Names, ranges, defaults and help come from `nst.options.Options`."""

from collections.abc import Collection, Iterable, Sequence
from math import log10
from typing import Literal, get_args, get_origin

import dash_bootstrap_components as dbc
from annotated_types import Ge, Le
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html
from dash.development.base_component import Component

from components import ids
from nst.options import LIVE, PRESETS, Options, Preset, parse_options

NAMES: tuple[str, ...] = tuple(Options.model_fields)
WEIGHTS = ("style_weight", "content_weight", "tv_weight")
SLIDERS = (*WEIGHTS, "style_scale")
LABELS = {
    "size": "Size",
    "steps": "Epochs",
    "style_weight": "Style weight",
    "content_weight": "Content weight",
    "tv_weight": "Smoothness",
    "style_scale": "Stroke size",
    "preserve_color": "Keep colours",
    "style_loss": "Compare styles by",
    "optimizer": "Optimiser",
    "init": "Start from",
    "seed": "Seed",
    "precision": "Precision",
}
CHOICES = {
    ("preserve_color", "none"): "None",
    ("preserve_color", "luminance"): "Luminance",
    ("preserve_color", "statistics"): "Statistics",
    ("style_loss", "gram"): "Gram matrices",
    ("style_loss", "wasserstein"): "Wasserstein distance",
    ("optimizer", "lbfgs"): "L-BFGS",
    ("optimizer", "adam"): "Adam",
    ("init", "content"): "The photograph",
    ("init", "noise"): "Noise",
    ("precision", "auto"): "Automatic",
    ("precision", "float32"): "float32",
    ("precision", "bfloat16"): "bfloat16",
}
FRONT = ("size", "steps", "style_weight", "content_weight")
DECADES = 3  # a weight slider goes from 10^-3 (where it means 0) to 10^3
DEFAULTS = Options()


def layout() -> html.Section:
    return html.Section(
        [
            _presets(),
            *(control(name) for name in FRONT),
            html.Details(
                [html.Summary("Advanced"), *(control(name) for name in NAMES if name not in FRONT)],
                id=ids.ADVANCED,
                className="fold",
            ),
        ],
        className="panel controls",
        **{"aria-label": "Options"},
    )


def register(app: Dash) -> None:
    app.clientside_callback(
        ClientsideFunction("pentimento", "choosePreset"),
        Output(ids.option("size"), "value"),
        Output(ids.option("steps"), "value"),
        *(Input(ids.preset(preset.name), "n_clicks") for preset in PRESETS),
        State(ids.PRESETS, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("pentimento", "markPreset"),
        *(Output(ids.preset(preset.name), "aria-pressed") for preset in PRESETS),
        Input(ids.option("size"), "value"),
        Input(ids.option("steps"), "value"),
        State(ids.PRESETS, "data"),
    )
    app.clientside_callback(
        ClientsideFunction("pentimento", "readWeights"),
        *(Output(ids.option_readout(name), "children") for name in SLIDERS),
        *(Input(ids.option(name), "value") for name in SLIDERS),
    )
    numbers = [ids.option(name) for name in NAMES if _is_number(name)]
    app.clientside_callback(
        ClientsideFunction("pentimento", "markNumbers"),
        *(Output(number, "invalid") for number in numbers),
        *(Input(number, "value") for number in numbers),
    )
    app.clientside_callback(ClientsideFunction("pentimento", "keepOptions"), *inputs())


# Values: pure, between the controls and Options


def limits(name: str) -> tuple[float, float]:
    """Smallest and largest value of a numeric option."""
    metadata = Options.model_fields[name].metadata
    low = next(bound.ge for bound in metadata if isinstance(bound, Ge))
    high = next(bound.le for bound in metadata if isinstance(bound, Le))
    return low, high


def states() -> list[State]:
    """The controls' values, for a callback that needs the options: in the order of `NAMES`."""
    return [State(ids.option(name), "value") for name in NAMES]


def inputs() -> list[Input]:
    return [Input(ids.option(name), "value") for name in NAMES]


def options_from(values: Sequence[object], among: Collection[str] = NAMES) -> Options:
    """Options from the controls' values, or from those of some. Raises a `Refusal` that names the control."""
    named = zip(NAMES, values, strict=True)
    return parse_options({name: _typed(name, value) for name, value in named if name in among})


def complaint(values: Iterable[object], among: Collection[str] = NAMES) -> str | None:
    """What is wrong with the first of these controls that holds no usable number, as a sentence."""
    for name, value in zip(NAMES, values, strict=True):
        if name in among and _is_number(name) and not _is_whole_within(value, *limits(name)):
            low, high = limits(name)
            return f"{LABELS[name]} takes a whole number from {low:,} to {high:,}."
    return None


def values_of(options: Options) -> dict[str, object]:
    """Where each control stands for these options, by option name."""
    values = options.model_dump()
    return {name: position(value) if name in SLIDERS else value for name, value in values.items()}


def standing(options: Options) -> dict[str, dict[str, object]]:
    """The update that puts every control where these options are."""
    return {ids.option(name): {"value": value} for name, value in values_of(options).items()}


def weight(place: float) -> float:
    """The weight that a slider's position means: powers of ten, and nothing at the left end."""
    return 0.0 if place <= -DECADES else float(f"{10**place:.3g}")


def position(value: float) -> float:
    """Where a weight's slider stands; the inverse of `weight`, to a hundredth of a decade."""
    return -DECADES if value <= 10**-DECADES else round(min(log10(value), DECADES), 2)


def _typed(name: str, value: object) -> object:
    """Browsers send a slider's position now as a number, now as a text."""
    return weight(float(str(value))) if name in SLIDERS else value


def _is_number(name: str) -> bool:
    return name not in SLIDERS and get_origin(Options.model_fields[name].annotation) is not Literal


def _is_whole_within(value: object, low: float, high: float) -> bool:
    return isinstance(value, int | float) and value == int(value) and low <= value <= high


# What is seen


def control(name: str) -> html.Div:
    """One option: label, control and what it does."""
    return html.Div(
        [
            html.Label(LABELS[name], htmlFor=ids.option(name), className="control-label"),
            *_widget(name),
            html.P(Options.model_fields[name].description, id=f"{ids.option(name)}-help", className="hint"),
        ],
        id=ids.option_frame(name),
        className="control control-weight" if name in SLIDERS else "control",
        **({"data-live": name} if name in LIVE else {}),
    )


def _widget(name: str) -> list[Component]:
    value = values_of(DEFAULTS)[name]
    if name in SLIDERS:
        low, high = (position(end) for end in limits(name))
        return [
            html.Output(f"{weight(float(str(value))):g}", id=ids.option_readout(name), className="readout"),
            dbc.Input(id=ids.option(name), type="range", min=low, max=high, step=0.05, value=value),
        ]
    if _is_number(name):
        low, high = limits(name)
        return [dbc.Input(id=ids.option(name), type="number", min=low, max=high, step=1, value=value)]
    choices = get_args(Options.model_fields[name].annotation)
    return [
        dbc.Select(
            id=ids.option(name),
            options=[{"value": choice, "label": CHOICES[name, choice]} for choice in choices],
            value=value,
        )
    ]


def _presets() -> html.Div:
    buttons = [
        html.Button(
            [preset.name, html.Span(id=ids.preset_time(preset.name), className="preset-time")],
            id=ids.preset(preset.name),
            type="button",
            className="preset",
            title=title(preset),
        )
        for preset in PRESETS
    ]
    return html.Div(
        [*buttons, dcc.Store(id=ids.PRESETS, data=[[preset.size, preset.steps] for preset in PRESETS])],
        className="presets",
        role="group",
        **{"aria-label": "Presets"},
    )


def title(preset: Preset, span: str | None = None) -> str:
    """What a preset means, and how long it takes where that is known."""
    means = f"{preset.size} pixels, {preset.steps} epochs"
    return f"{means}: {span}, as earlier runs on this machine have shown" if span else means
