"""Regions: up to four parts of the photograph, each with a style of its own, or kept as it is."""

import asyncio
import time

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, dcc, html, no_update

from components import guides, ids, painter, pictures
from components.layers import after, free_key, of_photograph, seen, with_part
from components.mask import ANOTHER
from components.region_views import overview, rows
from nst.api.clients import current_client
from nst.jobs.studio import Studio

RULE = (
    "Where regions overlap, the upper one in the list is seen; what none covers takes the paintings that no "
    "region uses, or stays the photograph."
)
SUGGESTIONS = {"subject": "Subject", "background": "Background", "sky": "Sky"}


def layout() -> html.Details:
    return html.Details(
        [
            html.Summary("Different styles in different places", id=ids.REGIONS_SUMMARY),
            html.Div(id=ids.REGIONS_MAP),
            html.Ul(id=ids.REGIONS_LIST, className="region-list"),
            html.P(RULE, className="hint"),
            _adding(),
            html.Div(id=ids.REGIONS_NOTES, className="notes", role="status"),
            guides.layout(),
            painter.dialog(ids.REGION_MODAL, ids.REGION_OPENED, "What belongs to the region?"),
            dcc.Store(id=ids.REGIONS, storage_type="session"),
            dcc.Store(id=ids.REGION_PAINTED),
            dcc.Store(id=ids.REGION_PROPOSALS),
        ],
        id=ids.REGIONS_FOLD,
        className="fold regions",
    )


def in_use() -> html.P:
    """Said beside Start, so that no region is at work unseen."""
    return html.P(
        [
            html.Span(id=ids.REGIONS_COUNT),
            " ",
            html.Button("Remove", id=ids.REGIONS_REMOVE, type="button", className="btn btn-link btn-sm"),
        ],
        id=ids.REGIONS_IN_USE,
        hidden=True,
        role="status",
        className="hint mask-in-use",
    )


def register(app: Dash, studio: Studio) -> None:
    _register_painting(app)
    _register_taking(app, studio)
    _register_suggested(app, studio)
    _register_rows(app)
    _register_views(app)
    _register_in_browser(app)
    guides.register(app)


def _register_painting(app: Dash) -> None:
    @app.callback(
        Output(ids.REGION_MODAL, "is_open"),
        Output(ids.REGION_OPENED, "children"),
        Output(ids.REGIONS_NOTES, "children"),
        Input(ids.REGION_ADD, "n_clicks"),
        Input({"type": "region-edit", "region": ALL}, "n_clicks"),
        State(ids.CONTENT, "data"),
        State(ids.REGIONS, "data"),
        prevent_initial_call=True,
    )
    async def open_painter(_clicks, _edits, content, regions):
        if not ctx.triggered[0]["value"]:
            return no_update, no_update, no_update
        if not content:
            return no_update, no_update, html.P("Choose a photograph first.", className="note")
        adds = ctx.triggered_id == ids.REGION_ADD
        key = free_key(regions) if adds else ctx.triggered_id["region"]
        return True, canvas(content, regions, key), None


# What was painted and what is suggested are taken by two callbacks: the suggestions' buttons come and go, and
# each time Dash holds back, or begins anew, what listens to them.
def _register_taking(app: Dash, studio: Studio) -> None:
    @app.callback(
        Output(ids.REGIONS, "data"),
        Output(ids.REGION_MODAL, "is_open", allow_duplicate=True),
        Output(ids.PARTS_CHANGED, "data", allow_duplicate=True),
        Output(ids.REGIONS_NOTES, "children", allow_duplicate=True),
        Input(ids.REGION_PAINTED, "data"),
        State(ids.CONTENT, "data"),
        State(ids.REGIONS, "data"),
        State(ids.STYLES, "data"),
        running=pictures.ARRIVES,
        prevent_initial_call=True,
    )
    async def take_painted(painted, content, regions, styles):
        if not content or not painted:
            return no_update, no_update, no_update, no_update
        if painted["of"] != content["id"]:
            return no_update, False, no_update, pictures.refusal(ANOTHER)
        name = f"Region {painted['key'].upper()}"
        part = await _part(studio, painted["id"], painted["key"], name, content)
        return with_part(regions, part, styles), False, time.time(), None


