"""The photograph in the styles that a small network knows by heart, all at a glance (assets/sheet.js)."""

from dash import ClientsideFunction, Dash, Input, Output, dcc, html

from components import ids


def layout() -> html.Details:
    return html.Details(
        [
            html.Summary("See it in 26 styles"),
            html.P(
                "Your photograph in styles that a small network knows by heart: to get ideas from.",
                className="hint",
            ),
            html.Div(id=ids.SHEET_NOTE, className="hint", role="status"),
            html.Div(id=ids.SHEET_VIEW, className="sheet-view"),
            dcc.Store(id=ids.SHEET_PHOTO),
        ],
        id=ids.SHEET,
        className="fold several",
    )


def register(app: Dash) -> None:
    app.clientside_callback(
        ClientsideFunction("pentimento", "sheetOf"),
        Output(ids.SHEET_PHOTO, "data"),
        Input(ids.CONTENT, "data"),
    )
