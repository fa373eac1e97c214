"""The loss curves: one line a loss, on a logarithmic scale."""

from collections.abc import Sequence

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html

from components import ids
from components.reading import LOSSES, Step

NAMES = {"total": "Total", "content": "Content", "style": "Style", "tv": "Smoothness"}


def layout() -> html.Section:
    return html.Section(
        [
            html.H2("Loss", className="panel-title"),
            html.P("How far the painting still is from what you asked for, at each step.", className="hint"),
            dcc.Graph(
                id=ids.LOSSES_GRAPH,
                figure=figure(()),
                config={"displayModeBar": False, "responsive": True},
                className="losses-graph",
                style={"height": "15rem"},
            ),
            dcc.Store(id=ids.LOSSES_POINTS),
        ],
        className="panel losses-panel",
        **{"aria-label": "Loss curves"},
    )


def register(app: Dash) -> None:
    """New points are appended to the curves that are there; the whole figure travels once a painting."""
    app.clientside_callback(
        ClientsideFunction("pentimento", "appendPoints"),
        Output(ids.LOSSES_GRAPH, "extendData"),
        Input(ids.LOSSES_POINTS, "data"),
        State(ids.LOSSES_GRAPH, "figure"),
        prevent_initial_call=True,
    )


def figure(points: Sequence[Step]) -> dict[str, object]:
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
            "yaxis": {"type": "log", "fixedrange": True, "exponentformat": "power", "dtick": 1},
            "uirevision": "kept",
        },
    }


def points(job: str, steps: Sequence[Step]) -> dict[str, object]:
    """Points to append. Some were sent before; the browser skips those it has."""
    return {
        "job": job,
        "x": [step.step for step in steps],
        "y": [[_drawable(step, loss) for step in steps] for loss in LOSSES],
    }


def _drawable(step: Step, loss: str) -> float | None:
    """A loss as a logarithmic axis can show it: zero is a gap."""
    value = step.losses.get(loss, 0.0)
    return value if value > 0 else None
