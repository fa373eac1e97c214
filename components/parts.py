"""Where what is painted, while it is painted: mask, regions and guides of the painting under way.

The store `PARTS_CHANGED` is set, to the time, by whoever changes one of them by hand. Their own
stores also change when another painting's settings are put back into the panels, which must not touch the
one under way.
"""

import asyncio

from dash import Dash, Input, Output, State, dcc
from dash.exceptions import PreventUpdate

from components import ids, layers, mask, pictures, steering
from nst.api.clients import current_client
from nst.errors import Refusal
from nst.jobs.models import Job, Steering
from nst.jobs.studio import Studio


def layout() -> dcc.Store:
    return dcc.Store(id=ids.PARTS_CHANGED)


def register(app: Dash, studio: Studio) -> None:
    @app.callback(
        Output(ids.STEER_ANSWER, "data", allow_duplicate=True),
        Input(ids.PARTS_CHANGED, "data"),
        State(ids.JOB, "data"),
        State(ids.CONTENT, "data"),
        State(ids.MASK, "data"),
        State(ids.REGIONS, "data"),
        State(ids.STYLES, "data"),
        prevent_initial_call=True,
    )
    async def steer_parts(_changed, job_id, content, painted_part, regions, styles):
        if not job_id or not content:
            raise PreventUpdate
        owner = current_client()
        job = await asyncio.to_thread(studio.job, owner, job_id)
        change = asked_for(job, content, painted_part, regions, styles)
        if change is None:
            raise PreventUpdate
        return steering.answer(await asyncio.to_thread(studio.steer, owner, job_id, change))


def asked_for(
    job: Job,
    content: dict,
    painted_part: dict | None,
    regions: list[dict] | None,
    shown: list[dict] | None,
) -> Steering | None:
    """The change of this job that leads to mask, regions and guides as the page has them; none where nothing
    changes. Of the style pictures that the page has `shown`, only the job's own count.

    Raises a `Refusal` when a region wants a painting that the job has not.
    """
    if job.is_finished or content["id"] != job.spec.content:
        return None
    styles = [{"id": style.image} for style in job.spec.styles]
    known = {style["id"] for style in styles} | {layers.KEEP, None}
    if any(region["paints"] not in known for region in layers.of_photograph(regions, content)):
        raise Refusal(
            "other_paintings",
            "A region takes a painting that the picture under way is not painted from. "
            "It counts for the next one.",
        )
    wanted = {
        "mask": painted_part["id"] if painted_part and mask.fits(painted_part, content) else None,
        "regions": layers.as_asked(regions, content, styles),
    }
    changed = {part: value for part, value in wanted.items() if value != getattr(job.current, part)}
    guides = [style.guide for style in job.current.styles]
    if (wanted_guides := _guides(job, shown or [])) != guides:
        changed["guides"] = wanted_guides
    return Steering(**changed) if changed else None


def _guides(job: Job, shown: list[dict]) -> list[str | None]:
    """Of each of the job's style pictures, as the page has it; as it was where the page has another."""
    known = {style.image: style for style in pictures.style_refs(shown)}
    return [known.get(style.image, style).guide for style in job.current.styles]
