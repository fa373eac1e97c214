"""Addresses of the page, and of the API that it puts into pictures and links."""

from nst.settings import settings


def thumbnail(image: str) -> str:
    return f"{_root()}/api/v1/images/{image}/thumbnail.jpg"


def image(image: str) -> str:
    return f"{_root()}/api/v1/images/{image}"


def sample(name: str) -> str:
    return f"{_root()}/api/v1/samples/{name}.jpg"


def preview(job: str, seq: int) -> str:
    """The picture as it stood at preview `seq`; the number makes each one a new address to the browser."""
    return f"{_root()}/api/v1/jobs/{job}/preview.jpg?seq={seq}"


def job(job: str) -> str:
    """Before the names of its pictures."""
    return f"{_root()}/api/v1/jobs/{job}"


def stage(job: str, step: int) -> str:
    return f"{_root()}/api/v1/jobs/{job}/stages/{step}.jpg"


def result(job: str) -> str:
    return f"{_root()}/api/v1/jobs/{job}/result.png"


def home() -> str:
    """The page without a painting, or of one that is told elsewhere; other pages' names continue it."""
    return f"{_root()}/"


def page(job: str) -> str:
    """The page of one painting."""
    return f"{_root()}/jobs/{job}"


def comparison(one: str, other: str) -> str:
    """The page of two paintings side by side."""
    return f"{_root()}/compare/{one}/{other}"


def group(group: str) -> str:
    """The page of paintings that were asked for together."""
    return f"{_root()}/groups/{group}"


def archive(group: str) -> str:
    """All of a group's results, as a file to be saved."""
    return f"{_root()}/api/v1/groups/{group}/results.zip"


# The page's addresses, for the server; in the browser assets/address.js knows them.
PAGES = ("/jobs/[^/]+", "/compare/[^/]+/[^/]+", "/groups/[^/]+")


def job_of(path: str | None) -> str | None:
    """The job that a page's path names, if it names one."""
    return _last(path, "/jobs")


def group_of(path: str | None) -> str | None:
    """The group that a page's path names, if it names one."""
    return _last(path, "/groups")


def compared(path: str | None) -> tuple[str, str] | None:
    """The two jobs that a page's path names, if it is the page of two."""
    match (path or "").removeprefix(_root()).split("/"):
        case ["", "compare", one, other] if one and other:
            return one, other
    return None


def _last(path: str | None, room: str) -> str | None:
    head, _, name = (path or "").removeprefix(_root()).rpartition("/")
    return name if head == room and name else None


def _root() -> str:
    return settings().prefix
