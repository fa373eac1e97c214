"""Where the style goes: a mask that is painted over the photograph or brought as a file.

A mask remembers the photograph that it was made for (`of`) and goes with it: see `fits`.
"""

import asyncio
import time

from dash import ClientsideFunction, Dash, Input, Output, State, ctx, dcc, html, no_update
from dash.development.base_component import Component

from components import ids, painter, pictures
from nst.api.clients import current_client
from nst.jobs.studio import Studio

ANOTHER = "The photograph was changed meanwhile, so what was made for the one before was left out."
BLACK = "The mask is black all over, so nothing would be painted. Choose one with some white."


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
            painter.dialog(ids.MASK_MODAL, ids.MASK_OPENED, "Where should the style go?"),
            dcc.Store(id=ids.MASK, storage_type="session"),
            dcc.Store(id=ids.MASK_INTAKE),
            dcc.Store(id=ids.MASK_PAINTED),
        ],
        id=ids.MASK_FOLD,
        className="fold",
    )


def in_use() -> html.P:
    """Said beside Start, so that no mask is at work unseen."""
    return html.P(
        [
            "Only the masked part is painted. ",
            html.Button(
                "Remove the mask", id=ids.MASK_REMOVE_HERE, type="button", className="btn btn-link btn-sm"
            ),
        ],
        id=ids.MASK_IN_USE,
        hidden=True,
        className="hint mask-in-use",
    )


def register(app: Dash, studio: Studio) -> None:
    _register_taking(app, studio)
    _register_leaving(app)
    _register_view(app)


def _register_taking(app: Dash, studio: Studio) -> None:
    app.clientside_callback(
        ClientsideFunction("pentimento", "takenNotes"),
        Output(ids.MASK_NOTES, "children"),
        Input(ids.MASK_INTAKE, "data"),
        Input(ids.MASK_PAINTED, "data"),
        prevent_initial_call=True,
    )

    @app.callback(
        Output(ids.MASK, "data"),
        Output(ids.MASK_NOTES, "children", allow_duplicate=True),
        Output(ids.MASK_MODAL, "is_open", allow_duplicate=True),
        Output(ids.PARTS_CHANGED, "data"),
        Input(ids.MASK_INTAKE, "data"),
        Input(ids.MASK_PAINTED, "data"),
        State(ids.CONTENT, "data"),
        running=pictures.ARRIVES,
        prevent_initial_call=True,
    )
    async def take_mask(brought, painted, content):
        is_painted = ctx.triggered_id == ids.MASK_PAINTED
        mask = pictures.from_intake(painted if is_painted else brought)
        if mask is None:
            return no_update, no_update, no_update, no_update
        if not content:
            return no_update, [pictures.refusal("Choose a photograph first.")], no_update, no_update
        if is_painted and painted["of"] != content["id"]:
            return no_update, [pictures.refusal(ANOTHER)], False, no_update
        if not is_painted and await asyncio.to_thread(_is_black, studio, current_client(), mask["id"]):
            return no_update, [pictures.refusal(BLACK)], no_update, no_update
        notes = no_update if is_painted else (resized(mask, content) or no_update)
        return {**mask, "of": content["id"]}, notes, False, time.time()


def _register_leaving(app: Dash) -> None:
    leaves = (
        Output(ids.MASK, "data", allow_duplicate=True),
        Output(ids.MASK_NOTES, "children", allow_duplicate=True),
    )
    app.clientside_callback(
        ClientsideFunction("pentimento", "keepMask"),
        *leaves,
        Output(ids.MASK_MODAL, "is_open", allow_duplicate=True),
        Input(ids.CONTENT, "data"),
        State(ids.MASK, "data"),
        State(ids.MASK_MODAL, "is_open"),
        State(ids.MASK_OPENED, "children"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("pentimento", "removeMask"),
        *leaves,
        Output(ids.PARTS_CHANGED, "data", allow_duplicate=True),
        Input(ids.MASK_REMOVE, "n_clicks"),
        Input(ids.MASK_REMOVE_HERE, "n_clicks"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("pentimento", "tellMask"),
        Output(ids.MASK_IN_USE, "hidden"),
        Input(ids.MASK, "data"),
    )


def _register_view(app: Dash) -> None:
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
        return True, canvas(content, mask), None


def fits(mask: dict | None, content: dict | None) -> bool:
    """Whether this mask was made for this photograph."""
    return bool(mask and content and mask.get("of") == content["id"])


def resized(mask: dict, content: dict) -> list[html.P]:
    """A word about a mask whose size is not the photograph's."""
    sizes = [f"{picture['width']} × {picture['height']}" for picture in (mask, content)]
    if sizes[0] == sizes[1]:
        return []
    words = f"The mask has {sizes[0]} pixels, the photograph {sizes[1]}: the mask is resized to fit."
    return [html.P(words, className="note")]


def _is_black(studio: Studio, owner: str, image: str) -> bool:
    return not studio.grey(owner, image).any()


def canvas(content: dict, mask: dict | None) -> html.Div:
    return painter.canvas(ids.MASK_PAINTED, content, mask, words="mask")


def mask_view(mask: dict | None) -> Component | None:
    return html.Img(src=mask["thumbnail"], alt="The mask: white is painted") if mask else None
