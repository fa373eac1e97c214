"""Setting properties of the page from a callback, and saying what went wrong."""

import logging

from dash import set_props

from components import ids
from components.views import Update
from nst.errors import Refusal
from nst.jobs.troubles import of_storage

log = logging.getLogger(__name__)


def send(update: Update) -> None:
    """Set these properties: at once over a websocket, with the answer of an HTTP callback otherwise."""
    for element, properties in update.items():
        set_props(element, properties)


def notice(message: str) -> Update:
    """A sentence at the top of the page, until it is closed."""
    return {ids.NOTICE: {"children": message, "is_open": True}}


def explain(error: Exception) -> None:
    """Dash's `on_error`: what went wrong, at the top of the page."""
    send(notice(told(error)))


def told(error: Exception) -> str:
    """A refusal or a full disk as a sentence; a fault is logged, and admitted."""
    refusal = error if isinstance(error, Refusal) else of_storage(error)
    if refusal is not None:
        return refusal.message
    log.error("a callback failed", exc_info=error)
    return "Something went wrong in the studio. Please try again."
