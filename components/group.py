"""Paintings that were asked for together: how far they are, a grid of variations or a row of photographs, and
all of them as a ZIP.
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from urllib.parse import quote

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, dcc, html, no_update
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from components import controls, ids, opening, urls, views
from components.run import AWAITING
from components.sending import send
from components.views import Update
from nst.api.clients import current_client
from nst.api.quotas import JOBS, spend
from nst.errors import Refusal
from nst.jobs import groups
from nst.jobs.models import Group, Job, JobSpec, StoredImage
from nst.jobs.studio import Studio
from nst.options import Options, parse_options

CLOCK_MS = 1200
TAKEN = ("size", "steps")  # from the controls, by a painting of a grid that is painted again
LOST = "These paintings are not here any more. They may have been deleted, or belong to another visitor."


def layout() -> html.Div:
    return html.Div(
        [
            html.Section(id=ids.GROUP, className="group-view", **{"aria-label": "Paintings of a group"}),
            dcc.Store(id=ids.GROUP_SHOWN),
            dcc.Interval(id=ids.GROUP_CLOCK, interval=CLOCK_MS, disabled=True),
        ]
    )


def register(app: Dash, studio: Studio) -> None:
    app.clientside_callback(
        ClientsideFunction("pentimento", "viewAt"),
        Output(ids.PAGE, "data-view"),
        Input(ids.URL, "pathname"),
    )
    _register_view(app, studio)
    _register_stop(app, studio)
    _register_large(app, studio)


def _register_view(app: Dash, studio: Studio) -> None:
    @app.callback(
        Output(ids.GROUP, "children"),
        Output(ids.GROUP_CLOCK, "disabled"),
        Output(ids.GROUP_SHOWN, "data"),
        Input(ids.URL, "pathname"),
        Input(ids.GROUP_CLOCK, "n_intervals"),
        State(ids.GROUP_SHOWN, "data"),
    )
    async def show_group(path, _clock, shown):
        name = urls.group_of(path)
        if name is None:
            if ctx.triggered_id != ids.GROUP_CLOCK:
                raise PreventUpdate
            return None, True, None
        try:
            group, jobs = await asyncio.to_thread(studio.group, current_client(), name)
        except Refusal:
            return html.P(LOST), True, None
        finished = sum(job.is_finished for job in jobs)
        now = [name, *([job.id, job.state] for job in jobs)]
        if now == shown and ctx.triggered_id == ids.GROUP_CLOCK:
            send(moved_on(group, jobs))
            return no_update, finished == len(jobs), no_update
        if now != shown:
            send({ids.HISTORY_STAMP: {"data": [name, finished]}})
        photographs = await asyncio.to_thread(_photographs, studio, current_client(), jobs)
        return view(group, jobs, photographs), finished == len(jobs), now


def _register_stop(app: Dash, studio: Studio) -> None:
    @app.callback(
        Output(ids.GROUP_CLOCK, "disabled", allow_duplicate=True),
        Input({"type": "group-stop", "group": ALL}, "n_clicks"),
        prevent_initial_call=True,
    )
    async def stop(_clicks):
        if not ctx.triggered[0]["value"]:
            return no_update
        await asyncio.to_thread(groups.cancel, studio, current_client(), ctx.triggered_id["group"])
        return False


def _register_large(app: Dash, studio: Studio) -> None:
    @app.callback(
        Input({"type": "cell", "job": ALL}, "n_clicks"),
        *controls.states(),
        running=AWAITING,
        prevent_initial_call=True,
    )
    async def paint_large(_clicks, *values):
        if not ctx.triggered[0]["value"]:
            raise PreventUpdate
        if wrong := controls.complaint(values, TAKEN):
            raise Refusal("not_ready", wrong)
        owner = current_client()
        cell = await asyncio.to_thread(studio.job, owner, ctx.triggered_id["job"])
        back = await asyncio.to_thread(opening.ingredients, studio, owner, cell)
        await spend(JOBS)
        spec = enlarged(cell, controls.options_from(values, TAKEN))
        job = await asyncio.to_thread(studio.submit, owner, spec)
        send({**opening.begun(job), **back, **controls.standing(job.spec.options)})


def _photographs(studio: Studio, owner: str, jobs: Sequence[Job]) -> dict[str, StoredImage]:
    """By id, those that are there still."""
    found = {}
    for content in {job.spec.content for job in jobs}:
        with suppress(Refusal):
            found[content] = studio.image(owner, content)
    return found


# Pure: what is asked for, and what there is to see


def enlarged(cell: Job, now: Options) -> JobSpec:
    """A painting of the grid again, as large and as long as the controls say."""
    options = cell.current.options.model_dump() | now.model_dump(include=set(TAKEN))
    return cell.current.model_copy(update={"options": parse_options(options), "changes": []})


def view(group: Group, jobs: Sequence[Job], photographs: Mapping[str, StoredImage]) -> list[Component]:
    pictures = {job.id: _picture(job, photographs.get(job.spec.content)) for job in jobs}
    return [_head(group, jobs), _grid(group, jobs, pictures) if group.axes else _row(jobs, pictures)]


def moved_on(group: Group, jobs: Sequence[Job]) -> Update:
    """What a step changes of the view. The whole, drawn anew at each, would take the focus away."""
    update: Update = {ids.GROUP_PROGRESS: {"value": f"{progress(jobs):g}"}}
    for job in jobs:
        status = views.status(job)
        update[ids.group_picture(job.id)] = {"src": _source(job)}
        update[ids.group_status(job.id)] = {"children": status}
        if group.axes:
            update[ids.group_place(job.id)] = {"title": status}
    return update


def progress(jobs: Sequence[Job]) -> float:
    """0..100, counted in steps."""
    shares = [1.0 if job.is_finished else min(1.0, job.step / job.steps) for job in jobs]
    return round(100 * sum(shares) / len(shares), 1) if shares else 100.0


def told(jobs: Sequence[Job]) -> str:
    """How far they are, in words."""
    if not jobs:
        return "All of them were deleted."
    done = sum(job.has_result for job in jobs)
    failed = sum(job.state == "failed" for job in jobs)
    words = f"{done} of {len(jobs)} painted" if done < len(jobs) else f"All {len(jobs)} are painted"
    return f"{words}, {failed} could not be finished." if failed else f"{words}."


def _head(group: Group, jobs: Sequence[Job]) -> html.Div:
    buttons: list[Component] = []
    if not all(job.is_finished for job in jobs):
        buttons.append(
            html.Button(
                "Stop all and keep",
                id=ids.group_stop(group.id),
                type="button",
                className="btn btn-outline-primary",
            )
        )
    if any(job.has_result for job in jobs):
        link = f"{urls.archive(group.id)}?download={quote(group.title or '', safe='')}"
        buttons.append(
            html.A("Download ZIP", id=ids.GROUP_ZIP, href=link, download="", className="btn btn-primary")
        )
    return html.Div(
        [
            html.Div(
                [
                    html.H2(group.title or "A group of paintings", className="group-title"),
                    html.P(told(jobs), className="wall-detail", role="status"),
                ]
            ),
            html.Div(buttons, className="group-buttons"),
            html.Progress(
                id=ids.GROUP_PROGRESS,
                value=f"{progress(jobs):g}",
                max="100",
                className="run-progress",
                **{"aria-label": "Progress"},
            ),
        ],
        className="group-head is-over" if all(job.is_finished for job in jobs) else "group-head",
    )


def _row(jobs: Sequence[Job], pictures: Mapping[str, html.Img]) -> html.Div:
    tiles = [
        dcc.Link(
            [pictures[job.id], html.Span(views.status(job), id=ids.group_status(job.id), className="hint")],
            id=ids.group_place(job.id),
            href=urls.page(job.id),
            className=f"tile is-{job.state}",
        )
        for job in jobs
    ]
    return html.Div(tiles, className="tiles")


def _grid(group: Group, jobs: Sequence[Job], pictures: Mapping[str, html.Img]) -> html.Div:
    """A row for each value of the first axis, a column for each of the second."""
    rows, *others = group.axes
    there = {job.id: job for job in jobs}
    width = len(others[0].values) if others else 1
    heads = [
        html.Th(_worth(others[0].option, value), scope="col")
        for value in (others[0].values if others else ())
    ]
    lines = [
        html.Tr(
            [
                html.Th(_worth(rows.option, value), scope="row"),
                *(
                    _place(there.get(member), pictures.get(member))
                    for member in group.members[place * width : (place + 1) * width]
                ),
            ]
        )
        for place, value in enumerate(rows.values)
    ]
    head = [html.Thead(html.Tr([html.Td(), *heads]))] if heads else []
    return html.Div(
        [
            html.P("Click one to paint it at the size and epochs that are set now.", className="hint"),
            html.Div(html.Table([*head, html.Tbody(lines)], className="variations"), className="scrolled"),
        ]
    )


def _place(job: Job | None, picture: html.Img | None) -> html.Td:
    if job is None:
        return html.Td(html.Span("Deleted", className="hint"))
    status = html.Span(views.status(job), id=ids.group_status(job.id))
    button = html.Button(
        [
            picture,
            html.Span([status, ". "], className="visually-hidden"),
            html.Span("Paint it large", className="cell-words"),
        ],
        id=ids.cell(job.id),
        type="button",
        className=f"cell is-{job.state}",
    )
    return html.Td(button, id=ids.group_place(job.id), title=views.status(job))


def _worth(option: str, value: float) -> str:
    return f"{controls.LABELS[option]} {value:g}"


def _picture(job: Job, photograph: StoredImage | None) -> html.Img:
    """What there is of a painting; while that is on its way, the photograph in its shape."""
    begun = urls.thumbnail(job.spec.content)
    shape = {"width": photograph.width, "height": photograph.height} if photograph else {}
    return html.Img(
        id=ids.group_picture(job.id),
        src=_source(job),
        alt="",
        style={"background": f"center / cover url({begun})"},
        **shape,
    )


def _source(job: Job) -> str:
    seq = job.preview_seq
    return urls.preview(job.id, seq) if seq else urls.thumbnail(job.spec.content)
