"""For programs: tokens by which they act for the visitor are made here, shown once, and revoked.

What must not wait for the studio is in assets/programs.js: the dialog opens, lines are copied, Revoke asks.
"""

import asyncio
from collections.abc import Sequence

import dash_bootstrap_components as dbc
from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, dcc, html
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate
from pydantic import ValidationError

from components import history, ids, pictures, urls
from components.sending import send, told
from nst.api.clients import current_client
from nst.api.tokens import MOST_LETTERS, NewToken
from nst.errors import Refusal
from nst.jobs.records.tokens import Token
from nst.jobs.studio import Studio

NO_NAME = "Give it a name first, such as laptop: by that you know it again."
BAD_NAME = f"That name cannot be: up to {MOST_LETTERS} letters in one line."


def opener() -> html.Button:
    """For the header."""
    return html.Button(
        "API",
        id=ids.PROGRAMS_OPEN,
        type="button",
        title="For programs: tokens, and every address",
        className="header-link header-button",
        **{"aria-haspopup": "dialog"},
    )


def layout() -> dbc.Modal:
    return dbc.Modal(
        [
            dbc.ModalHeader(dbc.ModalTitle("For programs", id=ids.dialog_title(ids.PROGRAMS))),
            dbc.ModalBody(
                [
                    html.P(
                        [
                            "A program can do whatever this page does: ",
                            html.A("every address, to try", href=f"{urls.home()}docs"),
                            ". With a token it acts for you: it sees, changes and deletes what is yours. "
                            "Give each program its own.",
                        ]
                    ),
                    _maker(),
                    _shown(),
                    html.H3("Your tokens", className="panel-title"),
                    html.Div(html.P("One moment …", className="hint"), id=ids.TOKENS),
                    dcc.Store(id=ids.TOKEN_MADE),
                ],
                className="programs",
            ),
        ],
        id=ids.PROGRAMS,
        labelledby=ids.dialog_title(ids.PROGRAMS),
        is_open=False,
        size="lg",
        fullscreen="sm-down",
        scrollable=True,
    )


def register(app: Dash, studio: Studio) -> None:
    _register_dialog(app)
    _register_list(app, studio)
    _register_making(app, studio)


