"""The visitor's paintings, newest first: click one to open it. Its manners are in assets/history.js."""

import asyncio

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, dcc, html, no_update
from dash.exceptions import PreventUpdate

from components import ids, opening, urls, views
from components.sending import send
from nst.api.clients import current_client
from nst.errors import Refusal
from nst.jobs.models import Job
from nst.jobs.studio import Studio

PAGE = 12  # paintings shown at first, and more with each "Show older"


def layout() -> html.Section:
    return html.Section(
        [
            html.H2("Your paintings", className="panel-title"),
            html.Div(id=ids.HISTORY, className="history"),
            html.Button(
                "Show older",
                id=ids.HISTORY_OLDER,
                type="button",
                hidden=True,
                className="btn btn-link btn-sm history-older",
            ),
            dcc.Store(id=ids.HISTORY_STAMP),
            dcc.Store(id=ids.HISTORY_ELSEWHERE),
            dcc.Store(id=ids.HISTORY_SHOWN, data=PAGE),
        ],
        className="panel history-panel",
        **{"aria-label": "Your recent paintings"},
    )


def register(app: Dash, studio: Studio) -> None:
    _register_list(app, studio)
    _register_removal(app, studio)
    # Other tabs hear that something has changed; each then looks for itself.
    app.clientside_callback(
        ClientsideFunction("pentimento", "tellOtherTabs"),
        Input(ids.HISTORY_STAMP, "data"),
        prevent_initial_call=True,
    )


def _register_list(app: Dash, studio: Studio) -> None:
    @app.callback(
        Output(ids.HISTORY, "children"),
        Output(ids.HISTORY_OLDER, "hidden"),
        Output(ids.HISTORY_SHOWN, "data"),
        Input(ids.HISTORY_STAMP, "data"),  # changes with the shown painting's state
        Input(ids.HISTORY_ELSEWHERE, "data"),
        Input(ids.JOB, "data"),
        Input(ids.HISTORY_OLDER, "n_clicks"),
        State(ids.HISTORY_SHOWN, "data"),
    )
    async def show_history(_stamp, _elsewhere, shown, _clicks, count):
        count = (count or PAGE) + (PAGE if ctx.triggered_id == ids.HISTORY_OLDER else 0)
        jobs, older = await asyncio.to_thread(studio.jobs, current_client(), count)
        return entries(jobs, shown), older is None, count

    @app.callback(
        Input(ids.HISTORY_ELSEWHERE, "data"),
        State(ids.JOB, "data"),
        prevent_initial_call=True,
    )
    async def look_after_shown(_elsewhere, shown):
        if shown is None:
            raise PreventUpdate
        try:
            await asyncio.to_thread(studio.job, current_client(), shown)
        except Refusal:
            send(opening.lost())


def _register_removal(app: Dash, studio: Studio) -> None:
    @app.callback(
        Output(ids.HISTORY_STAMP, "data"),
        Input({"type": "history-remove", "job": ALL}, "n_clicks"),
        prevent_initial_call=True,
    )
    async def remove(_clicks):
        if not ctx.triggered[0]["value"]:
            return no_update
        job = ctx.triggered_id["job"]
        await asyncio.to_thread(studio.delete, current_client(), job)
        return [job, "deleted"]


def entries(jobs: list[Job], shown: str | None) -> list:
    if not jobs:
        return [html.P("What you paint will hang here.", className="hint")]
    return [_entry(job, job.id == shown) for job in jobs]


def _entry(job: Job, is_shown: bool) -> html.Div:
    picture = html.Img(src=views.picture_url(job), alt=views.status(job), className=f"is-{job.state}")
    opener = dcc.Link(picture, href=urls.page(job.id), title=views.status(job), className="history-link")
    # The browser writes it in the visitor's own time and words.
    when = html.Time(f"{job.created:%-d %b, %H:%M} UTC", dateTime=job.created.isoformat(), className="hint")
    return html.Div(
        [opener, when, *([] if is_shown else [_remover(), _question(job)])],
        key=job.id,
        className="history-entry is-shown" if is_shown else "history-entry",
    )


def _remover() -> html.Button:
    words = "Delete this painting"
    return html.Button(
        "×",
        type="button",
        className="remove-button",
        title=words,
        **{"aria-label": words, "data-asks": "true"},
    )


def _question(job: Job) -> html.Div:
    """Asked over the picture before it is deleted."""
    return html.Div(
        [
            html.Button(
                "Keep", type="button", className="btn btn-sm btn-outline-secondary", **{"data-keeps": "true"}
            ),
            html.Button(
                "Delete",
                id=ids.history_remove(job.id),
                type="button",
                className="btn btn-sm btn-primary",
            ),
        ],
        className="history-question",
        hidden=True,
        role="group",
        **{"aria-label": "Delete this painting?"},
    )
