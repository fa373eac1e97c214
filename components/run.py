"""Start, pause, and stop and keep.

What stands in the way of Start is known in two places: the studio knows about pictures and options
(`obstacle`), the browser about itself (assets/run.js): a picture on its way, an answer awaited, a studio that
is silent. The browser puts both together, so that it can say so without the studio.
"""

import asyncio
from collections.abc import Iterable, Sequence

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, dcc, html

from components import controls, gallery, ids, layers, mask, opening, pictures, regions, views
from components.reading import Reading
from components.sending import send
from nst.api.clients import current_client
from nst.api.quotas import JOBS, spend
from nst.errors import Refusal
from nst.jobs.models import Job, JobSpec
from nst.jobs.studio import Studio

AWAITING = [(Output(ids.AWAITED, "data"), True, False)]  # while the studio has a click of Start in hand


def layout() -> html.Div:
    return html.Div(
        [
            html.Button(
                "Start",
                id=ids.START,
                type="button",
                disabled=True,
                title="Start painting (Ctrl+Enter)",
                className="btn btn-primary btn-lg",
                **{"aria-keyshortcuts": "Control+Enter"},
            ),
            html.Button(
                "Pause",
                id=ids.PAUSE,
                type="button",
                className="btn btn-outline-primary btn-lg",
                **{"aria-keyshortcuts": "Control+Shift+Enter"},
            ),
            html.Button(
                "Stop and keep",
                id=ids.STOP,
                type="button",
                title="Stop, and keep the picture (Esc)",
                className="btn btn-outline-primary btn-lg",
                **{"aria-keyshortcuts": "Escape"},
            ),
            html.P(id=ids.START_REASON, className="hint start-reason", role="status"),
            html.P(id=ids.STOP_REASON, className="hint start-reason", role="status"),
            mask.in_use(),
            regions.in_use(),
            dcc.Store(id=ids.OBSTACLE, data=obstacle(None, None, ())),
            dcc.Store(id=ids.AWAITED, data=False),
            dcc.Store(id=ids.UPLOADING, data=False),
            dcc.Store(id=ids.ARRIVING, data=False),
            dcc.Store(id=ids.PAUSE_OBSTACLE),
        ],
        className="run",
    )


def register(app: Dash, studio: Studio) -> None:
    examples = dict(zip(ids.EXAMPLES, gallery.examples(studio.samples()), strict=False))
    _register_readiness(app, examples)
    _register_start(app, studio)
    if examples:
        _register_example(app, studio, examples)
    _register_stop(app, studio)
    _register_pause(app, studio)


def _register_readiness(app: Dash, examples: Iterable[str]) -> None:
    @app.callback(
        Output(ids.OBSTACLE, "data"),
        Input(ids.CONTENT, "data"),
        Input(ids.STYLES, "data"),
        *controls.inputs(),
    )
    async def check(content, styles, *values):
        return obstacle(content, styles, values)

    app.clientside_callback(
        ClientsideFunction("pentimento", "readiness"),
        Output(ids.START, "disabled"),
        Output(ids.START_REASON, "children"),
        Output(ids.STOP, "disabled"),
        Output(ids.STOP_REASON, "children"),
        *(Output(example, "disabled") for example in examples),
        Input(ids.OBSTACLE, "data"),
        Input(ids.AWAITED, "data"),
        Input(ids.UPLOADING, "data"),
        Input(ids.ARRIVING, "data"),
        Input(ids.DISCONNECTED, "hidden"),
    )

    app.clientside_callback(
        ClientsideFunction("pentimento", "mayRest"),
        Output(ids.PAUSE, "disabled"),
        Output(ids.PAUSE, "title"),
        Input(ids.PAUSE_OBSTACLE, "data"),
        Input(ids.PAUSE, "children"),
        Input(ids.DISCONNECTED, "hidden"),
    )


def _register_start(app: Dash, studio: Studio) -> None:
    @app.callback(
        Input(ids.START, "n_clicks"),
        State(ids.CONTENT, "data"),
        State(ids.STYLES, "data"),
        State({"type": "style-weight", "place": ALL}, "value"),
        State(ids.MASK, "data"),
        State(ids.REGIONS, "data"),
        *controls.states(),
        running=AWAITING,
        prevent_initial_call=True,
    )
    async def start(_clicks, content, styles, shares, painted_part, regions_kept, *values):
        spec = asked_for(content, pictures.with_shares(styles, shares), painted_part, values, regions_kept)
        await spend(JOBS)
        job = await asyncio.to_thread(studio.submit, current_client(), spec)
        send(opening.begun(job))


def _register_example(app: Dash, studio: Studio, examples: dict[str, tuple]) -> None:
    @app.callback(
        *(Input(button, "n_clicks") for button in examples),
        *controls.states(),
        running=AWAITING,
        prevent_initial_call=True,
    )
    async def start_example(*arguments):
        values = arguments[len(examples) :]
        owner = current_client()
        pair = examples[ctx.triggered_id]
        content, style = [await gallery.take(studio, owner, sample.name) for sample in pair]
        send({ids.MASK: {"data": None}, ids.REGIONS: {"data": None}})
        send({ids.CONTENT: {"data": content}, ids.STYLES: {"data": [style]}})
        await spend(JOBS)
        job = await asyncio.to_thread(studio.submit, owner, asked_for(content, [style], None, values))
        send(opening.begun(job))


def _register_stop(app: Dash, studio: Studio) -> None:
    @app.callback(Input(ids.STOP, "n_clicks"), State(ids.JOB, "data"), prevent_initial_call=True)
    async def stop(_clicks, job_id):
        job = await asyncio.to_thread(studio.cancel, current_client(), job_id)
        send({ids.STATUS: views.painting(job, Reading(job.id))[ids.STATUS]})


def _register_pause(app: Dash, studio: Studio) -> None:
    @app.callback(Input(ids.PAUSE, "n_clicks"), State(ids.JOB, "data"), prevent_initial_call=True)
    async def pause_or_resume(_clicks, job_id):
        job = await asyncio.to_thread(_paused_or_resumed, studio, current_client(), job_id)
        send({ids.STATUS: views.painting(job, Reading(job.id))[ids.STATUS]})


def _paused_or_resumed(studio: Studio, owner: str, job_id: str) -> Job:
    """A painting that rests goes on; any other rests, or says why it cannot."""
    rests = studio.job(owner, job_id).state == "paused"
    return studio.resume(owner, job_id) if rests else studio.pause(owner, job_id)


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
    content: dict | None,
    styles: list[dict],
    painted_part: dict | None,
    values: Sequence[object],
    regions_kept: list[dict] | None = None,
) -> JobSpec:
    """The job that the page's pictures and controls describe. Raises a `Refusal` when one is missing."""
    reason = obstacle(content, styles, values)
    if content is None or reason is not None:
        raise Refusal("not_ready", reason or "Choose a photograph to begin.")
    return JobSpec(
        content=content["id"],
        styles=pictures.style_refs(styles),
        mask=painted_part["id"] if painted_part and mask.fits(painted_part, content) else None,
        regions=layers.as_asked(regions_kept, content, styles),
        options=controls.options_from(values),
    )
