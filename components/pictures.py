"""The two picture cards: the photograph, and up to four paintings whose styles are blended.

A card's picture comes from the intake script (drop, paste, click, camera), from the gallery or from an opened
painting; whichever it was, the page keeps it as the dictionary that `picture` makes.
"""

from collections.abc import Sequence

import dash_bootstrap_components as dbc
from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, dcc, html, no_update
from dash.development.base_component import Component

from components import ids, urls
from nst.jobs.models import JobSpec, StoredImage, StyleRef
from nst.settings import settings

MOST_STYLES: int = next(
    m.max_length for m in JobSpec.model_fields["styles"].metadata if hasattr(m, "max_length")
)
MANY = "Several go under “Paint many photographs”."
EVEN_SHARE = 50  # where a blend slider stands at first; they go from 1 to 100

ARRIVES = [(Output(ids.ARRIVING, "data"), True, False)]  # while the studio has a new picture in hand


def layout() -> html.Section:
    return html.Section(
        [
            html.Div([_content_card(), _style_card()], className="picture-cards"),
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


# What is seen


def _intake(store: str, **more: str) -> dict[str, object]:
    return {"data-intake": store, "data-max-bytes": str(settings().max_upload_bytes), **more}


def _content_card() -> html.Div:
    view = html.Div(content_view(None), id=ids.CONTENT_VIEW, className="card-view")
    remove = _remove("Remove the photograph", id=ids.CONTENT_REMOVE, hidden=True)
    return _card("Photograph", ids.CONTENT_CARD, [view, _camera(), remove], _intake(ids.CONTENT_INTAKE))


def _style_card() -> html.Div:
    view = html.Div(style_view(None), id=ids.STYLE_VIEW, className="card-view")
    several = _intake(ids.STYLE_INTAKE, **{"data-intake-multiple": "true"})
    return _card("Painting", ids.STYLE_CARD, [view], several)


def _card(title: str, id: str, children: list, intake: dict[str, object]) -> html.Div:
    label = f"{title}: drop, paste or choose a picture"
    card = html.Div(
        children, id=id, className="picture-card", tabIndex=0, role="group", **intake, **{"aria-label": label}
    )
    return html.Div([html.H2(title, className="panel-title"), card])


def _camera() -> html.Button:
    return html.Button(
        "Take a photo", type="button", className="camera-button", **{"data-intake-capture": "environment"}
    )


def _remove(label: str, id: object, **more: object) -> html.Button:
    return html.Button(
        "×", id=id, type="button", className="remove-button", title=label, **more, **{"aria-label": label}
    )


def _invitation(what: str) -> html.Div:
    return html.Div(
        [html.Span(f"Drop {what}", className="invitation-title"), html.Span("or click, or paste")],
        className="invitation",
    )


def content_view(content: dict | None) -> Component:
    if not content:
        return _invitation("a photograph")
    alt = f"Your photograph, {content['width']} by {content['height']} pixels"
    return html.Img(src=content["thumbnail"], alt=alt)


def style_view(styles: list[dict] | None) -> Component:
    """Nothing yet, one picture, or a mosaic of several."""
    if not styles:
        return _invitation("a painting")
    images = [
        html.Img(src=style["thumbnail"], alt=f"Painting {number} of {len(styles)}")
        for number, style in enumerate(styles, 1)
    ]
    return html.Div(images, className=f"mosaic mosaic-{len(styles)}")


def blend_view(styles: list[dict] | None) -> list:
    """A slider a painting when there are several, and a place to add one more."""
    if not styles:
        return []
    rows = [_blend_row(place, style) for place, style in enumerate(styles)] if len(styles) > 1 else []
    return rows + ([_add_style()] if len(styles) < MOST_STYLES else [])


def _blend_row(place: int, style: dict) -> html.Div:
    return html.Div(
        [
            html.Img(src=style["thumbnail"], alt=""),
            html.Label(
                [
                    html.Span(f"Share of painting {place + 1}", className="visually-hidden"),
                    dbc.Input(
                        id=ids.style_weight(place), type="range", min=1, max=100, step=1, value=style["share"]
                    ),
                ],
                className="blend-slider",
            ),
            _remove(f"Remove painting {place + 1} from the blend", id=ids.style_remove(place)),
        ],
        className="blend-row",
    )


def _add_style() -> html.Button:
    return html.Button(
        "Blend in another painting",
        id=ids.STYLE_ADD,
        type="button",
        className="add-style",
        **_intake(ids.STYLE_ADD_INTAKE, **{"data-intake-multiple": "true", "data-intake-filled": "true"}),
    )
