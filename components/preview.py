"""The preview: what the pictures on the page look like together, in the canvas before Start is pressed.

assets/preview.js asks the API for it as soon as both pictures are there, and again whenever one of them, the
blend or a strength changes; no callback of the studio's is in between.
"""

from dash import ALL, ClientsideFunction, Dash, Input, Output, dcc, html

from components import ids

SIZE = 512  # long side in pixels: a known style at this size is painted within 0.2 s on two cores
WORDS = "A quick look from a fast network. Start paints it in full, and better."


def picture() -> html.Div:
    """Lies over whatever is in the frame; the script puts the preview there."""
    return html.Div(
        [html.Div(id=ids.PREVIEW_PICTURE), html.Span("Preview", className="preview-mark")],
        className="preview-picture",
    )


def label() -> html.Div:
    """Stands in the label on the wall, in the place of the painting's own words."""
    return html.Div(
        [
            html.P("Preview", className="wall-status"),
            html.P(WORDS, id=ids.PREVIEW_WORDS, className="wall-detail", role="status"),
            dcc.Store(id=ids.PREVIEW),
        ],
        className="preview-words",
    )


def register(app: Dash) -> None:
    app.clientside_callback(
        ClientsideFunction("pentimento", "previewOf"),
        Output(ids.PREVIEW, "data"),
        Input(ids.CONTENT, "data"),
        Input(ids.STYLES, "data"),
        Input({"type": "style-weight", "place": ALL}, "value"),
        Input(ids.STRENGTH, "value"),
        Input(ids.option("style_weight"), "value"),
        Input(ids.option("content_weight"), "value"),
        Input(ids.MASK, "data"),
        Input(ids.REGIONS, "data"),
        Input(ids.PAGE, "data-state"),
        Input(ids.PAGE, "data-view"),
        Input(ids.RESULT, "data"),
    )