def _register_dialog(app: Dash) -> None:
    app.clientside_callback(
        ClientsideFunction("pentimento", "openPrograms"),
        Output(ids.PROGRAMS, "is_open"),
        Input(ids.PROGRAMS_OPEN, "n_clicks"),
        prevent_initial_call=True,
    )
    # What was shown once is gone with the dialog.
    app.clientside_callback(
        ClientsideFunction("pentimento", "forgetToken"),
        Output(ids.TOKEN_MADE, "data"),
        Output(ids.TOKEN_NOTE, "children"),
        Input(ids.PROGRAMS, "is_open"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("pentimento", "showToken"),
        Output(ids.TOKEN_TOLD, "children"),
        Output(ids.TOKEN_TEXT, "children"),
        Output(ids.TOKEN_LINE, "children"),
        Output(ids.TOKEN_SHOWN, "hidden"),
        Input(ids.TOKEN_MADE, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("pentimento", "mayMake"),
        Output(ids.TOKEN_MAKE, "disabled"),
        Output(ids.TOKEN_SILENT, "hidden"),
        Input(ids.DISCONNECTED, "hidden"),
        prevent_initial_call=True,
    )


def _register_list(app: Dash, studio: Studio) -> None:
    @app.callback(
        Output(ids.TOKENS, "children"),
        Input(ids.PROGRAMS, "is_open"),
        on_error=_explain,
        prevent_initial_call=True,
    )
    async def show(is_open):
        if not is_open:
            raise PreventUpdate
        return listed(await asyncio.to_thread(studio.tokens.all, current_client()))

    @app.callback(
        Output(ids.TOKENS, "children", allow_duplicate=True),
        Input({"type": "token-revoke", "token": ALL}, "n_clicks"),
        on_error=_explain,
        prevent_initial_call=True,
    )
    async def revoke(_clicks):
        if not ctx.triggered[0]["value"]:
            raise PreventUpdate
        return listed(await asyncio.to_thread(_revoked, studio, current_client(), ctx.triggered_id["token"]))


def _register_making(app: Dash, studio: Studio) -> None:
    @app.callback(
        Output(ids.TOKENS, "children", allow_duplicate=True),
        Output(ids.TOKEN_MADE, "data", allow_duplicate=True),
        Output(ids.TOKEN_NAME, "value"),
        Output(ids.TOKEN_NOTE, "children", allow_duplicate=True),
        Input(ids.TOKEN_MAKE, "n_clicks"),
        State(ids.TOKEN_NAME, "value"),
        running=[(Output(ids.TOKEN_MAKE, "disabled"), True, False)],
        on_error=_explain,
        prevent_initial_call=True,
    )
    async def make(_clicks, name):
        owner, named = current_client(), _name(name)
        token, text = await asyncio.to_thread(studio.tokens.make, owner, named)
        rows = listed(await asyncio.to_thread(studio.tokens.all, owner))
        return rows, {"name": token.name, "token": text}, "", None


def listed(tokens: Sequence[Token]) -> Component:
    """A row for each token, newest first."""
    if not tokens:
        return html.P("There are none yet.", className="hint")
    return html.Ul([_row(token) for token in tokens], className="tokens")


def _explain(error: Exception) -> None:
    """In the dialog, where it is seen."""
    send({ids.TOKEN_NOTE: {"children": pictures.refusal(told(error))}})


def _name(given: str | None) -> str:
    if not (given or "").strip():
        raise Refusal("invalid_request", NO_NAME)
    try:
        return NewToken(name=(given or "").strip()).name
    except ValidationError as error:
        raise Refusal("invalid_request", BAD_NAME) from error


def _revoked(studio: Studio, owner: str, token: str) -> list[Token]:
    """The tokens that are left. One that another window revoked before is gone all the same."""
    try:
        studio.tokens.revoke(owner, token)
    except Refusal as refusal:
        if refusal.code != "not_found":
            raise
    return studio.tokens.all(owner)


def _maker() -> html.Div:
    return html.Div(
        [
            html.Label("What is it for?", htmlFor=ids.TOKEN_NAME, className="control-label"),
            html.Div(
                [
                    dbc.Input(
                        id=ids.TOKEN_NAME,
                        type="text",
                        value="",
                        placeholder="such as: laptop",
                        maxlength=MOST_LETTERS,
                        autocomplete="off",
                    ),
                    html.Button(
                        "Make a token", id=ids.TOKEN_MAKE, type="button", className="btn btn-primary"
                    ),
                ],
                className="token-fields",
            ),
            html.P(
                "The studio does not answer. Tokens wait until it does.",
                id=ids.TOKEN_SILENT,
                hidden=True,
                className="note note-error",
                role="alert",
            ),
            html.Div(id=ids.TOKEN_NOTE, className="notes"),
        ],
        className="token-maker",
    )


def _shown() -> html.Div:
    """The new token, this once; what is said of it stands outside, so that it is heard."""
    return html.Div(
        [
            html.P(id=ids.TOKEN_TOLD, className="token-told", role="status"),
            html.Div(
                [
                    _copied("The token", ids.TOKEN_TEXT, "Copy the token"),
                    _copied("To try it: your paintings, as a list", ids.TOKEN_LINE, "Copy the line"),
                ],
                id=ids.TOKEN_SHOWN,
                hidden=True,
                className="token-shown",
            ),
            html.P(id=ids.TOKEN_COPIED, className="visually-hidden", role="status"),
        ]
    )


def _copied(words: str, text: str, action: str) -> html.Div:
    """A text, and a button that copies it."""
    return html.Div(
        [
            html.Span(words, className="hint"),
            html.Code(id=text, className="token-copy"),
            html.Button(
                "Copy",
                type="button",
                className="btn btn-outline-primary btn-sm",
                **{"aria-label": action, "data-copies": text},
            ),
        ],
        className="token-copied",
    )


def _row(token: Token) -> html.Li:
    return html.Li(
        [
            html.Span(token.name, className="token-name"),
            html.Span(["made ", history.moment(token.created)], className="hint"),
            html.Button(
                "Revoke",
                type="button",
                className="btn btn-outline-secondary btn-sm",
                **{"aria-label": f"Revoke {token.name}", "data-asks": "true"},
            ),
            _question(token),
        ],
        className="token",
        key=token.id,
    )


def _question(token: Token) -> html.Div:
    """Asked before it is revoked: a program somewhere would stop."""
    return html.Div(
        [
            html.Span("Whatever uses it will be refused.", className="hint"),
            html.Button(
                "Keep", type="button", className="btn btn-sm btn-outline-secondary", **{"data-keeps": "true"}
            ),
            html.Button(
                "Revoke", id=ids.token_revoke(token.id), type="button", className="btn btn-sm btn-primary"
            ),
        ],
        className="token-question",
        hidden=True,
        role="group",
        **{"aria-label": f"Revoke {token.name}?"},
    )
