"""What went wrong, in a sentence for the person whose painting it was."""

import errno
from collections.abc import Iterator

from nst.errors import Refusal
from nst.jobs.files import Unreachable

NO_MEMORY = "There was not enough memory for a picture of this size. Try a smaller size."
NO_SPACE = "The studio's disk is full. Please tell whoever runs it, and try again later."
FILES_AWAY = (
    "The studio cannot reach its pictures at the moment. Please try again in a minute; "
    "if it happens again, tell whoever runs it."
)
UNKNOWN = (
    "Something went wrong in the studio while painting. Please try again; "
    "if it happens again, tell whoever runs it."
)
CRASHES = (
    "The studio stopped twice while painting this picture, so it was given up. "
    "Try a smaller size, or start it again later."
)


def plain(error: BaseException) -> str:
    """One sentence for `error` or whatever caused it."""
    for cause in _chain(error):
        if isinstance(cause, Refusal):
            return cause.message
        if is_out_of_memory(cause):
            return NO_MEMORY
        if is_disk_full(cause):
            return NO_SPACE
        if isinstance(cause, Unreachable):
            return FILES_AWAY
    return UNKNOWN


def is_out_of_memory(error: BaseException) -> bool:
    """Whether Python's memory or TensorFlow's was full."""
    # By name: this room does not import TensorFlow.
    return any(kind.__name__ in ("MemoryError", "ResourceExhaustedError") for kind in type(error).__mro__)


def is_disk_full(error: BaseException) -> bool:
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    return getattr(error, "sqlite_errorname", None) == "SQLITE_FULL"


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    following: BaseException | None = error
    while following is not None and id(following) not in seen:
        seen.add(id(following))
        yield following
        following = following.__cause__ or following.__context__
