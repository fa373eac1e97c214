"""The controls follow the painting under way: what another window or a program changes of it is seen here.

The feed tells how the painting is set; assets/following.js moves the controls there, save those that a hand
holds or has just moved. Mask, regions and guides are pictures, which the studio puts back into the panels.
"""

import asyncio

from dash import ClientsideFunction, Dash, Input, Output, State, dcc
from dash.exceptions import PreventUpdate

from components import controls, ids, opening, parts, pictures
from components.sending import send
from components.views import Update
from nst.api.clients import current_client
from nst.errors import Refusal
from nst.jobs.models import Job
from nst.jobs.studio import Studio
from nst.options import LIVE

PANELS = {"mask": ids.MASK, "regions": ids.REGIONS, "guides": ids.STYLES}


def layout() -> list[dcc.Store]:
    return [dcc.Store(id=ids.FOLLOWED), dcc.Store(id=ids.PARTS_FOLLOWED)]


def register(app: Dash, studio: Studio) -> None:
    app.clientside_callback(
        ClientsideFunction("pentimento", "follow"),
        Output(ids.PARTS_FOLLOWED, "data"),
        Input(ids.FOLLOWED, "data"),
        Input(ids.STYLES, "data"),
        State(ids.JOB, "data"),
        prevent_initial_call=True,
    )

    @app.callback(
        Input(ids.PARTS_FOLLOWED, "data"),
        State(ids.JOB, "data"),
        State(ids.CONTENT, "data"),
        State(ids.MASK, "data"),
        State(ids.REGIONS, "data"),
        State(ids.STYLES, "data"),
        prevent_initial_call=True,
    )
    async def follow_parts(_told, job_id, content, *shown):
        if not job_id or not content:
            raise PreventUpdate
        send(await asyncio.to_thread(_panels, studio, current_client(), job_id, content, *shown))


def told(job: Job) -> Update:
    """How the painting under way is set; nothing once it is over: the controls are the next one's then."""
    return {ids.FOLLOWED: {"data": None if job.is_finished else settings(job)}}


def settings(job: Job) -> dict[str, object]:
    """Where its controls stand, by id, and names for all the pictures that say where what is painted."""
    spec = job.current
    values = controls.values_of(spec.options)
    where = spec.model_dump(mode="json", include={"mask", "regions"})
    return {
        "job": job.id,
        "options": {ids.option(name): values[name] for name in LIVE},
        "styles": [style.image for style in spec.styles],
        "shares": pictures.shares_of([style.weight for style in spec.styles]),
        "parts": {**where, "guides": [style.guide for style in spec.styles]},
    }


def _panels(
    studio: Studio,
    owner: str,
    job_id: str,
    content: dict,
    mask: dict | None,
    regions: list[dict] | None,
    styles: list[dict] | None,
) -> Update:
    """Those of the panels' pictures that differ from the job's, as the job has them."""
    try:
        job = studio.job(owner, job_id)
        change = parts.asked_for(job, content, mask, regions, styles)
        if change is None:
            return {}
        kept = opening.ingredients(studio, owner, job)
    except Refusal:  # the panels are for another painting, or this one is gone
        return {}
    return {PANELS[part]: kept[PANELS[part]] for part in change.model_fields_set}
