"""Steering: what a hand moves on the page changes the painting under way, from its next step on.

assets/steer.js notices which control was moved and let go, has one change under way at a time, and greys what
cannot change in mid-run.
"""

import asyncio
from collections.abc import Sequence

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, dcc, html
from dash.exceptions import PreventUpdate

from components import changes, controls, ids, pictures
from nst.api.clients import current_client
from nst.errors import Refusal
from nst.jobs.models import Job, JobSpec, Steering
from nst.jobs.steering import LiveOptions
from nst.jobs.studio import Studio
from nst.options import LIVE

BLEND = "blend"
FIXED = tuple(name for name in controls.NAMES if name not in LIVE)
AWAITING = [(Output(ids.STEER_AWAITED, "data"), True, False)]  # while the studio has a change in hand


def layout() -> html.Div:
    """Stands above the options while a painting is under way."""
    return html.Div(
        [
            html.P(id=ids.STEER_HINT, className="hint"),
            html.P(id=ids.STEER_NOTE, className="steer-note", role="status"),
            dcc.Store(id=ids.STEERED),
            dcc.Store(id=ids.STEER_AWAITED, data=False),
            dcc.Store(id=ids.STEER_ANSWER),
        ],
        className="steering",
    )


def register(app: Dash, studio: Studio) -> None:
    _register_limits(app)
    _register_words(app)

    @app.callback(
        Output(ids.STEER_ANSWER, "data"),
        Input(ids.STEERED, "data"),
        State(ids.JOB, "data"),
        State(ids.STYLES, "data"),
        State({"type": "style-weight", "place": ALL}, "value"),
        *controls.states(),
        running=AWAITING,
        prevent_initial_call=True,
    )
    async def steer(moved, job_id, styles, shares, *values):
        if not job_id:
            raise PreventUpdate
        styles = pictures.with_shares(styles, shares)
        return await asyncio.to_thread(
            _steered, studio, current_client(), job_id, moved["names"], styles, values
        )


def _register_limits(app: Dash) -> None:
    """While a painting is under way, what cannot change is greyed and says why."""
    app.clientside_callback(
        ClientsideFunction("pentimento", "steerable"),
        Output(ids.STEER_HINT, "children"),
        *(Output(ids.preset(preset.name), "disabled") for preset in controls.PRESETS),
        *(Output(ids.option(name), "disabled") for name in FIXED),
        *(Output(ids.option_frame(name), "title") for name in FIXED),
        Input(ids.PAGE, "data-state"),
    )


def _register_words(app: Dash) -> None:
    app.clientside_callback(
        ClientsideFunction("pentimento", "steerAnswered"),
        Input(ids.STEER_AWAITED, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("pentimento", "steerNote"),
        Output(ids.STEER_NOTE, "children"),
        Input(ids.STEER_ANSWER, "data"),
        Input(ids.LOSSES_MARKS, "data"),
        Input(ids.JOB, "data"),
    )


def _steered(
    studio: Studio,
    owner: str,
    job_id: str,
    names: Sequence[str],
    styles: list[dict],
    values: Sequence[object],
) -> dict:
    spec = studio.job(owner, job_id).spec
    return answer(studio.steer(owner, job_id, asked_for(spec, names, styles, values)))


# Pure: what is asked for, and what is said of it


def asked_for(spec: JobSpec, names: Sequence[str], styles: list[dict], values: Sequence[object]) -> Steering:
    """The change that a hand asks for which moved these controls, and nothing of what it did not touch.

    Raises a `Refusal` for a number that cannot be, and for the blend of other paintings than the job's.
    """
    chosen: dict[str, object] = {}
    if wrong := controls.complaint(values, names):
        raise Refusal("invalid_option", wrong)
    if live := [name for name in names if name in LIVE]:
        options = controls.options_from(values, live)
        chosen["options"] = LiveOptions(**{name: getattr(options, name) for name in live})
    if BLEND in names:
        if [style["id"] for style in styles] != [style.image for style in spec.styles]:
            raise Refusal(
                "other_paintings",
                "The paintings on the card are not those that this picture is painted from. "
                "Their blend counts for the next one.",
            )
        chosen["weights"] = [style["share"] / pictures.EVEN_SHARE for style in styles]
    return Steering(**chosen)


def answer(job: Job) -> dict:
    """What the page says of a change until it is in force: by then more changes are `made`."""
    return {"job": job.id, "made": len(changes.told(job)), "words": words(job)}


def words(job: Job) -> str:
    """When a change that was just asked for takes effect."""
    if job.wanted is None:
        return ""  # it is as it was already, or in force by now
    match job.state:
        case "queued" | "interrupted":
            return "Takes effect when the painting begins."
        case "paused":
            return "Takes effect when the painting goes on."
    return "Takes effect with the next step."
