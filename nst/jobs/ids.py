"""Names of pictures and jobs: made by the server, unguessable, safe as part of a path."""

import re
import secrets

_ID = re.compile(r"[0-9a-f]{32}")


def new_id() -> str:
    """128 random bits in hexadecimal."""
    return secrets.token_hex(16)


def is_id(text: str) -> bool:
    """Whether `text` could have come from `new_id`. Everything else never reaches a path or a query."""
    return _ID.fullmatch(text) is not None
