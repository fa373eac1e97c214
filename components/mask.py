"""Where the style goes: a mask that is painted over the photograph or brought as a file."""

import dash_bootstrap_components as dbc
from dash import Dash, Input, Output, State, ctx, dcc, html, no_update
from dash.development.base_component import Component

from components import ids, pictures


def layout() -> html.Details:
    return html.Details(
        [
            html.Summary("Paint only a part"),
            html.P("White is painted, black keeps the photograph.", className="hint"),
            html.Div(
                [
                    html.Button(
                        "Paint a mask",
                        id=ids.MASK_PAINT,
                        type="button",
                        className="btn btn-outline-secondary btn-sm",
                    ),
                    html.Button(
                        "Use a picture as mask",
                        id=ids.MASK_CARD,
                        type="button",
                        className="btn btn-outline-secondary btn-sm",
                        **{"data-intake": ids.MASK_INTAKE, "data-intake-filled": "true"},
                    ),
                ],
                className="mask-buttons",
            ),
            html.Div(id=ids.MASK_VIEW, className="mask-view"),
            html.Button(
                "Remove the mask",
                id=ids.MASK_REMOVE,
                type="button",
                hidden=True,
                className="btn btn-link btn-sm",
            ),
            html.Div(id=ids.MASK_NOTES, className="notes", role="status"),
            _painter_dialog(),
            dcc.Store(id=ids.MASK, storage_type="session"),
            dcc.Store(id=ids.MASK_INTAKE),
            dcc.Store(id=ids.MASK_PAINTED),
        ],
        className="fold",
    )


def register(app: Dash) -> None:
    @app.callback(
        Output(ids.MASK, "data"),
        Output(ids.MASK_NOTES, "children"),
        Output(ids.MASK_MODAL, "is_open", allow_duplicate=True),
        Input(ids.MASK_INTAKE, "data"),
        Input(ids.MASK_PAINTED, "data"),
        Input(ids.MASK_REMOVE, "n_clicks"),
        prevent_initial_call=True,
    )
    async def take_mask(brought, painted, _removed):
        if ctx.triggered_id == ids.MASK_REMOVE:
            return None, None, no_update
        taken = painted if ctx.triggered_id == ids.MASK_PAINTED else brought
        mask = pictures.from_intake(taken)
        return mask or no_update, pictures.sentences(taken), no_update if mask is None else False

    @app.callback(
        Output(ids.MASK_VIEW, "children"),
        Output(ids.MASK_REMOVE, "hidden"),
        Input(ids.MASK, "data"),
    )
    async def show_mask(mask):
        return mask_view(mask), not mask

    @app.callback(
        Output(ids.MASK_MODAL, "is_open"),
        Output(ids.MASK_OPENED, "children"),
        Output(ids.MASK_NOTES, "children", allow_duplicate=True),
        Input(ids.MASK_PAINT, "n_clicks"),
        State(ids.CONTENT, "data"),
        State(ids.MASK, "data"),
        prevent_initial_call=True,
    )
    async def open_painter(_clicks, content, mask):
        if not content:
            return no_update, no_update, html.P("Choose a photograph first.", className="note")
        return True, painter(content, mask), None


def painter(content: dict, mask: dict | None) -> html.Div:
    """What the painting script builds itself into."""
    return html.Div(
        **{
            "data-mask-painter": ids.MASK_PAINTED,
            "data-mask-content": content["url"],
            "data-mask-width": str(content["width"]),
            "data-mask-height": str(content["height"]),
            "data-mask-current": mask["url"] if mask else "",
        }
    )


def mask_view(mask: dict | None) -> Component | None:
    return html.Img(src=mask["thumbnail"], alt="The mask: white is painted") if mask else None


def _painter_dialog() -> dbc.Modal:
    return dbc.Modal(
        [
            dbc.ModalHeader(dbc.ModalTitle("Where should the style go?")),
            dbc.ModalBody(id=ids.MASK_OPENED),
        ],
        id=ids.MASK_MODAL,
        is_open=False,
        size="xl",
        fullscreen="lg-down",
        scrollable=True,
    )
