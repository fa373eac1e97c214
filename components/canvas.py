"""The middle of the studio: the picture as it is painted, and the label beside it on the wall."""

from dash import html

from components import gallery, ids, result, views


def layout(samples: list) -> html.Section:
    return html.Section(
        [
            html.Div([_picture(), gallery.welcome(samples)], id=ids.CANVAS, className="canvas"),
            _label(),
            html.Div(id=ids.ANNOUNCER, className="visually-hidden", role="status", **{"aria-live": "polite"}),
        ],
        className="easel",
        **{"aria-label": "The painting"},
    )


def _picture() -> html.Figure:
    """The painting in its frame; the photograph lies over it as far as the slider is drawn."""
    return html.Figure(
        [
            html.Img(id=ids.PICTURE, src="", alt="", className="live-picture"),
            html.Img(id=ids.BEFORE, src="", alt="", className="before-picture", **{"aria-hidden": "true"}),
        ],
        className="frame",
    )


def _label() -> html.Div:
    return html.Div(
        [
            html.Div(
                [
                    html.P(views.EMPTY[ids.STATUS]["children"], id=ids.STATUS, className="wall-status"),
                    html.P(views.EMPTY[ids.DETAIL]["children"], id=ids.DETAIL, className="wall-detail"),
                ]
            ),
            result.layout(),
            html.Progress(
                id=ids.PROGRESS, value="0", max="100", className="run-progress", **{"aria-label": "Progress"}
            ),
        ],
        className="wall-label",
    )
