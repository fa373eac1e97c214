"""What to do with a painting: show it at any strength, take it home. More in assets/strength.js."""

import dash_bootstrap_components as dbc
from dash import ClientsideFunction, Dash, Input, Output, dcc, html

from components import ids, urls
from nst.jobs.models import Job

FORMATS = {"png": "PNG", "jpg": "JPEG", "webp": "WebP"}
LONGEST_NAME = 80
WHOLE = 100  # where the strength slider shows the painting alone


def layout() -> html.Div:
    return html.Div([_strength(), _take_home(), dcc.Store(id=ids.RESULT)], className="result")


def register(app: Dash) -> None:
    """The browser alone knows which strength is seen: the link to download with is made there."""
    app.clientside_callback(
        ClientsideFunction("pentimento", "freshResult"),
        Output(ids.STRENGTH, "value"),
        Output(ids.DOWNLOAD_NAME, "value"),
        Input(ids.JOB, "data"),
    )
    app.clientside_callback(
        ClientsideFunction("pentimento", "takeHome"),
        Output(ids.DOWNLOAD, "href"),
        Output(ids.TIMELAPSE, "href"),
        Output(ids.STRENGTH_READOUT, "children"),
        Input(ids.RESULT, "data"),
        Input(ids.STRENGTH, "value"),
        Input(ids.DOWNLOAD_FORMAT, "value"),
        Input(ids.DOWNLOAD_NAME, "value"),
    )


def known(job: Job) -> dict[str, object]:
    """What the browser must know of a painting to show and save it: where it is, and its stages."""
    return {
        "job": job.id,
        "photograph": urls.image(job.spec.content),
        "pair": [job.spec.content, [style.image for style in job.spec.styles]],
        "result": urls.job(job.id) if job.has_result else None,
        "stages": [{"step": stage.step, "url": urls.stage(job.id, stage.step)} for stage in job.stages],
    }


# What is seen


def _strength() -> html.Div:
    words = "How much of the painting is seen: left is the photograph, right the painting"
    return html.Div(
        [
            html.Label("Strength", htmlFor=ids.STRENGTH, title=words),
            html.Output(id=ids.STRENGTH_READOUT, className="readout", htmlFor=ids.STRENGTH),
            dbc.Input(id=ids.STRENGTH, type="range", min=0, max=WHOLE, step=1, value=WHOLE),
        ],
        className="strength",
    )


def _take_home() -> html.Div:
    return html.Div(
        [
            html.Label("Name of the file", htmlFor=ids.DOWNLOAD_NAME, className="visually-hidden"),
            dbc.Input(
                id=ids.DOWNLOAD_NAME, type="text", maxlength=LONGEST_NAME, value="", autocomplete="off"
            ),
            html.Label("Format", htmlFor=ids.DOWNLOAD_FORMAT, className="visually-hidden"),
            dbc.Select(
                id=ids.DOWNLOAD_FORMAT,
                options=[{"value": suffix, "label": label} for suffix, label in FORMATS.items()],
                value="png",
            ),
            html.A("Download", id=ids.DOWNLOAD, href="", download="", className="btn btn-primary"),
        ],
        className="take-home",
        role="group",
        **{"aria-label": "Take the painting home"},
    )
