"""Guides: the part of a painting whose style is copied. A style picture keeps its own, as `guide`."""

import time

from dash import ALL, Dash, Input, Output, State, ctx, dcc, html, no_update

from components import ids, painter, pictures


def layout() -> html.Div:
    return html.Div(
        [
            html.H3("Only a part of a painting", className="guides-title"),
            html.P(
                "Copy the style of a part: its sky, say, and not its frame. "
                "A painting under way takes it up with its next step.",
                className="hint",
            ),
            html.Div(id=ids.GUIDES, className="guides"),
            painter.dialog(ids.GUIDE_MODAL, ids.GUIDE_OPENED, "Which part of the painting is copied?"),
            dcc.Store(id=ids.GUIDE_PAINTED),
        ],
        id=ids.GUIDES_PLACE,
        hidden=True,
        className="guides-place",
    )


def register(app: Dash) -> None:
    @app.callback(
        Output(ids.GUIDES, "children"),
        Output(ids.GUIDES_PLACE, "hidden"),
        Input(ids.STYLES, "data"),
    )
    async def show_guides(styles):
        return [_guide(place, style) for place, style in enumerate(styles or ())], not styles

    @app.callback(
        Output(ids.GUIDE_MODAL, "is_open"),
        Output(ids.GUIDE_OPENED, "children"),
        Input({"type": "guide-paint", "place": ALL}, "n_clicks"),
        State(ids.STYLES, "data"),
        prevent_initial_call=True,
    )
    async def open_painter(_clicks, styles):
        if not ctx.triggered[0]["value"]:  # the button has only just appeared
            return no_update, no_update
        return True, canvas(styles[ctx.triggered_id["place"]])

    @app.callback(
        Output(ids.STYLES, "data", allow_duplicate=True),
        Output(ids.GUIDE_MODAL, "is_open", allow_duplicate=True),
        Output(ids.PARTS_CHANGED, "data", allow_duplicate=True),
        Input(ids.GUIDE_PAINTED, "data"),
        Input({"type": "guide-remove", "place": ALL}, "n_clicks"),
        State(ids.STYLES, "data"),
        State({"type": "style-weight", "place": ALL}, "value"),
        running=pictures.ARRIVES,
        prevent_initial_call=True,
    )
    async def take_guide(painted, _clicks, styles, shares):
        if not ctx.triggered[0]["value"]:
            return no_update, no_update, no_update
        styles, now = pictures.with_shares(styles, shares), time.time()
        if ctx.triggered_id == ids.GUIDE_PAINTED:
            return guided(styles, painted["key"], painted), False, now
        return guided(styles, styles[ctx.triggered_id["place"]]["id"], None), no_update, now


def guided(styles: list[dict], style: str, taken: dict | None) -> list[dict]:
    """These style pictures, one of them with this mask as its guide, or with none."""
    guide = taken and {name: taken[name] for name in ("id", "url", "thumbnail")}
    return [{**known, "guide": guide} if known["id"] == style else known for known in styles]


def canvas(style: dict) -> html.Div:
    return painter.canvas(ids.GUIDE_PAINTED, style, style.get("guide"), words="guide", key=style["id"])


def _guide(place: int, style: dict) -> html.Div:
    """A painting, dimmed where it is not copied."""
    number, guide = place + 1, style.get("guide")
    veil = {"--region-mask": f"url({guide['thumbnail']})"} if guide else {}
    label = f"Choose the part of painting {number} that is copied"
    pictured = html.Button(
        [
            html.Img(src=style["thumbnail"], alt="", className="guide-whole"),
            html.Img(src=style["thumbnail"], alt="", className="guide-part", style=veil),
        ],
        id=ids.guide_paint(place),
        type="button",
        title=label,
        className="guide-button is-part" if guide else "guide-button",
        style={"aspectRatio": f"{style['width']} / {style['height']}"},
        **{"aria-label": label},
    )
    foot = (
        html.Button(
            "Use all of it",
            id=ids.guide_remove(place),
            type="button",
            title=f"Copy all of painting {number} again",
            className="btn btn-link btn-sm",
        )
        if guide
        else html.Span("All of it", className="hint")
    )
    return html.Div([pictured, foot], key=style["id"], className="guide")
