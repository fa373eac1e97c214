"""The visitor's recent paintings: click one to open it."""

import asyncio

from dash import ALL, Dash, Input, Output, ctx, dcc, html, no_update

from components import ids, urls, views
from nst.api.clients import current_client
from nst.jobs.models import Job
from nst.jobs.studio import Studio

SHOWN = 12


def layout() -> html.Section:
    return html.Section(
        [
            html.H2("Your paintings", className="panel-title"),
            html.Div(id=ids.HISTORY, className="history"),
            dcc.Store(id=ids.HISTORY_STAMP),
        ],
        className="panel history-panel",
        **{"aria-label": "Your recent paintings"},
    )


def register(app: Dash, studio: Studio) -> None:
    @app.callback(
        Output(ids.HISTORY, "children"),
        Input(ids.HISTORY_STAMP, "data"),  # changes with the shown painting's state
        Input(ids.JOB, "data"),
    )
    async def show_history(_stamp, shown):
        jobs, _ = await asyncio.to_thread(studio.jobs, current_client(), SHOWN)
        return entries(jobs, shown)

    @app.callback(
        Output(ids.HISTORY, "children", allow_duplicate=True),
        Input({"type": "history-remove", "job": ALL}, "n_clicks"),
        prevent_initial_call=True,
    )
    async def remove(_clicks):
        if not ctx.triggered[0]["value"]:
            return no_update
        owner = current_client()
        await asyncio.to_thread(studio.delete, owner, ctx.triggered_id["job"])
        jobs, _ = await asyncio.to_thread(studio.jobs, owner, SHOWN)
        return entries(jobs, None)


def entries(jobs: list[Job], shown: str | None) -> list:
    if not jobs:
        return [html.P("What you paint will hang here.", className="hint")]
    return [_entry(job, job.id == shown) for job in jobs]


def _entry(job: Job, is_shown: bool) -> html.Div:
    title = f"{views.status(job)}. {job.created:%-d %B, %H:%M} UTC"
    picture = html.Img(src=views.picture_url(job), alt=title, className=f"is-{job.state}")
    opener = dcc.Link(picture, href=urls.page(job.id), title=title, className="history-link")
    return html.Div(
        [opener, *([] if is_shown else [_remover(job)])],
        className="history-entry is-shown" if is_shown else "history-entry",
    )


def _remover(job: Job) -> html.Button:
    return html.Button(
        "×",
        id=ids.history_remove(job.id),
        type="button",
        className="remove-button",
        title="Delete this painting",
    )
