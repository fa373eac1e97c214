"""Which painting the page shows. Its id is in the address, /jobs/ID, so that a reload, a second tab and a
visit after a restart find it again."""

import asyncio
from collections.abc import Sequence

from dash import ClientsideFunction, Dash, Input, Output, State
from dash.exceptions import PreventUpdate

from components import controls, ids, layers, losses, pictures, urls, views
from components.reading import Reading
from components.sending import notice, send
from components.views import Update
from nst.api.clients import current_client
from nst.errors import Refusal
from nst.jobs.models import Job, StyleRef
from nst.jobs.studio import Studio

PANELS = (ids.CONTENT, ids.STYLES, ids.MASK, ids.REGIONS)  # what is prepared in them outlives a reload

LOST = "That painting is not here any more. It may have been deleted, or belong to another visitor."


def register(app: Dash, studio: Studio) -> None:
    app.clientside_callback(
        ClientsideFunction("pentimento", "turnToPainting"),
        Output(ids.COMPARE, "value"),
        Input(ids.JOB, "data"),
    )

    @app.callback(
        Input(ids.URL, "pathname"),
        State(ids.OPENED, "data"),
        State(ids.JOB, "data"),
        State(ids.LAST, "data"),
        *(State(panel, "data") for panel in PANELS),
    )
    async def open_path(path, opened, shown, last, *panels):
        if path is None or (opened and urls.job_of(path) == shown):
            raise PreventUpdate
        send({ids.OPENED: {"data": path}})
        if urls.compared(path) or urls.group_of(path):
            send(cleared())
            return
        owner = current_client()
        job_id = urls.job_of(path)
        if job_id is None and not opened:
            under_way = await asyncio.to_thread(_unfinished, studio, owner)
            if under_way and prepares_another(under_way, *panels):
                under_way = None
            if under_way and under_way.group:
                send({ids.URL: {"pathname": urls.group(under_way.group)}})
                return
            job_id = under_way and under_way.id
        kept = panels if job_id == last and not opened else None
        send(await asyncio.to_thread(_reopened, studio, owner, job_id, kept) if job_id else closed())


def begun(job: Job) -> Update:
    """The page turns to this painting. The feed brings its curves and whatever happens next."""
    return {
        **views.painting(job, Reading(job.id)),
        ids.NOTICE: {"is_open": False},  # what it said is over
        ids.JOB: {"data": job.id},
        ids.LAST: {"data": job.id},
        ids.URL: {"pathname": urls.page(job.id)},
    }


def cleared() -> Update:
    """Nothing on the easel, wherever the page is."""
    return {
        **views.EMPTY,
        ids.LOSSES_PLACE: {"children": losses.graph(())},
        ids.JOB: {"data": None},
        ids.LAST: {"data": None},
    }


def closed() -> Update:
    """An empty easel. Pictures and options stay."""
    return {**cleared(), ids.NOTICE: {"is_open": False}, ids.URL: {"pathname": urls.home()}}


def lost() -> Update:
    """A painting that is gone: say so, and begin anew."""
    return {**closed(), **notice(LOST)}


def _unfinished(studio: Studio, owner: str) -> Job | None:
    """The painting that a visitor who comes to the front door has under way."""
    jobs, _ = studio.jobs(owner, 5)
    return next((job for job in jobs if not job.is_finished), None)


def _reopened(studio: Studio, owner: str, job_id: str, panels: Sequence | None) -> Update:
    """A painting with the pictures and options that it was made from. On a reload, whose `panels` these are,
    what was prepared beside it stays."""
    try:
        job = studio.job(owner, job_id)
        if panels and prepares_another(job, *panels):
            return begun(job)
        return {**begun(job), **ingredients(studio, owner, job)}
    except Refusal:
        return lost()


def ingredients(studio: Studio, owner: str, job: Job) -> Update:
    """The pictures and options that it was made from, back into the panels."""

    def kept(image: str, share: float = pictures.EVEN_SHARE) -> dict:
        return pictures.picture(studio.image(owner, image), share)

    def style(used: StyleRef, share: float) -> dict:
        return {**kept(used.image, share), "guide": kept(used.guide) if used.guide else None}

    spec = job.current
    shares = pictures.shares_of([used.weight for used in spec.styles])
    return {
        # Before the photograph: whenever that changes, the page looks whether these go with it.
        ids.MASK: {"data": {**kept(spec.mask), "of": spec.content} if spec.mask else None},
        ids.REGIONS: {"data": layers.kept(studio, owner, spec)},
        ids.CONTENT: {"data": kept(spec.content)},
        ids.STYLES: {"data": [style(*used) for used in zip(spec.styles, shares, strict=True)]},
        **controls.standing(spec.options),
    }


def prepares_another(
    job: Job,
    content: dict | None,
    styles: list[dict] | None,
    mask: dict | None,
    regions: list[dict] | None,
) -> bool:
    """Whether the panels hold a picture that this painting is not made from: they are for another."""
    guides = [style.get("guide") for style in styles or ()]
    held = (content, mask, *(styles or ()), *guides, *(regions or ()))
    return not {picture["id"] for picture in held if picture} <= job.pictures
