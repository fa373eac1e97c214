"""Start, and stop and keep."""

import asyncio
from collections.abc import Sequence

from dash import ALL, Dash, Input, Output, State, ctx, html

from components import controls, gallery, ids, opening, pictures, views
from components.reading import Reading
from components.sending import send
from nst.api.clients import current_client
from nst.errors import Refusal
from nst.jobs.models import JobSpec, StyleRef
from nst.jobs.studio import Studio


def layout() -> html.Div:
    return html.Div(
        [
            html.Button(
                "Start", id=ids.START, type="button", disabled=True, className="btn btn-primary btn-lg"
            ),
            html.Button(
                "Stop and keep", id=ids.STOP, type="button", className="btn btn-outline-primary btn-lg"
            ),
            html.P(id=ids.START_REASON, className="hint start-reason", role="status"),
        ],
        className="run",
    )


def register(app: Dash, studio: Studio) -> None:
    _register_readiness(app)
    _register_start(app, studio)
    _register_example(app, studio)
    _register_stop(app, studio)


def _register_readiness(app: Dash) -> None:
    @app.callback(
        Output(ids.START, "disabled"),
        Output(ids.START_REASON, "children"),
        Input(ids.CONTENT, "data"),
        Input(ids.STYLES, "data"),
        *controls.inputs(),
    )
    async def check(content, styles, *values):
        reason = obstacle(content, styles, values)
        return reason is not None, reason


def _register_start(app: Dash, studio: Studio) -> None:
    @app.callback(
        Input(ids.START, "n_clicks"),
        State(ids.CONTENT, "data"),
        State(ids.STYLES, "data"),
        State({"type": "style-weight", "place": ALL}, "value"),
        State(ids.MASK, "data"),
        *controls.states(),
        prevent_initial_call=True,
    )
    async def start(_clicks, content, styles, shares, mask, *values):
        spec = asked_for(content, pictures.with_shares(styles, shares), mask, values)
        job = await asyncio.to_thread(studio.submit, current_client(), spec)
        send(opening.begun(job))


def _register_example(app: Dash, studio: Studio) -> None:
    examples = dict(zip(ids.EXAMPLES, gallery.examples(studio.samples()), strict=False))
    if not examples:
        return

    @app.callback(
        *(Input(button, "n_clicks") for button in examples),
        *controls.states(),
        prevent_initial_call=True,
    )
    async def start_example(*arguments):
        values = arguments[len(examples) :]
        owner = current_client()
        pair = examples[ctx.triggered_id]
        content, style = [await gallery.take(studio, owner, sample.name) for sample in pair]
        send({ids.CONTENT: {"data": content}, ids.STYLES: {"data": [style]}, ids.MASK: {"data": None}})
        job = await asyncio.to_thread(studio.submit, owner, asked_for(content, [style], None, values))
        send(opening.begun(job))


def _register_stop(app: Dash, studio: Studio) -> None:
    @app.callback(Input(ids.STOP, "n_clicks"), State(ids.JOB, "data"), prevent_initial_call=True)
    async def stop(_clicks, job_id):
        job = await asyncio.to_thread(studio.cancel, current_client(), job_id)
        send({ids.STATUS: views.painting(job, Reading(job.id))[ids.STATUS]})


# Pure: what is asked for, and what still stands in its way


def obstacle(content: dict | None, styles: list[dict] | None, values: Sequence[object]) -> str | None:
    """Why Start cannot be pressed yet, as a sentence; none when all is there."""
    if not content and not styles:
        return "Choose a photograph and a painting to begin."
    if not content:
        return "Choose a photograph to begin."
    if not styles:
        return "Choose a painting to begin."
    return controls.complaint(values)


def asked_for(
    content: dict | None, styles: list[dict], mask: dict | None, values: Sequence[object]
) -> JobSpec:
    """The job that the page's pictures and controls describe. Raises a `Refusal` when one is missing."""
    reason = obstacle(content, styles, values)
    if content is None or reason is not None:
        raise Refusal("not_ready", reason or "Choose a photograph to begin.")
    return JobSpec(
        content=content["id"],
        styles=[StyleRef(image=style["id"], weight=style["share"] / pictures.EVEN_SHARE) for style in styles],
        mask=mask["id"] if mask else None,
        options=controls.options_from(values),
    )
