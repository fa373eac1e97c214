"""Going on with a finished painting: some epochs more, or once again at double size."""

import asyncio

from dash import ClientsideFunction, Dash, Input, Output, State, ctx, dcc, html

from components import controls, ids, opening
from components.run import AWAITING
from components.sending import send
from nst.api.clients import current_client
from nst.api.quotas import JOBS, spend
from nst.jobs.models import Job
from nst.jobs.studio import Studio

STEPS = 50


def layout() -> html.Div:
    return html.Div(
        [
            html.Button(
                f"{STEPS} more epochs", id=ids.MORE, type="button", className="btn btn-outline-primary"
            ),
            html.Button(
                "Continue at double size", id=ids.LARGER, type="button", className="btn btn-outline-primary"
            ),
            html.P(id=ids.ONWARD_REASON, className="hint start-reason", role="status"),
            dcc.Store(id=ids.ONWARD_OBSTACLES, data=[None, None]),
        ],
        id=ids.ONWARD,
        className="onward",
        role="group",
        **{"aria-label": "Go on with this painting"},
    )


def register(app: Dash, studio: Studio) -> None:
    app.clientside_callback(
        ClientsideFunction("pentimento", "onward"),
        Output(ids.MORE, "disabled"),
        Output(ids.MORE, "title"),
        Output(ids.LARGER, "disabled"),
        Output(ids.LARGER, "title"),
        Output(ids.ONWARD_REASON, "children"),
        Input(ids.ONWARD_OBSTACLES, "data"),
        Input(ids.AWAITED, "data"),
        Input(ids.DISCONNECTED, "hidden"),
    )

    @app.callback(
        Input(ids.MORE, "n_clicks"),
        Input(ids.LARGER, "n_clicks"),
        State(ids.JOB, "data"),
        running=AWAITING,
        prevent_initial_call=True,
    )
    async def go_on(_more, _larger, job_id):
        owner, is_larger = current_client(), ctx.triggered_id == ids.LARGER
        await spend(JOBS)
        job = await asyncio.to_thread(_continued, studio, owner, job_id, is_larger)
        send({**opening.begun(job), **controls.standing(job.spec.options)})


def _continued(studio: Studio, owner: str, job_id: str, is_larger: bool) -> Job:
    size = studio.job(owner, job_id).current.options.size
    return studio.go_on(owner, job_id, STEPS, 2 * size if is_larger else None)
