"""A video in the hand of the painting on the page; assets/video.js talks to the API by itself."""

from dash import ClientsideFunction, Dash, Input, Output, html

from components import ids
from nst.settings import settings


def layout() -> html.Details:
    return html.Details(
        [
            html.Summary("Paint a video"),
            html.P(
                "In the hand of your first painting, with its sound, and without flicker.", className="hint"
            ),
            html.Button(
                "Drop a video, or click",
                id=ids.VIDEO_CARD,
                type="button",
                className="add-style",
                **{"data-max-bytes": str(settings().max_video_bytes)},
            ),
            html.Div(_qualities(), id=ids.VIDEO_QUALITY, className="video-quality", role="group"),
            html.Button(
                "Paint the video",
                id=ids.VIDEO_START,
                type="button",
                disabled=True,
                title="Choose a video first.",
                className="btn btn-outline-primary",
            ),
            html.Div(id=ids.VIDEO_NOTE, className="hint", role="status"),
            html.Div(_run(), id=ids.VIDEO_RUN, className="video-run", hidden=True),
        ],
        id=ids.VIDEO,
        className="fold several",
    )


def register(app: Dash) -> None:
    app.clientside_callback(
        ClientsideFunction("pentimento", "videoStyle"),
        Output(ids.VIDEO, "data-style"),
        Input(ids.STYLES, "data"),
    )


def _qualities() -> list[html.Button]:
    """fast is chosen at first, as in `nst.video.options.VideoOptions`."""
    choices = (
        ("fast", "Fast", "Several frames a second"),
        ("fine", "Fine", "Painted step by step: many seconds a frame"),
    )
    return [
        html.Button(
            [html.Span(name), html.Small(words)],
            type="button",
            className="video-choice",
            **{"data-quality": value, "aria-pressed": str(value == "fast").lower()},
        )
        for value, name, words in choices
    ]


def _run() -> list:
    return [
        html.P(id=ids.VIDEO_STATUS, className="hint", role="status"),
        html.Progress(
            id=ids.VIDEO_PROGRESS, value="0", max="1", className="run-progress", **{"aria-label": "Video"}
        ),
        html.Img(id=ids.VIDEO_PREVIEW, alt="The newest painted frame", hidden=True),
        html.Video(id=ids.VIDEO_RESULT, controls=True, hidden=True, **{"aria-label": "The painted video"}),
        html.Div(
            [
                html.Button(
                    "Pause", id=ids.VIDEO_PAUSE, type="button", className="btn btn-sm btn-outline-primary"
                ),
                html.Button(
                    "Give up", id=ids.VIDEO_STOP, type="button", className="btn btn-sm btn-outline-primary"
                ),
                html.A(
                    "Save the video", id=ids.VIDEO_DOWNLOAD, hidden=True, className="btn btn-sm btn-primary"
                ),
            ],
            className="mask-buttons",
        ),
    ]
