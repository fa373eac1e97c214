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


def result(job: str) -> str:
    return f"/api/v1/jobs/{job}/result.png"


def download(job: str) -> str:
    """The result, to be saved as a file of this name."""
    return f"{result(job)}?download=pentimento-{job[:8]}"


def page(job: str) -> str:
    """The page of one painting."""
    return f"/jobs/{job}"


def job_of(path: str | None) -> str | None:
    """The job that a page's path names, if it names one."""
    head, _, job = (path or "").rpartition("/")
    return job if head == "/jobs" and job else None
