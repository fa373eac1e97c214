"""The dialog in which masks are painted; assets/mask.js builds the painter itself into it."""

from collections.abc import Sequence

import dash_bootstrap_components as dbc
from dash import html

from components import ids


def dialog(id: str, body: str, title: str) -> dbc.Modal:
    """`body` is the id of what `canvas` is put into when it opens."""
    return dbc.Modal(
        [dbc.ModalHeader(dbc.ModalTitle(title, id=ids.dialog_title(id))), dbc.ModalBody(id=body)],
        id=id,
        labelledby=ids.dialog_title(id),
        is_open=False,
        size="xl",
        fullscreen="lg-down",
        scrollable=True,
    )


def canvas(
    store: str,
    picture: dict,
    current: dict | None,
    *,
    words: str,
    key: str = "",
    colour: str = "",
    others: Sequence[tuple[str, str]] = (),
) -> html.Div:
    """Where a mask over this picture is painted; the store hears of it, with the key.

    `words` says what for ("mask", "region" or "guide"); each key has a draft of its own. `others` are masks
    that are shown faintly: colour and address.
    """
    return html.Div(
        **{
            "data-mask-painter": store,
            "data-mask-key": key,
            "data-mask-of": picture["id"],
            "data-mask-content": picture["url"],
            "data-mask-width": str(picture["width"]),
            "data-mask-height": str(picture["height"]),
            "data-mask-current": current["url"] if current else "",
            "data-mask-select": picture["url"],
            "data-mask-words": words,
            "data-mask-colour": colour,
            "data-mask-others": ",".join(" ".join(other) for other in others),
        }
    )