def _register_suggested(app: Dash, studio: Studio) -> None:
    @app.callback(
        Output(ids.REGIONS, "data", allow_duplicate=True),
        Output(ids.PARTS_CHANGED, "data", allow_duplicate=True),
        Output(ids.REGIONS_NOTES, "children", allow_duplicate=True),
        Input({"type": "region-suggestion", "name": ALL, "mask": ALL, "of": ALL}, "n_clicks"),
        State(ids.CONTENT, "data"),
        State(ids.REGIONS, "data"),
        State(ids.STYLES, "data"),
        running=pictures.ARRIVES,
        prevent_initial_call=True,
    )
    async def take_suggestion(_clicks, content, regions, styles):
        key = free_key(regions)
        if not content or not ctx.triggered[0]["value"] or not key:
            return no_update, no_update, no_update
        suggested = ctx.triggered_id
        if suggested["of"] != content["id"]:
            return no_update, no_update, pictures.refusal(ANOTHER)
        part = await _part(studio, suggested["mask"], key, SUGGESTIONS[suggested["name"]], content)
        return with_part(regions, part, styles), time.time(), None


async def _part(studio: Studio, mask: str, key: str, name: str, content: dict) -> dict:
    part = await asyncio.to_thread(seen, studio, current_client(), mask)
    return part | {"key": key, "name": name, "of": content["id"]}


def _register_rows(app: Dash) -> None:
    @app.callback(
        Output(ids.REGIONS, "data", allow_duplicate=True),
        Output(ids.PARTS_CHANGED, "data", allow_duplicate=True),
        Input({"type": "region-up", "region": ALL}, "n_clicks"),
        Input({"type": "region-down", "region": ALL}, "n_clicks"),
        Input({"type": "region-remove", "region": ALL}, "n_clicks"),
        Input({"type": "region-paints", "region": ALL}, "value"),
        State(ids.REGIONS, "data"),
        State(ids.STYLES, "data"),
        prevent_initial_call=True,
    )
    async def change_row(_up, _down, _remove, _paints, regions, styles):
        value = ctx.triggered[0]["value"]
        if not value or not regions:  # the row has only just appeared
            return no_update, no_update
        changed = after(regions, ctx.triggered_id["type"], ctx.triggered_id["region"], value, styles)
        return (no_update, no_update) if changed == regions else (changed, time.time())


def _register_views(app: Dash) -> None:
    @app.callback(
        Output(ids.REGIONS_MAP, "children"),
        Output(ids.REGIONS_LIST, "children"),
        Input(ids.REGIONS, "data"),
        Input(ids.CONTENT, "data"),
        Input(ids.STYLES, "data"),
    )
    async def show_regions(regions, content, styles):
        fitting = of_photograph(regions, content)
        return overview(fitting, content, styles), rows(fitting, content, styles)


def _register_in_browser(app: Dash) -> None:
    app.clientside_callback(
        ClientsideFunction("pentimento", "keepRegions"),
        Output(ids.REGIONS, "data", allow_duplicate=True),
        Output(ids.REGIONS_NOTES, "children", allow_duplicate=True),
        Output(ids.REGION_MODAL, "is_open", allow_duplicate=True),
        Input(ids.CONTENT, "data"),
        State(ids.REGIONS, "data"),
        State(ids.REGION_MODAL, "is_open"),
        State(ids.REGION_OPENED, "children"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("pentimento", "removeRegions"),
        Output(ids.REGIONS, "data", allow_duplicate=True),
        Output(ids.PARTS_CHANGED, "data", allow_duplicate=True),
        Input(ids.REGIONS_REMOVE, "n_clicks"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("pentimento", "tellRegions"),
        Output(ids.REGIONS_IN_USE, "hidden"),
        Output(ids.REGIONS_COUNT, "children"),
        Output(ids.REGION_ADD, "disabled"),
        Output(ids.REGION_ADD, "title"),
        Input(ids.REGIONS, "data"),
    )
    app.clientside_callback(
        ClientsideFunction("pentimento", "askProposals"),
        Input(ids.REGIONS_SUMMARY, "n_clicks"),
        Input(ids.CONTENT, "data"),
        Input(ids.REGIONS, "data"),
    )
    app.clientside_callback(
        ClientsideFunction("pentimento", "offerProposals"),
        Output(ids.REGION_SUGGESTIONS, "children"),
        Input(ids.REGION_PROPOSALS, "data"),
        Input(ids.CONTENT, "data"),
        Input(ids.REGIONS, "data"),
    )


def _adding() -> html.Div:
    return html.Div(
        [
            html.Button(
                "Add a region",
                id=ids.REGION_ADD,
                type="button",
                className="btn btn-outline-secondary btn-sm",
            ),
            html.Span(id=ids.REGION_SUGGESTIONS, className="region-suggestions"),
        ],
        className="mask-buttons",
    )


def canvas(content: dict, regions: list[dict] | None, key: str) -> html.Div:
    """The painter on one region; the others are seen faintly."""
    fitting = of_photograph(regions, content)
    current = next((region for region in fitting if region["key"] == key), None)
    others = [(region["key"], region["thumbnail"]) for region in fitting if region["key"] != key]
    return painter.canvas(
        ids.REGION_PAINTED, content, current, words="region", key=key, colour=key, others=others
    )
