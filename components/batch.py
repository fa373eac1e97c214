"""Many photographs, one painting: dropped together, painted alike, taken home as a ZIP."""

import asyncio
from collections.abc import Sequence

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, dcc, html, no_update

from components import controls, ids, pictures, run, urls
from components.sending import send
from nst.api.clients import current_client
from nst.api.quotas import JOBS, spend
from nst.errors import Refusal
from nst.jobs import groups
from nst.jobs.groups import GroupSpec
from nst.jobs.models import StyleRef
from nst.jobs.studio import Studio
from nst.options import Options
from nst.settings import settings


def layout() -> html.Details:
    return html.Details(
        [
            html.Summary("Paint many photographs"),
            html.P(
                "Each as a whole, in the hand of your painting, with the settings above. "
                "A mask and regions belong to one photograph and are left out here.",
                className="hint",
            ),
            html.Button(
                "Drop photographs, or click",
                id=ids.BATCH_CARD,
                type="button",
                className="add-style",
                **{
                    "data-intake": ids.BATCH_INTAKE,
                    "data-intake-multiple": "true",
                    "data-intake-filled": "true",
                    "data-max-bytes": str(settings().max_upload_bytes),
                },
            ),
            html.Div(id=ids.BATCH_VIEW, className="batch-view"),
            html.Button(
                "Paint them all",
                id=ids.BATCH_START,
                type="button",
                disabled=True,
                className="btn btn-outline-primary",
            ),
            html.Div(id=ids.BATCH_NOTE, className="hint", role="status"),
            dcc.Store(id=ids.BATCH_INTAKE),
            dcc.Store(id=ids.BATCH_PHOTOS, storage_type="session"),
        ],
        id=ids.BATCH,
        className="fold several",
    )


def register(app: Dash, studio: Studio) -> None:
    _register_photos(app)
    _register_view(app, studio)
    _register_start(app, studio)


def _register_photos(app: Dash) -> None:
    @app.callback(
        Output(ids.BATCH_PHOTOS, "data"),
        Input(ids.BATCH_INTAKE, "data"),
        State(ids.BATCH_PHOTOS, "data"),
        running=pictures.ARRIVES,
        prevent_initial_call=True,
    )
    async def take(taken, photos):
        return joined(photos or [], pictures.arrived(taken))

    @app.callback(
        Output(ids.BATCH_PHOTOS, "data", allow_duplicate=True),
        Input({"type": "batch-remove", "image": ALL}, "n_clicks"),
        State(ids.BATCH_PHOTOS, "data"),
        prevent_initial_call=True,
    )
    async def remove(_clicks, photos):
        if not ctx.triggered[0]["value"]:
            return no_update
        return [photo for photo in photos or [] if photo["id"] != ctx.triggered_id["image"]]


def _register_view(app: Dash, studio: Studio) -> None:
    most = studio.settings.group_jobs

    @app.callback(
        Output(ids.BATCH_VIEW, "children"),
        Output(ids.BATCH_START, "disabled"),
        Output(ids.BATCH_START, "children"),
        Input(ids.BATCH_PHOTOS, "data"),
        Input(ids.STYLES, "data"),
    )
    async def show(photos, styles):
        photos = photos or []
        words = f"Paint all {len(photos)}" if len(photos) > 1 else "Paint them all"
        return [_photo(photo) for photo in photos], bool(obstacle(photos, styles, most)), words

    app.clientside_callback(
        ClientsideFunction("pentimento", "takenErrors"),
        Output(ids.BATCH_NOTE, "children"),
        Input(ids.BATCH_INTAKE, "data"),
        prevent_initial_call=True,
    )

    @app.callback(
        Output(ids.BATCH_NOTE, "children", allow_duplicate=True),
        Input(ids.BATCH_PHOTOS, "data"),
        Input(ids.STYLES, "data"),
        State(ids.BATCH_INTAKE, "data"),
        prevent_initial_call="initial_duplicate",
    )
    async def explain(photos, styles, taken):
        if taken and taken.get("error"):
            return no_update  # that is to be read first
        return obstacle(photos or [], styles, most)


def _register_start(app: Dash, studio: Studio) -> None:
    @app.callback(
        Output(ids.BATCH_PHOTOS, "data", allow_duplicate=True),
        Input(ids.BATCH_START, "n_clicks"),
        State(ids.BATCH_PHOTOS, "data"),
        State(ids.STYLES, "data"),
        State({"type": "style-weight", "place": ALL}, "value"),
        *controls.states(),
        running=run.AWAITING,
        prevent_initial_call=True,
    )
    async def start(_clicks, photos, styles, shares, *values):
        if why_not := obstacle(photos or [], styles, studio.settings.group_jobs):
            raise Refusal("not_ready", why_not)
        refs, options = asked(styles, shares, values)
        spec = GroupSpec(
            contents=[photo["id"] for photo in photos],
            styles=refs,
            options=options,
            title=f"{len(photos)} photographs",
        )
        await spend(JOBS)
        made = await asyncio.to_thread(groups.submit, studio, current_client(), spec)
        send({ids.URL: {"pathname": urls.group(made.id)}})
        return []


def asked(
    styles: list[dict] | None, shares: Sequence[float | None], values: Sequence[object]
) -> tuple[list[StyleRef], Options]:
    """The paintings and options that the panels hold. Raises a `Refusal` when they cannot be used."""
    if wrong := controls.complaint(values):
        raise Refusal("not_ready", wrong)
    return pictures.style_refs(pictures.with_shares(styles, shares)), controls.options_from(values)


def joined(photos: list[dict], arrived: list[dict]) -> list[dict]:
    """These photographs and those that came, each once."""
    return list({photo["id"]: photo for photo in (*photos, *arrived)}.values())


def obstacle(photos: list[dict], styles: list[dict] | None, most: int) -> str | None:
    """Why they cannot be painted yet, as a sentence."""
    if len(photos) > most:
        return f"{len(photos)} photographs are here; {most} go together. Remove some."
    if not photos:
        return "Choose two photographs or more."
    if len(photos) < 2:
        return "Choose one more. A single one is painted with Start."
    if not styles:
        return "Choose a painting first."
    return None


def _photo(photo: dict) -> html.Div:
    words = "Leave this photograph out"
    return html.Div(
        [
            html.Img(src=photo["thumbnail"], alt=""),
            html.Button(
                "×",
                id=ids.batch_remove(photo["id"]),
                type="button",
                title=words,
                className="remove-button",
                **{"aria-label": words},
            ),
        ],
        className="batch-photo",
        key=photo["id"],
    )
