"""Pictures that the visitor brought before, to be taken again. The browser knows which (assets/recent.js)."""

import asyncio

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, dcc, html, no_update

from components import gallery, ids, pictures, urls
from nst.api.clients import current_client
from nst.jobs.ids import is_id
from nst.jobs.studio import Studio

MOST = 10  # of each kind


def layout() -> html.Div:
    return html.Div(
        [
            _shelf("Your photographs", ids.RECENT_PHOTOS),
            _shelf("Your style pictures", ids.RECENT_STYLES),
            dcc.Store(id=ids.RECENT, storage_type="local", data={"photo": [], "style": []}),
        ],
        className="panel gallery recent",
    )


def register(app: Dash, studio: Studio) -> None:
    app.clientside_callback(
        ClientsideFunction("pentimento", "rememberUploads"),
        Output(ids.RECENT, "data"),
        Input(ids.CONTENT_INTAKE, "data"),
        Input(ids.BATCH_INTAKE, "data"),
        Input(ids.STYLE_INTAKE, "data"),
        Input(ids.STYLE_ADD_INTAKE, "data"),
        State(ids.RECENT, "data"),
        prevent_initial_call=True,
    )

    @app.callback(
        Output(ids.RECENT_PHOTOS, "children"),
        Output(ids.RECENT_STYLES, "children"),
        Input(ids.RECENT, "data"),
    )
    async def show(known):
        return thumbnails("photo", known), thumbnails("style", known)

    _register_choice(app, studio)


def _register_choice(app: Dash, studio: Studio) -> None:
    @app.callback(
        Output(ids.CONTENT, "data", allow_duplicate=True),
        Input({"type": "recent-photo", "image": ALL}, "n_clicks"),
        prevent_initial_call=True,
    )
    async def choose_photo(_clicks):
        return await _chosen(studio) or no_update

    @app.callback(
        Output(ids.STYLES, "data", allow_duplicate=True),
        Output(ids.STYLE_NOTES, "children", allow_duplicate=True),
        Input({"type": "recent-style", "image": ALL}, "n_clicks"),
        State(ids.STYLES, "data"),
        State({"type": "style-weight", "place": ALL}, "value"),
        prevent_initial_call=True,
    )
    async def choose_style(_clicks, styles, shares):
        picture = await _chosen(studio)
        if picture is None:
            return no_update, no_update
        chosen, note = gallery.hung(pictures.with_shares(styles, shares), picture, False)
        return chosen or no_update, [pictures.refusal(note)] if note else no_update


async def _chosen(studio: Studio) -> dict | None:
    """The picture that was clicked; none when the buttons only just appeared."""
    if not ctx.triggered[0]["value"]:
        return None
    image = await asyncio.to_thread(studio.image, current_client(), ctx.triggered_id["image"])
    return pictures.picture(image)


def thumbnails(kind: str, known: object) -> list[html.Div]:
    """A button for each picture that the browser remembers; what is no id it may keep to itself."""
    remembered = known.get(kind) if isinstance(known, dict) else None
    names = remembered if isinstance(remembered, list) else []
    return [_thumbnail(kind, name) for name in names[:MOST] if isinstance(name, str) and is_id(name)]


def _thumbnail(kind: str, image: str) -> html.Div:
    words = "A photograph of yours" if kind == "photo" else "A style picture of yours"
    return html.Div(
        html.Button(
            html.Img(src=urls.thumbnail(image), alt=words),
            id=ids.recent(kind, image),
            type="button",
            title=words,
            className="sample",
        ),
        className="hanging",
        key=image,
    )


def _shelf(title: str, shelf: str) -> html.Div:
    return html.Div(
        [html.H2(title, className="panel-title"), html.Div(id=shelf, className="shelf")],
        className="recent-shelf",
    )
