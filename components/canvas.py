"""The middle of the studio: the picture as it is painted, and the label beside it on the wall."""

import dash_bootstrap_components as dbc
from dash import html

from components import comparison, filmstrip, gallery, group, ids, preview, result, views


def layout(samples: list) -> html.Section:
    return html.Section(
        [
            html.Div([_picture(), gallery.welcome(samples)], id=ids.CANVAS, className="canvas"),
            filmstrip.layout(),
            _label(),
            comparison.layout(),
            group.layout(),
            html.Div(id=ids.ANNOUNCER, className="visually-hidden", role="status", **{"aria-live": "polite"}),
        ],
        className="easel",
        **{"aria-label": "The painting"},
    )


def _picture() -> html.Figure:
    """The painting in its frame; the photograph lies over it as far as its edge is drawn.

    Between the two is room for a stage, or for another strength (assets/filmstrip.js, assets/strength.js).
    """
    return html.Figure(
        [
            html.Img(id=ids.PICTURE, src="", alt="", className="live-picture"),
            html.Div(id=ids.OVER, className="over-picture"),
            html.Img(id=ids.BEFORE, src="", alt="", className="before-picture", **{"aria-hidden": "true"}),
            html.Span(className="compare-edge"),
            html.Label("Photograph over the painting", htmlFor=ids.COMPARE, className="visually-hidden"),
            dbc.Input(
                id=ids.COMPARE, type="range", min=0, max=100, step=1, value=0, class_name="compare-range"
            ),
            preview.picture(),
        ],
        className="frame compared",
    )


def _label() -> html.Div:
    return html.Div(
        [
            html.Div(
                [
                    html.P(views.EMPTY[ids.STATUS]["children"], id=ids.STATUS, className="wall-status"),
                    html.P(views.EMPTY[ids.DETAIL]["children"], id=ids.DETAIL, className="wall-detail"),
                ],
                className="wall-words",
            ),
            preview.label(),
            result.layout(),
            html.Progress(
                id=ids.PROGRESS, value="0", max="100", className="run-progress", **{"aria-label": "Progress"}
            ),
        ],
        className="wall-label",
    )
