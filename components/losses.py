"""The loss curves: one line a loss, on a logarithmic scale."""

import json
from collections.abc import Sequence

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html

from components import changes, ids
from components.changes import Told
from components.reading import LOSSES, Step
from components.views import Update
from nst.jobs.models import Job

NAMES = {"total": "Total", "content": "Content", "style": "Style", "tv": "Smoothness"}


def layout() -> html.Section:
    return html.Section(
        [
            html.H2("Loss", className="panel-title"),
            html.P("How far the painting still is from what you asked for, at each step.", className="hint"),
            html.Div(id=ids.LOSSES_PLACE, className="losses-place"),
            html.Ol(id=ids.LOSSES_CHANGES, className="changes", **{"aria-label": "Changes on the way"}),
            dcc.Store(id=ids.LOSSES_POINTS),
            dcc.Store(id=ids.LOSSES_MARKS),
            # Set by assets/rest.js when there is time to fetch what draws the curves.
            dcc.Store(id=ids.LOSSES_AT_REST),
            html.Div(id=ids.LOSSES_WARM_UP, hidden=True),
        ],
        className="panel losses-panel",
        **{"aria-label": "Loss curves"},
    )


def register(app: Dash) -> None:
    """New points are appended to the curves that are there; the whole graph travels once a painting."""
    app.clientside_callback(
        ClientsideFunction("pentimento", "appendPoints"),
        Output(ids.LOSSES_GRAPH, "extendData"),
        Input(ids.LOSSES_POINTS, "data"),
        State(ids.LOSSES_GRAPH, "figure"),
        prevent_initial_call=True,
    )

    app.clientside_callback(
        ClientsideFunction("pentimento", "drawMarks"),
        Output(ids.LOSSES_CHANGES, "children"),
        Input(ids.LOSSES_MARKS, "data"),
        prevent_initial_call=True,
    )

    app.clientside_callback(
        ClientsideFunction("pentimento", "fetchPlotly"),
        Output(ids.LOSSES_WARM_UP, "children"),
        Input(ids.LOSSES_AT_REST, "data"),
        prevent_initial_call=True,
    )


def graph(points: Sequence[Step], steered: Sequence[Told] = ()) -> list[dcc.Graph]:
    """The curves, once there is a point to draw, marked where the painting was steered."""
    if not points:
        return []
    return [
        dcc.Graph(
            id=ids.LOSSES_GRAPH,
            figure=figure(points, steered),
            config={"displayModeBar": False, "responsive": True},
            className="losses-graph",
            style={"height": "100%"},
        )
    ]


def figure(points: Sequence[Step], steered: Sequence[Told] = ()) -> dict[str, object]:
    """The whole figure. Colours come from the style sheet, so that it follows the theme without redrawing."""
    return {
        "data": [
            {
                "type": "scatter",
                "mode": "lines",
                "name": NAMES[loss],
                "x": [point.step for point in points],
                "y": [_drawable(point, loss) for point in points],
                "hovertemplate": "%{y:.3s}",
                "line": {"width": 2.5 if loss == "total" else 1.5, "color": f"var(--loss-{loss})"},
            }
            for loss in LOSSES
        ],
        "layout": {
            "margin": {"l": 44, "r": 8, "t": 4, "b": 28},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "hovermode": "x unified",
            "showlegend": True,
            "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "font": {"size": 12}},
            "xaxis": {"rangemode": "tozero", "fixedrange": True, "nticks": 6, "zeroline": False},
            "yaxis": {"type": "log", "fixedrange": True, "exponentformat": "none", "dtick": 1},
            "uirevision": "kept",
            **marks(steered),
        },
    }


def points(steps: Sequence[Step]) -> str:
    """Points to append, as JSON: written out once for all pages. The browser skips those that it has."""
    x = [step.step for step in steps]
    return json.dumps({"x": x, "y": [[_drawable(step, loss) for step in steps] for loss in LOSSES]})


def changed(job: Job) -> Update:
    """The marks in the chart, and the same in words for the list below it."""
    steered = changes.told(job)
    told = [f"Step {one.step:,}: {one.words}" for one in steered]
    return {ids.LOSSES_MARKS: {"data": {"job": job.id, "told": told, **marks(steered)}}}


def marks(steered: Sequence[Told]) -> dict[str, list[dict[str, object]]]:
    """A line down the chart for each change, and on it the change's number in the list below."""
    line = {"type": "line", "yref": "paper", "y0": 0, "y1": 1, "layer": "below"}
    flag = {"yref": "paper", "y": 1, "yanchor": "top", "showarrow": False, "captureevents": True}
    return {
        "shapes": [{**line, "x0": one.step, "x1": one.step} for one in steered],
        "annotations": [
            {**flag, "x": one.step, "text": str(number), "hovertext": f"Step {one.step:,}: {one.words}"}
            for number, one in enumerate(steered, 1)
        ],
    }


def _drawable(step: Step, loss: str) -> float | None:
    """A loss as a logarithmic axis can show it: zero is a gap."""
    value = step.losses.get(loss, 0.0)
    return value if value > 0 else None
