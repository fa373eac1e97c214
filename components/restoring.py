"""Settings that come back: of a painting in the list, or out of a PNG that was dropped on the page.

What such a file says was written by whoever made it, so it is only data: `nst.record` lets through what
`Options` allows, here again, since it has come by way of the browser.
"""

import asyncio
from collections.abc import Mapping

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html

from components import controls, ids
from components.sending import send
from components.views import Update
from nst.api.clients import current_client
from nst.errors import Refusal
from nst.jobs.studio import Studio
from nst.options import Options
from nst.record import recalled

AGAIN = "Its pictures and settings are back. Press Start to paint with them."
FROM_FILE = "The settings of that painting are in the controls now."
NONE_INSIDE = "There were no settings in that file that could be used."
UNDER_WAY = (
    "The controls are those of the painting under way, so the file's settings were left alone. "
    "Bring it again when the painting is finished, or press New painting first."
)
INTAKES = (ids.CONTENT_INTAKE, ids.STYLE_INTAKE, ids.STYLE_ADD_INTAKE, ids.DROPPED)


def layout() -> html.Div:
    return html.Div(
        [
            html.Div(id=ids.RESTORED, className="restored", role="status"),
            html.Div("Let go to use its settings again", className="drop-anywhere", hidden=True),
            dcc.Store(id=ids.DROPPED),
            dcc.Store(id=ids.RESTORING),
        ],
        **{"data-intake-anywhere": ids.DROPPED},
    )


def register(app: Dash, studio: Studio) -> None:
    # The browser knows which of the four has just taken a picture.
    app.clientside_callback(
        ClientsideFunction("pentimento", "settingsInside"),
        Output(ids.RESTORING, "data"),
        Output(ids.RESTORED, "children"),
        *(Input(intake, "data") for intake in INTAKES),
        prevent_initial_call=True,
    )

    # Whoever goes on has read it.
    app.clientside_callback(
        ClientsideFunction("pentimento", "nothingRestored"),
        Output(ids.RESTORED, "children", allow_duplicate=True),
        Input(ids.START, "n_clicks"),
        prevent_initial_call=True,
    )

    @app.callback(Input(ids.RESTORING, "data"), State(ids.JOB, "data"), prevent_initial_call=True)
    async def restore(found, shown):
        if await is_under_way(studio, shown):
            send(said(UNDER_WAY))
            return
        places = positions(found)
        send({ids.option(name): {"value": place} for name, place in places.items()})
        send(said(FROM_FILE if places else NONE_INSIDE))


async def is_under_way(studio: Studio, job: str | None) -> bool:
    """Whether this painting, if there is one, still has the controls for itself."""
    if job is None:
        return False
    try:
        return not (await asyncio.to_thread(studio.job, current_client(), job)).is_finished
    except Refusal:
        return False


def said(words: str) -> Update:
    """A line under the pictures, until there is another."""
    return {ids.RESTORED: {"children": html.P(words, className="note")}}


def positions(found: object) -> dict[str, object]:
    """Where the controls go for settings that a stranger may have written; only those that it has."""
    known = recalled(found) if isinstance(found, Mapping) else None
    if known is None:
        return {}
    values = controls.values_of(Options(**known.options))
    return {name: values[name] for name in controls.NAMES if name in known.options}
