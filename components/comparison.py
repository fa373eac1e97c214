"""Two paintings side by side, with one edge between before and after for both (assets/compare.js)."""

import asyncio

import dash_bootstrap_components as dbc
from dash import Dash, Input, Output, dcc, html
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from components import changes, controls, ids, urls, views
from nst.api.clients import current_client
from nst.errors import Refusal
from nst.jobs.models import Job, JobSpec
from nst.jobs.studio import Studio

TOGETHER = "side-by-side"


def layout() -> html.Section:
    return html.Section(id=ids.COMPARISON, className="comparison", **{"aria-label": "Two paintings"})


def register(app: Dash, studio: Studio) -> None:
    @app.callback(Output(ids.COMPARISON, "children"), Input(ids.URL, "pathname"))
    async def show_pair(path):
        pair = urls.compared(path)
        if pair is None:
            raise PreventUpdate
        try:
            jobs = [await asyncio.to_thread(studio.job, current_client(), job) for job in pair]
        except Refusal:
            return _missing("One of these paintings is not here any more.")
        if not all(job.has_result for job in jobs):
            return _missing("One of these paintings has no picture yet.")
        return side_by_side(*jobs)


def side_by_side(one: Job, other: Job) -> list[Component]:
    return [
        html.H2("Side by side", className="group-title"),
        html.P("Draw the edge on one of them, and it moves on both.", className="hint"),
        html.Div([_side(one, "left"), _side(other, "right")], className="pair"),
        _table(one, other),
    ]


def differences(one: Job, other: Job) -> list[tuple[str, str, str]]:
    """What sets two paintings apart, as (name, of the one, of the other) in a person's words."""
    mine, theirs = one.current, other.current
    options = ((name, getattr(mine.options, name), getattr(theirs.options, name)) for name in controls.NAMES)
    found = [(controls.LABELS[name], _told(name, a), _told(name, b)) for name, a, b in options if a != b]
    rows = [
        ("Steps painted", str(one.step), str(other.step)),
        ("Blend", changes.blend(mine), changes.blend(theirs)),
        ("Mask", *_told_apart(mine.mask, theirs.mask, ("none", "one", "another"))),
        *_guides(mine, theirs),
        ("Parts with a style of their own", *_regions(mine, theirs)),
    ]
    return found + [row for row in rows if row[1] != row[2]]


def _told(name: str, value: object) -> str:
    return controls.CHOICES.get((name, str(value))) or (
        f"{value:g}" if isinstance(value, float) else str(value)
    )


def _told_apart(one: str | None, other: str | None, words: tuple[str, str, str]) -> tuple[str, str]:
    """`words` for two pictures that may be none: for none, for one, and for another than the first."""
    none, some, another = words
    beside = another if one and one != other else some
    return some if one else none, beside if other else none


def _guides(one: JobSpec, other: JobSpec) -> list[tuple[str, str, str]]:
    """How much of each painting is copied that both have in the same place."""
    words = ("all", "a part", "another part")
    return [
        (f"Copied of painting {place}", *_told_apart(mine.guide, theirs.guide, words))
        for place, (mine, theirs) in enumerate(zip(one.styles, other.styles, strict=False), 1)
        if mine.image == theirs.image
    ]


def _regions(one: JobSpec, other: JobSpec) -> tuple[str, str]:
    mine, theirs = (str(len(spec.regions)) for spec in (one, other))
    return mine, f"{theirs}, not the same" if mine == theirs and one.regions != other.regions else theirs


# What is seen


def _side(job: Job, side: str) -> html.Figure:
    aspect = f"{(job.width or 4) / (job.height or 3):.4f}"
    frame = html.Div(
        [
            html.Img(src=urls.result(job.id), alt=f"The painting on the {side}"),
            html.Img(src=urls.image(job.spec.content), alt="", className="before-picture"),
            html.Span(className="compare-edge"),
            html.Label(
                f"Photograph over the painting on the {side}",
                htmlFor=f"{ids.COMPARISON}-{side}",
                className="visually-hidden",
            ),
            dbc.Input(
                id=f"{ids.COMPARISON}-{side}",
                type="range",
                min=0,
                max=100,
                step=1,
                value=0,
                class_name="compare-range",
            ),
        ],
        className="frame compared",
        style={"--aspect": aspect},
        **{"data-together": TOGETHER},
    )
    return html.Figure(
        [
            frame,
            html.Figcaption(
                [
                    _styles(job),
                    html.Span(views.finished_detail(job)),
                    dcc.Link("Open", href=urls.page(job.id)),
                ]
            ),
        ],
        className="side-of-pair",
        key=job.id,
    )


def _styles(job: Job) -> html.Span:
    """The paintings whose styles it has."""
    count = len(job.spec.styles)
    pictures = [
        html.Img(src=urls.thumbnail(style.image), alt=f"Style picture {number} of {count}")
        for number, style in enumerate(job.spec.styles, 1)
    ]
    return html.Span(pictures, className="style-pictures")


def _table(one: Job, other: Job) -> Component:
    rows = differences(one, other)
    if not rows:
        return html.P(_alike(one, other), className="hint")
    head = html.Thead(
        html.Tr([html.Th(words, scope="col") for words in ("What differs", "On the left", "On the right")])
    )
    body = [
        html.Tr([html.Th(name, scope="row"), html.Td(mine), html.Td(theirs)]) for name, mine, theirs in rows
    ]
    return html.Table([head, html.Tbody(body)], className="differences")


def _alike(one: Job, other: Job) -> str:
    pictures = [(job.spec.content, [style.image for style in job.spec.styles]) for job in (one, other)]
    same = pictures[0] == pictures[1]
    return "Pictures and settings are the same." if same else "Only the pictures differ, not the settings."


def _missing(words: str) -> list[Component]:
    return [
        html.H2("Side by side", className="group-title"),
        html.P(words),
        html.P("Choose two of your paintings in the list.", className="hint"),
    ]
