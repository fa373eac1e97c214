"""How regions look: over the photograph in their colours, and as a list, the uppermost first."""

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from components import ids
from components.layers import KEEP, chosen, middles, painting


def overview(regions: list[dict], content: dict | None, styles: list[dict] | None) -> Component | None:
    """The photograph with its regions over it, in their colours."""
    if not content or not regions:
        return None
    layers = [
        html.Div(
            className="region-layer is-kept" if painting(region, styles) is None else "region-layer",
            style={"--region-mask": f"url({region['thumbnail']})"},
            **{"data-colour": region["key"]},
        )
        for region in regions
    ]
    names = [
        html.Span(
            region["name"],
            className="region-name",
            style={"--at-x": f"{100 * middle[0]:g}%", "--at-y": f"{100 * middle[1]:g}%"},
            **{"data-colour": region["key"], "aria-hidden": "true"},
        )
        for region, middle in zip(regions, middles(regions), strict=True)
        if middle
    ]
    told = "; ".join(f"{region['name']}, {percent(region['share'])}" for region in reversed(regions))
    return html.Div(
        [
            html.Img(src=content["thumbnail"], alt=f"Your photograph with its regions: {told}"),
            html.Div(layers, className="region-layers"),
            *names,
        ],
        className="region-map",
        style={"aspectRatio": f"{content['width']} / {content['height']}"},
    )


def rows(regions: list[dict], content: dict | None, styles: list[dict] | None) -> list[html.Li]:
    """A row a region, the uppermost first, and what the rest of the photograph takes."""
    if not regions or not content:
        return []
    last = len(regions) - 1
    found = [
        _row(region, content, styles or [], top=place == last, bottom=place == 0)
        for place, region in enumerate(regions)
    ]
    return [*reversed(found), _rest(regions, styles or [])]


def _row(region: dict, content: dict, styles: list[dict], *, top: bool, bottom: bool) -> html.Li:
    key, name = region["key"], region["name"]
    head = [
        html.Span(className="region-swatch", **{"data-colour": key}),
        html.Span(name, className="region-title"),
        html.Span(percent(region["share"]), className="hint"),
        _button("✎", f"Paint {name}", ids.region_edit(key)),
        _mover(
            "↑", ids.region_up(key), f"Lay {name} over the next", "It lies on top already" if top else None
        ),
        _mover(
            "↓",
            ids.region_down(key),
            f"Lay {name} under the next",
            "It lies at the bottom already" if bottom else None,
        ),
        _button("×", f"Delete {name}", ids.region_remove(key)),
    ]
    return html.Li(
        [html.Div(head, className="region-head"), _choice(region, content, styles)],
        key=key,
        className="region-row",
    )


def _choice(region: dict, content: dict, styles: list[dict]) -> html.Div:
    """Which painting, by its picture, or the photograph."""
    options = [
        {
            "label": html.Img(src=style["thumbnail"], alt=f"Painting {number}", title=f"Painting {number}"),
            "value": style["id"],
        }
        for number, style in enumerate(styles, 1)
    ]
    kept = html.Span(
        [html.Img(src=content["thumbnail"], alt=""), "Keep the photograph"], className="region-keep"
    )
    return html.Div(
        dbc.RadioItems(
            id=ids.region_paints(region["key"]),
            options=[*options, {"label": kept, "value": KEEP}],
            value=chosen(region, styles),
            inline=True,
            input_class_name="visually-hidden",
            label_class_name="region-choice",
            class_name="region-choices",
        ),
        role="radiogroup",
        **{"aria-label": f"What {region['name']} takes"},
    )


def _rest(regions: list[dict], styles: list[dict]) -> html.Li:
    """What no region covers."""
    used = {painting(region, styles) for region in regions}
    left = [(number, style) for number, style in enumerate(styles, 1) if number - 1 not in used]
    seen = [html.Img(src=style["thumbnail"], alt=f"Painting {number}") for number, style in left]
    return html.Li(
        [
            html.Span(className="region-swatch is-rest"),
            html.Span("Everywhere else", className="region-title"),
            *(seen or [html.Span("stays the photograph", className="hint")]),
        ],
        key="rest",
        className="region-row region-rest",
    )


def _mover(sign: str, id: object, label: str, end: str | None) -> html.Button:
    """At the `end` it does nothing and says so, but keeps the focus of who came there with the keyboard."""
    return _button(sign, end or label, id, **{"aria-disabled": "true"} if end else {})


def _button(sign: str, label: str, id: object, **more: object) -> html.Button:
    return html.Button(
        sign, id=id, type="button", title=label, className="region-button", **more, **{"aria-label": label}
    )


def percent(share: float) -> str:
    return "under 1 %" if share < 0.01 else f"{share:.0%}".replace("%", " %")
