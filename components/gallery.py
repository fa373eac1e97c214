"""Pictures to begin with: one-click examples, sample photographs and paintings."""

import asyncio
from functools import cache
from itertools import cycle
from pathlib import Path
from typing import Literal

from dash import ALL, Dash, Input, Output, State, ctx, html, no_update

from components import ids, pictures, urls
from nst import images
from nst.api.clients import current_client
from nst.jobs.steering import MOST_STYLES
from nst.jobs.studio import THUMBNAIL_SIDE, Studio


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
        Output(ids.STYLE_NOTES, "children", allow_duplicate=True),
        Input({"type": "sample-style", "name": ALL}, "n_clicks"),
        Input({"type": "sample-add", "name": ALL}, "n_clicks"),
        State(ids.STYLES, "data"),
        State({"type": "style-weight", "place": ALL}, "value"),
        prevent_initial_call=True,
    )
    async def choose_style(_clicks, _adding_clicks, styles, shares):
        picture = await _chosen(studio)
        if picture is None:
            return no_update, no_update
        adds = ctx.triggered_id["type"] == "sample-add"
        chosen, note = hung(pictures.with_shares(styles, shares), picture, adds)
        return chosen or no_update, [pictures.refusal(note)] if note else no_update


def hung(styles: list[dict], picture: dict, adds: bool) -> tuple[list[dict] | None, str | None]:
    """The style pictures once one of the gallery is clicked, or why they stay as they are.

    It takes the place of a single one. To a blend it is added: a blend is work, not to be lost by a click.
    """
    if not adds and not pictures.is_blend(styles):
        return [picture], None
    if any(style["id"] == picture["id"] for style in styles):
        return None, "That painting is in the blend already."
    if len(styles) >= MOST_STYLES:
        return None, "Four paintings fit. Remove one to make room."
    return [*styles, picture], None


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
                    _image(photo, alt="", className="example-photo"),
                    _image(style, alt="", className="example-style"),
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


def _thumbnail(sample) -> html.Div:
    choose = html.Button(
        _image(sample, alt=sample.title),
        id=ids.sample(sample.kind, sample.name),
        type="button",
        title=f"{sample.title}. {sample.credit}",
        className="sample",
    )
    return html.Div([choose, _adder(sample)] if sample.kind == "style" else choose, className="hanging")


def _adder(sample) -> html.Button:
    words = f"Blend {sample.title} in"
    return html.Button(
        "+",
        id=ids.sample_add(sample.name),
        type="button",
        title=words,
        className="add-button",
        **{"aria-label": words},
    )


def _image(sample, **more: str) -> html.Img:
    """The sample's thumbnail. Its size comes with it, so that nothing moves when it arrives."""
    width, height = _size(sample.path)
    return html.Img(src=urls.sample(sample.name), width=width, height=height, **more)


@cache
def _size(path: Path) -> tuple[int, int]:
    height, width = images.read(path, field="sample").pixels.shape[:2]
    return images.fitted(width, height, THUMBNAIL_SIDE)
