"""How the picture cards look: a photograph, a painting or a mosaic of several, and the sliders of a blend."""

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from components import ids
from nst.jobs.steering import MOST_STYLES
from nst.settings import settings

MANY = "Several go under “Paint many photographs”."


def content_card() -> html.Div:
    view = html.Div(content_view(None), id=ids.CONTENT_VIEW, className="card-view")
    remove = _remove("Remove the photograph", id=ids.CONTENT_REMOVE, hidden=True)
    intake = _intake(ids.CONTENT_INTAKE, **{"data-intake-more": MANY})
    return _card("Photograph", ids.CONTENT_CARD, [view, _camera(), remove], intake)


def style_card() -> html.Div:
    view = html.Div(style_view(None), id=ids.STYLE_VIEW, className="card-view")
    several = _intake(ids.STYLE_INTAKE, **{"data-intake-multiple": "true"})
    return _card("Painting", ids.STYLE_CARD, [view], several)


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


def _intake(store: str, **more: str) -> dict[str, object]:
    return {"data-intake": store, "data-max-bytes": str(settings().max_upload_bytes), **more}


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
