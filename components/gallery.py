"""Pictures to begin with: one-click examples, sample photographs and paintings."""

import asyncio
from itertools import cycle
from typing import Literal

from dash import ALL, Dash, Input, Output, ctx, html, no_update

from components import ids, pictures, urls
from nst.api.clients import current_client
from nst.jobs.studio import Studio


def welcome(samples: list) -> html.Div:
    """What the empty canvas shows: an invitation, and examples that start at once."""
    return html.Div(
        [
            html.H2("Paint a photograph in another hand", className="welcome-title"),
            html.P(
                "Take one of these to watch a painting appear, "
                "or bring a photograph and a painting of your own.",
                className="welcome-text",
            ),
            html.Div(
                [_example(id_, *pair) for id_, pair in zip(ids.EXAMPLES, examples(samples), strict=False)],
                className="examples",
            ),
        ],
        className="welcome",
    )


def layout(samples: list) -> html.Section:
    return html.Section(
        [
            _shelf("Photographs", "photo", samples),
            _shelf("Paintings", "style", samples),
        ],
        id=ids.GALLERY,
        className="panel gallery",
        **{"aria-label": "Gallery"},
    )


def register(app: Dash, studio: Studio) -> None:
    @app.callback(
        Output(ids.CONTENT, "data", allow_duplicate=True),
        Input({"type": "sample-photo", "name": ALL}, "n_clicks"),
        prevent_initial_call=True,
    )
    async def choose_photo(_clicks):
        return await _chosen(studio) or no_update

    @app.callback(
        Output(ids.STYLES, "data", allow_duplicate=True),
        Input({"type": "sample-style", "name": ALL}, "n_clicks"),
        prevent_initial_call=True,
    )
    async def choose_style(_clicks):
        picture = await _chosen(studio)
        return [picture] if picture else no_update


async def _chosen(studio: Studio) -> dict | None:
    """The sample that was clicked; none when the buttons only just appeared."""
    if not ctx.triggered[0]["value"]:
        return None
    return await take(studio, current_client(), ctx.triggered_id["name"])


async def take(studio: Studio, owner: str, name: str) -> dict:
    """A sample as one of the visitor's own pictures."""
    image = await asyncio.to_thread(studio.add_sample, owner, name)
    return pictures.picture(image)


def examples(samples: list) -> list[tuple]:
    """Pairs of a photograph and a painting, one for each example button, as far as the samples go."""
    photos = [sample for sample in samples if sample.kind == "photo"]
    styles = [sample for sample in samples if sample.kind == "style"]
    return list(zip(cycle(photos), styles, strict=False))[: len(ids.EXAMPLES)]


def _example(id_: str, photo, style) -> html.Button:
    return html.Button(
        [
            html.Span(
                [
                    html.Img(src=urls.sample(photo.name), alt="", className="example-photo"),
                    html.Img(src=urls.sample(style.name), alt="", className="example-style"),
                ],
                className="example-pair",
            ),
            html.Span(f"{photo.title} as {style.title}", className="example-title"),
        ],
        id=id_,
        type="button",
        className="example",
    )


def _shelf(title: str, kind: Literal["photo", "style"], samples: list) -> html.Div:
    return html.Div(
        [
            html.H2(title, className="panel-title"),
            html.Div(
                [_thumbnail(sample) for sample in samples if sample.kind == kind],
                className="shelf",
            ),
        ]
    )


def _thumbnail(sample) -> html.Button:
    return html.Button(
        html.Img(src=urls.sample(sample.name), alt=sample.title),
        id=ids.sample(sample.kind, sample.name),
        type="button",
        title=f"{sample.title}. {sample.credit}",
        className="sample",
    )
