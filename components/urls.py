"""Addresses of the API that the page puts into pictures and links."""


def thumbnail(image: str) -> str:
    return f"/api/v1/images/{image}/thumbnail.jpg"


def image(image: str) -> str:
    return f"/api/v1/images/{image}"


def sample(name: str) -> str:
    return f"/api/v1/samples/{name}.jpg"


def preview(job: str, seq: int) -> str:
    """The picture as it stood at preview `seq`; the number makes each one a new address to the browser."""
    return f"/api/v1/jobs/{job}/preview.jpg?seq={seq}"


def job(job: str) -> str:
    """Before the names of its pictures."""
    return f"/api/v1/jobs/{job}"


def stage(job: str, step: int) -> str:
    return f"/api/v1/jobs/{job}/stages/{step}.jpg"


def result(job: str) -> str:
    return f"/api/v1/jobs/{job}/result.png"


def page(job: str) -> str:
    """The page of one painting."""
    return f"/jobs/{job}"


def job_of(path: str | None) -> str | None:
    """The job that a page's path names, if it names one."""
    head, _, job = (path or "").rpartition("/")
    return job if head == "/jobs" and job else None
