"""The visitor's paintings, newest first: open one, use its settings again, hold two side by side, delete.

What was asked for together hangs as one. The list's manners are in assets/history.js.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, dcc, html, no_update
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from components import ids, opening, restoring, urls, views
from components.sending import send
from nst.api.clients import current_client
from nst.errors import Refusal
from nst.jobs.models import Job
from nst.jobs.studio import Studio

PAGE = 12  # entries shown at first, and more with each "Show older"


def layout() -> html.Section:
    return html.Section(
        [
            html.H2("Your paintings", className="panel-title"),
            html.Div(id=ids.HISTORY, className="history"),
            html.P(
                dcc.Link("See the two side by side", id=ids.HISTORY_PAIR_LINK, href=urls.home()),
                id=ids.HISTORY_PAIR,
                hidden=True,
                className="history-pair",
                role="status",
            ),
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
    _register_again(app, studio)
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
        hung, is_all = await asyncio.to_thread(_gathered, studio, current_client(), count)
        return entries(hung, shown), is_all, count

    @app.callback(
        Input(ids.HISTORY_ELSEWHERE, "data"),
        State(ids.JOB, "data"),
        prevent_initial_call=True,
    )
    async def look_after_shown(_elsewhere, shown):
        if not await asyncio.to_thread(_is_gone, studio, current_client(), shown):
            raise PreventUpdate
        send(opening.lost())


def _register_removal(app: Dash, studio: Studio) -> None:
    @app.callback(
        Output(ids.HISTORY_STAMP, "data"),
        Input({"type": "history-remove", "job": ALL}, "n_clicks"),
        Input({"type": "group-remove", "group": ALL}, "n_clicks"),
        State(ids.JOB, "data"),
        State(ids.URL, "pathname"),
        prevent_initial_call=True,
    )
    async def remove(_clicks, _group_clicks, shown, path):
        if not ctx.triggered[0]["value"]:
            return no_update
        clicked = ctx.triggered_id
        name = clicked.get("job") or clicked["group"]
        delete = studio.delete_group if clicked["type"] == "group-remove" else studio.delete
        await asyncio.to_thread(delete, current_client(), name)
        is_open = name in (path or "").split("/")
        if is_open or await asyncio.to_thread(_is_gone, studio, current_client(), shown):
            send(opening.closed())
        return [name, "deleted"]


def _register_again(app: Dash, studio: Studio) -> None:
    @app.callback(
        Input({"type": "history-again", "job": ALL}, "n_clicks"),
        State(ids.JOB, "data"),
        prevent_initial_call=True,
    )
    async def use_again(_clicks, shown):
        if not ctx.triggered[0]["value"]:
            raise PreventUpdate
        owner = current_client()
        job = await asyncio.to_thread(studio.job, owner, ctx.triggered_id["job"])
        back = await asyncio.to_thread(opening.ingredients, studio, owner, job)
        # A painting under way is left to itself: its controls are not these any more.
        is_busy = await restoring.is_under_way(studio, shown)
        send({**(opening.closed() if is_busy else {}), **back, **restoring.said(restoring.AGAIN)})


def _is_gone(studio: Studio, owner: str, shown: str | None) -> bool:
    """Whether the painting on the easel, if there is one, was deleted."""
    try:
        return shown is not None and not studio.job(owner, shown)
    except Refusal:
        return True


def _gathered(studio: Studio, owner: str, count: int) -> tuple[list[list[Job]], bool]:
    """The newest paintings, those of one group together: so many entries, and whether these are all."""
    found: dict[str, list[Job]] = {}
    before = None
    while True:
        jobs, before = studio.jobs(owner, 4 * count, before)
        for job in jobs:
            found.setdefault(job.group or job.id, []).append(job)
        if before is None or len(found) > count:
            return list(found.values())[:count], before is None and len(found) <= count


def entries(hung: Sequence[Sequence[Job]], shown: str | None) -> list:
    """An entry for each painting, or for each group of them."""
    if not hung:
        return [html.P("What you paint will hang here.", className="hint")]
    return [_group(jobs) if jobs[0].group else _painting(jobs[0], jobs[0].id == shown) for jobs in hung]


def moment(time: datetime) -> html.Time:
    """The browser writes it in the visitor's own time and words."""
    return html.Time(f"{time:%-d %b, %H:%M} UTC", dateTime=time.isoformat(), className="hint")


def _painting(job: Job, is_shown: bool) -> html.Div:
    picture = html.Img(src=_small(job), alt=views.status(job), className=f"is-{job.state}")
    opener = dcc.Link(picture, href=urls.page(job.id), title=views.status(job), className="history-link")
    actions = [_again(job), *([_picker(job)] if job.has_result else [])]
    removal = [] if is_shown else [_remover("painting"), _question("painting", ids.history_remove(job.id))]
    return html.Div(
        [opener, moment(job.created), *_expiry(job), *actions, *removal],
        id=ids.history_entry(job.id),
        className="history-entry is-shown" if is_shown else "history-entry",
    )


def _group(jobs: Sequence[Job]) -> html.Div:
    group = jobs[0].group or ""
    words = f"{len(jobs)} paintings" if len(jobs) > 1 else "1 painting of a group"
    cover = next((job for job in reversed(jobs) if job.preview_seq), jobs[-1])
    opener = dcc.Link(
        [html.Img(src=_small(cover), alt=""), html.Span(words, className="history-count")],
        href=urls.group(group),
        title=f"Open these {len(jobs)} paintings",
        className="history-link",
    )
    return html.Div(
        [opener, moment(jobs[-1].created), _remover("group"), _question("group", ids.group_remove(group))],
        id=ids.history_entry(group),
        className="history-entry is-group",
    )


def _small(job: Job) -> str:
    """A list of paintings does not need their full size."""
    return urls.preview(job.id, job.preview_seq) if job.preview_seq else views.picture_url(job)


def _expiry(job: Job) -> list[html.Span]:
    """Until when it is kept, where that is not for ever."""
    return [] if job.expires is None else [html.Span(f"kept until {job.expires:%-d %b}", className="hint")]


def _again(job: Job) -> html.Button:
    return html.Button(
        "Use again",
        id=ids.history_again(job.id),
        type="button",
        title="Put its pictures and settings back into the panels",
        className="history-again",
    )


def _picker(job: Job) -> html.Button:
    words = "Choose it to be seen side by side with another"
    return html.Button(
        "◧",
        type="button",
        title=words,
        className="pick-button",
        **{"aria-label": words, "aria-pressed": "false", "data-pick": job.id},
    )


def _remover(what: str) -> html.Button:
    words = f"Delete this {what}"
    return html.Button(
        "×",
        type="button",
        className="remove-button",
        title=words,
        **{"aria-label": words, "data-asks": "true"},
    )


def _question(what: str, delete: dict[str, str]) -> Component:
    """Asked over the picture before it is deleted."""
    return html.Div(
        [
            html.Button(
                "Keep", type="button", className="btn btn-sm btn-outline-secondary", **{"data-keeps": "true"}
            ),
            html.Button("Delete", id=delete, type="button", className="btn btn-sm btn-primary"),
        ],
        className="history-question",
        hidden=True,
        role="group",
        **{"aria-label": f"Delete this {what}?"},
    )
