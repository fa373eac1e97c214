"""Variations: one photograph painted small with two settings tried at several values each."""

import asyncio
import re

import dash_bootstrap_components as dbc
from dash import ALL, Dash, Input, Output, State, html

from components import controls, ids, layers, pictures, run, urls
from components.mask import fits
from components.sending import send
from nst.api.clients import current_client
from nst.api.quotas import JOBS, spend
from nst.errors import Refusal
from nst.jobs import groups
from nst.jobs.groups import GRID_SIZE, GroupSpec, Vary
from nst.jobs.studio import Studio
from nst.options import Options, refusal_from

OPTIONS = tuple(Vary.model_fields)
NOTHING = "none"  # of the second setting: a single column
STARTS = {"style_weight": "0.3, 1, 3", "style_scale": "0.5, 1, 2"}
PARTS = "Your mask and regions count in each of them."
MOST_STEPS = controls.DEFAULTS.steps // 2  # a small picture settles sooner


def layout() -> html.Details:
    return html.Details(
        [
            html.Summary("Try variations"),
            html.P(
                f"Your photograph, painted small ({GRID_SIZE} pixels) with two settings at several values. "
                "Then take the one you like best.",
                className="hint",
            ),
            _axis("Down", ids.VARY_ROWS, ids.VARY_ROW_VALUES, OPTIONS[0], OPTIONS),
            _axis("Across", ids.VARY_COLUMNS, ids.VARY_COLUMN_VALUES, OPTIONS[1], (NOTHING, *OPTIONS)),
            html.Button(
                "Paint the variations",
                id=ids.VARY_START,
                type="button",
                disabled=True,
                className="btn btn-outline-primary",
            ),
            html.P(id=ids.VARY_NOTE, className="hint", role="status"),
        ],
        id=ids.VARIATIONS,
        className="fold several",
    )


def register(app: Dash, studio: Studio) -> None:
    _register_note(app, studio)
    _register_start(app, studio)


def _register_note(app: Dash, studio: Studio) -> None:
    for setting, values in (
        (ids.VARY_ROWS, ids.VARY_ROW_VALUES),
        (ids.VARY_COLUMNS, ids.VARY_COLUMN_VALUES),
    ):

        @app.callback(
            Output(values, "value"),
            Output(values, "disabled"),
            Input(setting, "value"),
            prevent_initial_call=True,
        )
        async def begin_with(option):
            if option == NOTHING:
                return "", True
            return STARTS.get(option, STARTS["style_weight"]), False

    @app.callback(
        Output(ids.VARY_START, "disabled"),
        Output(ids.VARY_START, "children"),
        Output(ids.VARY_NOTE, "children"),
        Input(ids.CONTENT, "data"),
        Input(ids.STYLES, "data"),
        Input(ids.MASK, "data"),
        Input(ids.REGIONS, "data"),
        *_axes(Input),
    )
    async def check(content, styles, mask, regions, *axes):
        if not content or not styles:
            return True, "Paint the variations", "Choose a photograph and a painting first."
        try:
            count = counted(varied(*axes), studio.settings.group_jobs)
        except Refusal as refusal:
            return True, "Paint the variations", refusal.message
        has_parts = fits(mask, content) or layers.of_photograph(regions, content)
        return False, f"Paint {count} variations", PARTS if has_parts else None


def _register_start(app: Dash, studio: Studio) -> None:
    @app.callback(
        Input(ids.VARY_START, "n_clicks"),
        State(ids.CONTENT, "data"),
        State(ids.STYLES, "data"),
        State({"type": "style-weight", "place": ALL}, "value"),
        State(ids.MASK, "data"),
        State(ids.REGIONS, "data"),
        *_axes(State),
        *controls.states(),
        running=run.AWAITING,
        prevent_initial_call=True,
    )
    async def start(_clicks, content, styles, shares, mask, regions, *more):
        axes, values = more[:4], more[4:]
        vary = varied(*axes)
        spec = run.asked_for(content, pictures.with_shares(styles, shares), mask, values, regions)
        asked_for = GroupSpec(
            content=spec.content,
            vary=vary,
            mask=spec.mask,
            regions=spec.regions,
            styles=spec.styles,
            options=small(spec.options),
            title=titled(vary),
        )
        await spend(JOBS)
        made = await asyncio.to_thread(groups.submit, studio, current_client(), asked_for)
        send({ids.URL: {"pathname": urls.group(made.id)}})


# Pure


def varied(rows: str, row_values: str | None, columns: str | None, column_values: str | None) -> Vary:
    """What the panel asks for. Raises a `Refusal` that says which line cannot be."""
    if columns == rows:
        raise Refusal("invalid_option", "Choose two different settings.")
    axes = {rows: numbers(row_values, rows)}
    if columns and columns != NOTHING:
        axes[columns] = numbers(column_values, columns)
    try:
        return Vary.model_validate(axes)
    except ValueError as error:
        raise refusal_from(error) from error


def numbers(text: str | None, option: str) -> list[float]:
    """ "0.3, 1, 3" -> [0.3, 1.0, 3.0]: what people write between numbers does not matter."""
    label = controls.LABELS[option]
    low, high = controls.limits(option)
    found = []
    for word in re.split(r"[,;\s]+", (text or "").strip()):
        try:
            value = float(word)
        except ValueError:
            raise Refusal("invalid_option", f"{label}: write numbers with commas between them.") from None
        if not low <= value <= high:
            raise Refusal("invalid_option", f"{label} goes from {low:g} to {high:g}.")
        found.append(value)
    return list(dict.fromkeys(found))


def counted(vary: Vary, most: int) -> int:
    """How many paintings that makes."""
    count = 1
    for axis in vary.axes:
        count *= len(axis.values)
    if count > most:
        raise Refusal("group_too_large", f"That would be {count} paintings; at most {most} go together.")
    return count


def titled(vary: Vary) -> str:
    """Also the name of the ZIP, and part of the names in it."""
    return "Variations of " + " and ".join(controls.LABELS[axis.option].lower() for axis in vary.axes)


def small(options: Options) -> Options:
    return options.model_copy(update={"size": GRID_SIZE, "steps": min(options.steps, MOST_STEPS)})


# What is seen


def _axes(kind: type) -> list:
    """Both lines of the panel, for a callback."""
    places = (ids.VARY_ROWS, ids.VARY_ROW_VALUES, ids.VARY_COLUMNS, ids.VARY_COLUMN_VALUES)
    return [kind(place, "value") for place in places]


def _axis(words: str, setting: str, values: str, chosen: str, options: tuple[str, ...]) -> html.Div:
    return html.Div(
        [
            html.Label(words, htmlFor=setting, className="control-label"),
            dbc.Select(
                id=setting,
                options=[{"value": name, "label": controls.LABELS.get(name, "Nothing")} for name in options],
                value=chosen,
            ),
            html.Label(f"Values, {words.lower()}", htmlFor=values, className="visually-hidden"),
            dbc.Input(id=values, type="text", value=STARTS[chosen], maxlength=80, autocomplete="off"),
        ],
        className="axis",
    )
