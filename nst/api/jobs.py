"""Paintings: ask for one, see where it stands, stop it, get it."""

import re
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.responses import FileResponse
from pydantic import BaseModel

from nst.api.shared import ASK_AGAIN, FOREVER, Client, TheStudio
from nst.jobs.models import Job, JobSpec, State, StyleRef, Wish
from nst.options import Options

router = APIRouter(prefix="/jobs", tags=["jobs"])


class JobAnswer(BaseModel):
    """A painting: what was asked for, and where it stands.

    `position` 1 is next in line. `asked` is what was asked of a running job and comes with its next step.
    `preview` and `result` are addresses, there as soon as the pictures are.
    """

    id: str
    state: State
    position: int | None
    asked: Wish | None
    step: int
    steps: int
    losses: dict[str, float]
    width: int | None
    height: int | None
    content: str
    styles: list[StyleRef]
    mask: str | None
    init: str | None
    options: Options
    error: str | None
    created: datetime
    started: datetime | None
    finished: datetime | None
    preview: str | None
    result: str | None

    @classmethod
    def of(cls, job: Job) -> "JobAnswer":
        url = f"/api/v1/jobs/{job.id}"
        return cls(
            **{name: getattr(job, name) for name in cls.model_fields if name in Job.model_fields},
            **{name: getattr(job.spec, name) for name in JobSpec.model_fields},
            preview=f"{url}/preview.jpg?seq={job.preview_seq}" if job.preview_seq else None,
            result=f"{url}/result.png" if job.has_result else None,
        )


class JobsAnswer(BaseModel):
    """One page; `next` is the `before` of the following one."""

    jobs: list[JobAnswer]
    next: str | None


@router.post("", status_code=202)
def create(studio: TheStudio, client: Client, spec: JobSpec) -> JobAnswer:
    """Put a painting in the queue. Pictures are ids of uploaded images."""
    return JobAnswer.of(studio.submit(client, spec))


@router.get("")
def page(
    studio: TheStudio,
    client: Client,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    before: str | None = None,
) -> JobsAnswer:
    """Your paintings, newest first."""
    found, following = studio.jobs(client, limit, before)
    return JobsAnswer(jobs=[JobAnswer.of(job) for job in found], next=following)


@router.get("/{job_id}")
def job(studio: TheStudio, client: Client, job_id: str) -> JobAnswer:
    """One painting."""
    return JobAnswer.of(studio.job(client, job_id))


@router.delete("/{job_id}", status_code=204)
def delete(studio: TheStudio, client: Client, job_id: str) -> None:
    """Forget a painting and its pictures; one that is running stops."""
    studio.delete(client, job_id)


@router.post("/{job_id}/cancel")
def cancel(studio: TheStudio, client: Client, job_id: str) -> JobAnswer:
    """Stop and keep what is there. A running painting stops after the step it is at."""
    return JobAnswer.of(studio.cancel(client, job_id))


@router.post("/{job_id}/pause")
def pause(studio: TheStudio, client: Client, job_id: str) -> JobAnswer:
    """Let a running painting rest after the step it is at."""
    return JobAnswer.of(studio.pause(client, job_id))


@router.post("/{job_id}/resume")
def resume(studio: TheStudio, client: Client, job_id: str) -> JobAnswer:
    """Go on with a paused painting, from where it was."""
    return JobAnswer.of(studio.resume(client, job_id))


@router.get("/{job_id}/preview.jpg", response_class=Response)
def preview(studio: TheStudio, client: Client, job_id: str, seq: int | None = None) -> Response:
    """The newest picture while it is painted, long side at most 768 pixels; cacheable with `seq`."""
    # Read whole: the file is replaced several times a second, and may not change while it is sent.
    data = studio.preview_file(client, job_id).read_bytes()
    headers = FOREVER if seq is not None else ASK_AGAIN
    return Response(data, media_type="image/jpeg", headers=headers)


@router.get("/{job_id}/result.png", response_class=FileResponse)
def result(
    studio: TheStudio,
    client: Client,
    job_id: str,
    download: Annotated[str | None, Query(max_length=100, description="Save it under this name.")] = None,
) -> FileResponse:
    """The painting, with the settings inside that paint it again."""
    path = studio.result_file(client, job_id)
    name = None if download is None else _file_name(download, job_id)
    return FileResponse(path, media_type="image/png", headers=ASK_AGAIN, filename=name)


def _file_name(wished: str, job_id: str) -> str:
    """A name that every system takes: letters, digits, spaces, dots, dashes."""
    name = re.sub(r"[^\w .-]|\.png$", "", wished, flags=re.IGNORECASE).strip(" .")
    return f"{name or 'pentimento-' + job_id[:8]}.png"
