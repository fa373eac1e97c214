"""The stages of a painting, under it: click one, or go through them with the arrow keys.

The frames are drawn in the browser (assets/filmstrip.js), as it knows which of them is on the easel.
"""

from dash import ClientsideFunction, Dash, Input, Output, html

from components import ids


def layout() -> html.Div:
    return html.Div(
        [
            html.Div(
                id=ids.FILMSTRIP,
                className="filmstrip",
                role="radiogroup",
                **{"aria-label": "How the painting came to be"},
            ),
            html.A(
                "Time-lapse",
                id=ids.TIMELAPSE,
                href="",
                download="",
                title="Download the stages as a film (WebP)",
                className="btn btn-outline-secondary btn-sm timelapse",
            ),
        ],
        className="stages",
    )


def register(app: Dash) -> None:
    app.clientside_callback(
        ClientsideFunction("pentimento", "stageFrames"),
        Output(ids.FILMSTRIP, "children"),
        Input(ids.RESULT, "data"),
    )
