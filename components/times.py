"""How long a painting will take on this machine: beside each preset, and beside Start for what is chosen."""

import asyncio
from collections.abc import Sequence

from dash import ClientsideFunction, Dash, Input, Output, dcc, html

from components import controls, ids, views
from nst.jobs.studio import Studio
from nst.options import Options

MATTERS = ("size", "steps", "optimizer", "style_loss", "precision")
SHAPE = (4, 3)  # of a photograph that is still to be chosen


def layout() -> html.Div:
    return html.Div(
        [
            html.P(id=ids.EXPECTED, className="hint expected-time"),
            dcc.Store(id=ids.TIMES_ASKED),
            dcc.Store(id=ids.TIMES),
        ],
        className="expected",
    )


def register(app: Dash, studio: Studio) -> None:
    @app.callback(
        Output(ids.TIMES, "data"),
        Input(ids.CONTENT, "data"),
        Input(ids.HISTORY_STAMP, "data"),  # a run that is over has told more
        Input(ids.TIMES_ASKED, "data"),
        *(Input(ids.option(name), "value") for name in MATTERS),
    )
    async def tell_times(content, _stamp, _asked, *values):
        return await asyncio.to_thread(times, studio, content, values)

    app.clientside_callback(
        ClientsideFunction("pentimento", "showTimes"),
        *(Output(ids.preset_time(preset.name), "children") for preset in controls.PRESETS),
        *(Output(ids.preset(preset.name), "title") for preset in controls.PRESETS),
        Output(ids.EXPECTED, "children"),
        Input(ids.TIMES, "data"),
    )


def times(studio: Studio, content: dict | None, values: Sequence[object]) -> dict[str, object]:
    """What is said of each preset and of what is chosen, as the browser shows it."""
    width, height = (content["width"], content["height"]) if content else SHAPE
    known = dict(zip(MATTERS, values, strict=True))
    base = Options.model_validate({name: known[name] for name in MATTERS if name not in ("size", "steps")})
    spans = []
    for preset in controls.PRESETS:
        options = base.model_copy(update={"size": preset.size, "steps": preset.steps})
        spans.append(about(studio.expected_seconds(width, height, options)))
    chosen = None
    if content and controls.complaint([known.get(name) for name in controls.NAMES], MATTERS) is None:
        chosen = about(
            studio.expected_seconds(
                width, height, base.model_copy(update={"size": known["size"], "steps": known["steps"]})
            )
        )
    return {
        "presets": spans,
        "titles": [
            controls.title(preset, span) for preset, span in zip(controls.PRESETS, spans, strict=True)
        ],
        "chosen": chosen and f"It takes {chosen} on this machine.",
    }


def about(seconds: float | None) -> str | None:
    """ "about 35 s"; none while unknown."""
    if seconds is None:
        return None
    span = views.duration(seconds)
    return span if span.startswith("less") else f"about {span}"
