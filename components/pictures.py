"""The two picture cards: the photograph, and up to four paintings whose styles are blended.

A card's picture comes from the intake script (drop, paste, click, camera), from the gallery or from an opened
painting; whichever it was, the page keeps it as the dictionary that `picture` makes.
"""

from collections.abc import Sequence

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, dcc, html, no_update

from components import ids, urls
from components.picture_views import blend_view, content_card, content_view, style_card, style_view
from nst.jobs.models import StoredImage, StyleRef
from nst.jobs.steering import MOST_STYLES

EVEN_SHARE = 50  # where a blend slider stands at first; they go from 1 to 100

ARRIVES = [(Output(ids.ARRIVING, "data"), True, False)]  # while the studio has a new picture in hand


def layout() -> html.Section:
    return html.Section(
        [
            html.Div([content_card(), style_card()], className="picture-cards"),
            html.Div(id=ids.CONTENT_NOTES, className="notes", role="status"),
            html.Div(id=ids.STYLE_NOTES, className="notes", role="status", **{"data-most": str(MOST_STYLES)}),
            html.Div(id=ids.STYLE_BLEND, className="blend"),
            *(dcc.Store(id=store, storage_type="session") for store in (ids.CONTENT, ids.STYLES)),
            *(dcc.Store(id=store) for store in (ids.CONTENT_INTAKE, ids.STYLE_INTAKE, ids.STYLE_ADD_INTAKE)),
        ],
        className="panel pictures",
        **{"aria-label": "Pictures"},
    )


def register(app: Dash) -> None:
    _register_content(app)
    _register_styles(app)


