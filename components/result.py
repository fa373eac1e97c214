"""What to do with a painting: take it home, or hold it against the photograph."""

import dash_bootstrap_components as dbc
from dash import html

from components import ids


def layout() -> html.Div:
    return html.Div(
        [
            html.Div(
                [
                    html.Label(
                        "Photograph", htmlFor=ids.COMPARE, title="Draw the photograph over the painting"
                    ),
                    dbc.Input(id=ids.COMPARE, type="range", min=0, max=100, step=1, value=0),
                ],
                className="compare",
            ),
            html.A("Download PNG", id=ids.DOWNLOAD, href="", download="", className="btn btn-primary"),
        ],
        className="result",
    )
