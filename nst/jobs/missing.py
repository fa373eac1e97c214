"""Words for what is asked for and is not there: what happened, and what to do."""

from typing import Literal, NoReturn

from nst.errors import Refusal

Thing = Literal[
    "picture", "painting", "stage of this painting", "group of paintings", "video", "video job", "token"
]

_TO_DO: dict[Thing, str] = {
    "picture": "Bring it again.",
    "painting": "Start a new one.",
    "stage of this painting": "Its list of stages has those that were kept.",
    "group of paintings": "Ask for it again.",
    "video": "Bring it again.",
    "video job": "Ask for it again.",
    "token": "The list has those that are left.",
}


def missing(thing: Thing, field: str | None = None) -> NoReturn:
    """Raise a `Refusal` (not_found) about an id that is nobody's, or somebody else's."""
    raise Refusal("not_found", f"There is no such {thing} here, or not any more. {_TO_DO[thing]}", field)


def no_page(things: str) -> NoReturn:
    """Raise a `Refusal` (bad_page) about a `before` that no page has given."""
    message = f"There is no such page of {things}. Leave `before` away to begin with the first."
    raise Refusal("bad_page", message, "before")


def none_yet(thing: Thing, part: str, field: str | None = None) -> NoReturn:
    """Raise a `Refusal` (not_found) about something that comes with time."""
    raise Refusal("not_found", f"This {thing} has no {part}, or none yet. Wait, if it is under way.", field)
