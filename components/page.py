"""The studio's one page, put together."""

import dash_bootstrap_components as dbc
from dash import ClientsideFunction, Dash, Input, Output, dcc, html

from components import (
    batch,
    canvas,
    comparison,
    controls,
    feed,
    filmstrip,
    following,
    gallery,
    group,
    history,
    ids,
    losses,
    mask,
    onward,
    opening,
    parts,
    pictures,
    preview,
    programs,
    recent,
    regions,
    restoring,
    result,
    run,
    sheet,
    steering,
    times,
    urls,
    variations,
    video,
)
from nst.api.clients import current_client
from nst.api.signing import sign
from nst.jobs.studio import Studio

TITLE = "Pentimento"
EARLY_SCRIPT = "theme.js"  # in assets/early: runs before the first paint

INDEX = """<!DOCTYPE html>
<html lang="en">
  <head>
    {%metas%}
    <title>{%title%}</title>
    {%favicon%}
    <link rel="manifest" href="ROOTmanifest.webmanifest">
    <script src="EARLY_SCRIPT"></script>
    {%css%}
  </head>
  <body>
    {%app_entry%}
    <noscript>This studio needs JavaScript to show a painting while it appears.</noscript>
    <footer>{%config%}{%scripts%}{%renderer%}</footer>
  </body>
</html>"""


def layout(studio: Studio, token: str) -> html.Div:
    """`token` proves to the feed whose paintings the page may see."""
    samples = list(studio.samples())
    return html.Div(
        [
            dcc.Location(id=ids.URL, refresh=False),
            dcc.Store(id=ids.JOB),
            dcc.Store(id=ids.OPENED),
            dcc.Store(id=ids.LAST, storage_type="session"),
            feed.layout(token),
            *following.layout(),
            _header(is_private=bool(studio.settings.password.get_secret_value())),
            _notices(),
            programs.layout(),
            html.Main(
                [
                    canvas.layout(samples),
                    _bench(),
                    html.Div([recent.layout(), gallery.layout(samples)], className="shelves"),
                    html.Div([losses.layout(), history.layout()], className="side"),
                ],
                className="studio",
            ),
        ],
        id=ids.PAGE,
        className="page",
        **{"data-state": "empty", "data-view": "easel"},
    )


def register(app: Dash, studio: Studio) -> None:
    """Give the app its page and all that it does."""
    app.layout = lambda: layout(studio, sign(current_client()))
    on_studio = (
        gallery,
        recent,
        run,
        times,
        onward,
        steering,
        following,
        mask,
        regions,
        parts,
        history,
        opening,
        programs,
        feed,
    )
    for panel in (*on_studio, restoring, comparison, group, variations, batch):
        panel.register(app, studio)
    for panel in (pictures, controls, losses, result, filmstrip, preview, sheet, video):
        panel.register(app)
    # Whoever goes on with other pictures has read it.
    app.clientside_callback(
        ClientsideFunction("pentimento", "closeNotice"),
        Output(ids.NOTICE, "is_open"),
        Input(ids.CONTENT, "data"),
        Input(ids.STYLES, "data"),
        prevent_initial_call=True,
    )


def _bench() -> html.Div:
    """Where everything is chosen."""
    return html.Div(
        [
            pictures.layout(),
            restoring.layout(),
            run.layout(),
            times.layout(),
            onward.layout(),
            steering.layout(),
            controls.layout(),
            mask.layout(),
            regions.layout(),
            parts.layout(),
            sheet.layout(),
            variations.layout(),
            batch.layout(),
            video.layout(),
        ],
        className="bench",
    )


def _header(is_private: bool) -> html.Header:
    return html.Header(
        [
            html.H1(TITLE, className="wordmark"),
            html.P("Watch a photograph become a painting", className="motto"),
            html.Nav(
                [
                    dcc.Link("New painting", href=urls.home(), id=ids.NEW_BUTTON, className="header-link"),
                    html.A("Camera", href=f"{urls.home()}camera", className="header-link"),
                    html.A("On device", href=f"{urls.home()}device", className="header-link"),
                    programs.opener(),
                    *([_way_out()] if is_private else ()),
                    html.Button(
                        html.Span(className="theme-icon"),
                        id=ids.THEME_TOGGLE,
                        type="button",
                        title="Light or dark",
                        className="theme-toggle",
                        **{"aria-label": "Switch between light and dark"},
                    ),
                ],
                **{"aria-label": "Studio"},
            ),
        ],
        className="header",
    )


def _way_out() -> html.Form:
    return html.Form(
        html.Button("Sign out", type="submit", className="header-link header-button"),
        action=f"{urls.home()}sign-out",
        method="post",
    )


def _notices() -> html.Div:
    return html.Div(
        [
            dbc.Alert(id=ids.NOTICE, is_open=False, dismissable=True, color="warning", class_name="notice"),
            html.Div(
                "The studio does not answer. This page keeps asking, and your painting is kept.",
                id=ids.DISCONNECTED,
                hidden=True,
                className="notice disconnected",
                role="status",
            ),
        ],
        className="notices",
    )