def _register_content(app: Dash) -> None:
    @app.callback(
        Output(ids.CONTENT, "data"),
        Input(ids.CONTENT_INTAKE, "data"),
        Input(ids.CONTENT_REMOVE, "n_clicks"),
        running=ARRIVES,
        prevent_initial_call=True,
    )
    async def take_content(taken, _removed):
        if ctx.triggered_id == ids.CONTENT_REMOVE:
            return None
        return from_intake(taken) or no_update

    # What an intake says is shown by the browser itself: "the studio does not answer" needs no answer.
    app.clientside_callback(
        ClientsideFunction("pentimento", "takenNotes"),
        Output(ids.CONTENT_NOTES, "children"),
        Input(ids.CONTENT_INTAKE, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("pentimento", "contentNotes"),
        Output(ids.CONTENT_NOTES, "children", allow_duplicate=True),
        Input(ids.CONTENT, "data"),
        State(ids.CONTENT_INTAKE, "data"),
        prevent_initial_call=True,
    )

    @app.callback(
        Output(ids.CONTENT_VIEW, "children"),
        Output(ids.CONTENT_CARD, "data-intake-filled"),
        Output(ids.CONTENT_REMOVE, "hidden"),
        Input(ids.CONTENT, "data"),
    )
    async def show_content(content):
        return content_view(content), "true" if content else None, not content


def _register_styles(app: Dash) -> None:
    @app.callback(
        Output(ids.STYLES, "data"),
        Input(ids.STYLE_INTAKE, "data"),
        Input(ids.STYLE_ADD_INTAKE, "data"),
        State(ids.STYLES, "data"),
        State({"type": "style-weight", "place": ALL}, "value"),
        running=ARRIVES,
        prevent_initial_call=True,
    )
    async def take_styles(chosen, added, styles, shares):
        replacing = ctx.triggered_id == ids.STYLE_INTAKE and not is_blend(styles)
        taken = chosen if ctx.triggered_id == ids.STYLE_INTAKE else added
        if not arrived(taken):
            return no_update
        return merged([] if replacing else with_shares(styles, shares), taken)

    _register_style_notes(app)
    _register_blend(app)


def _register_style_notes(app: Dash) -> None:
    app.clientside_callback(
        ClientsideFunction("pentimento", "takenErrors"),
        Output(ids.STYLE_NOTES, "children"),
        Input(ids.STYLE_INTAKE, "data"),
        Input(ids.STYLE_ADD_INTAKE, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("pentimento", "styleNotes"),
        Output(ids.STYLE_NOTES, "children", allow_duplicate=True),
        Input(ids.STYLES, "data"),
        State(ids.STYLE_INTAKE, "data"),
        State(ids.STYLE_ADD_INTAKE, "data"),
        State(ids.STYLE_NOTES, "data-most"),
        prevent_initial_call=True,
    )


def _register_blend(app: Dash) -> None:
    # Not into the store itself, which would draw the sliders anew under the hand.
    app.clientside_callback(
        ClientsideFunction("pentimento", "keepShares"),
        Input({"type": "style-weight", "place": ALL}, "value"),
        State(ids.STYLES, "data"),
        prevent_initial_call=True,
    )

    @app.callback(
        Output(ids.STYLES, "data", allow_duplicate=True),
        Input({"type": "style-remove", "place": ALL}, "n_clicks"),
        State(ids.STYLES, "data"),
        State({"type": "style-weight", "place": ALL}, "value"),
        prevent_initial_call=True,
    )
    async def remove_style(_clicks, styles, shares):
        if not ctx.triggered[0]["value"]:  # the button has only just appeared
            return no_update
        place = ctx.triggered_id["place"]
        kept = with_shares(styles, shares)
        return kept[:place] + kept[place + 1 :]

    @app.callback(
        Output(ids.STYLE_VIEW, "children"),
        Output(ids.STYLE_CARD, "data-intake-filled"),
        Output(ids.STYLE_BLEND, "children"),
        Input(ids.STYLES, "data"),
    )
    async def show_styles(styles):
        return style_view(styles), "true" if styles else None, blend_view(styles)


# Data: pure, from what the scripts and the studio say to what the page keeps


def picture(image: StoredImage, share: float = EVEN_SHARE) -> dict:
    return {
        "id": image.id,
        "width": image.width,
        "height": image.height,
        "url": urls.image(image.id),
        "thumbnail": urls.thumbnail(image.id),
        "share": share,
    }


def from_intake(taken: dict | None) -> dict | None:
    """The picture that an intake took; none when it could not take one."""
    if not taken or "id" not in taken:
        return None
    known = {name: taken[name] for name in ("id", "width", "height", "url", "thumbnail")}
    return {**known, "share": EVEN_SHARE}


def arrived(taken: dict | None) -> list[dict]:
    """The pictures that an intake took, which may be several."""
    together = (taken or {}).get("together") or [taken]
    return [picture for picture in map(from_intake, together) if picture]


def merged(styles: list[dict], taken: dict | None) -> list[dict]:
    """These style pictures and those an intake took with several files, each once, as many as fit."""
    found: dict[str, dict] = {}
    for style in (*styles, *arrived(taken)):
        found.setdefault(style["id"], style)
    return list(found.values())[:MOST_STYLES]


def is_blend(styles: list[dict] | None) -> bool:
    """Whether several paintings are blended. What is brought then joins them: a blend is work."""
    return len(styles or ()) > 1


def with_shares(styles: list[dict] | None, shares: Sequence[float | None]) -> list[dict]:
    """Style pictures with the shares that their sliders stand at (there are none for a single picture)."""
    styles = styles or []
    if len(shares) != len(styles):
        return styles
    return [
        {**style, "share": float(share or style["share"])}
        for style, share in zip(styles, shares, strict=True)
    ]


def style_refs(styles: list[dict]) -> list[StyleRef]:
    """These style pictures as a job takes them, each with its share and the part of it that is copied."""
    return [
        StyleRef(
            image=style["id"],
            weight=style["share"] / EVEN_SHARE,
            guide=style["guide"]["id"] if style.get("guide") else None,
        )
        for style in styles
    ]


def refusal(sentence: str) -> html.P:
    """Why a picture was not taken, as the notes under the cards show it."""
    return html.P(sentence, className="note note-error", role="alert")


def shares_of(weights: Sequence[float]) -> list[float]:
    """Where the blend sliders of paintings with these weights stand; in proportion, where they do not fit."""
    largest = max(weights)
    unit = EVEN_SHARE if 0.5 <= largest <= 100 / EVEN_SHARE else 100 / largest
    return [max(1.0, float(round(weight * unit))) for weight in weights]
