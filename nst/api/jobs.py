"""Paintings: ask for one, see where it stands, stop it, get it."""

from datetime import datetime

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field, field_validator
from pydantic_core import PydanticCustomError

from nst.api.once import TheOnce
from nst.api.openapi import binary, refusals, stored
from nst.api.shared import ASK_AGAIN, FOREVER, Before, Client, Limit, TheStudio, address
from nst.api.stored import StoredFile
from nst.jobs.models import Change, Job, JobSpec, Region, State, Steering, StyleRef, Wish
from nst.jobs.steering import MOST_STYLES, Share, Strict
from nst.options import Options

router = APIRouter(prefix="/jobs", tags=["jobs"])

_ABOUT_PICTURES = (
    "not_found",
    "empty_mask",
    "nothing_to_paint",
    "no_such_style",
    "bad_blend",
    "bad_guide",
    "too_many_masks",
)
_NEW = ("too_little_memory", "quota_full", "queue_full", "key_reused")


class StageAnswer(BaseModel):
    """A small picture that was kept of the run."""

    step: int
    url: str


class JobAnswer(BaseModel):
    """A painting: what was asked for, and where it stands.

    `position` 1 is next in line. `asked` is what was asked of a running job, and comes as soon as it can.
    `preview` and `result` are addresses, there as soon as the pictures are. `styles`, `mask`, `regions` and
    `options` are as they were last changed; `changes` are those in force, each `after` so many steps.
    `repeat`, posted as a new painting, paints the same again, from how it began through all its changes.
    """

    id: str
    group: str | None
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
    regions: list[Region]
    init: str | None
    onward: str | None
    options: Options
    changes: list[Change]
    repeat: JobSpec
    error: str | None
    created: datetime
    started: datetime | None
    finished: datetime | None
    expires: datetime | None = Field(
        description="When it is removed for its age; null: not for that. Where there is no room, the oldest "
        "go sooner, but none on its first day."
    )
    preview: str | None
    result: str | None
    stages: list[StageAnswer]

    @classmethod
    def of(cls, job: Job) -> "JobAnswer":
        url = address(f"jobs/{job.id}")
        return cls(
            **{name: getattr(job, name) for name in _OF_JOB},
            **{name: getattr(job.current, name) for name in _OF_SPEC},
            changes=job.made,
            preview=f"{url}/preview.jpg?seq={job.preview_seq}" if job.preview_seq else None,
            result=f"{url}/result.png" if job.has_result else None,
            stages=[
                StageAnswer(step=stage.step, url=f"{url}/stages/{stage.step}.jpg") for stage in job.stages
            ],
        )


_OF_JOB = (JobAnswer.model_fields.keys() & Job.model_fields.keys()) - {"changes", "stages"} | {"repeat"}
_OF_SPEC = JobSpec.model_fields.keys() - {"changes"}


class NewShare(Strict):
    """A style's new weight in the blend; the same as naming it in `weights`."""

    weight: Share


class ChangeAsked(Steering):
    """What is to change; everything else stays as it is."""

    styles: list[NewShare] | None = Field(None, min_length=1, max_length=MOST_STYLES)

    @field_validator("styles")
    @classmethod
    def _some_style_weighs(cls, styles: list[NewShare] | None) -> list[NewShare] | None:
        if styles is not None and not any(style.weight for style in styles):
            raise PydanticCustomError("no_weight", "at least one style needs a weight above 0")
        return styles

    def steering(self) -> Steering:
        asked = {name: value for name, value in self.chosen.items() if name != "styles"}
        if self.styles is not None:
            asked["weights"] = [style.weight for style in self.styles]
        return Steering(**asked)


class More(Strict):
    """How a finished painting goes on."""

    steps: int = Field(50, description="Further steps, all at the finest scale.")
    size: int | None = Field(None, description="New long side in pixels; as it was, if none is given.")


class JobsAnswer(BaseModel):
    """One page; `next` is the `before` of the following one."""

    jobs: list[JobAnswer]
    next: str | None


@router.post("", status_code=202, responses=refusals(*_ABOUT_PICTURES, *_NEW))
def create(studio: TheStudio, client: Client, once: TheOnce, spec: JobSpec) -> JobAnswer:
    """Put a painting in the queue. Pictures are ids of uploaded images."""
    job = once(lambda key: studio.submit(client, spec, key), lambda made: studio.job(client, made))
    return JobAnswer.of(job)


@router.get("", responses=refusals("bad_page"))
def page(studio: TheStudio, client: Client, limit: Limit = 20, before: Before = None) -> JobsAnswer:
    """Your paintings, newest first."""
    found, following = studio.jobs(client, limit, before)
    return JobsAnswer(jobs=[JobAnswer.of(job) for job in found], next=following)


@router.get("/{job_id}")
def job(studio: TheStudio, client: Client, job_id: str) -> JobAnswer:
    """One painting."""
    return JobAnswer.of(studio.job(client, job_id))


@router.patch("/{job_id}", responses=refusals("already_finished", "too_many_changes", *_ABOUT_PICTURES))
def steer(studio: TheStudio, client: Client, job_id: str, change: ChangeAsked) -> JobAnswer:
    """Change a painting while it is painted, from its next step on; one that waits, before it begins."""
    return JobAnswer.of(studio.steer(client, job_id, change.steering()))


@router.delete("/{job_id}", status_code=204)
def delete(studio: TheStudio, client: Client, job_id: str) -> None:
    """Forget a painting and its pictures; one that is running stops."""
    studio.delete(client, job_id)


@router.post("/{job_id}/cancel", responses=refusals("already_finished"))
def cancel(studio: TheStudio, client: Client, job_id: str) -> JobAnswer:
    """Stop and keep what is there. A running painting stops as soon as it can."""
    return JobAnswer.of(studio.cancel(client, job_id))


@router.post("/{job_id}/pause", responses=refusals("already_finished", "not_running"))
def pause(studio: TheStudio, client: Client, job_id: str) -> JobAnswer:
    """Let a running painting rest as soon as it can."""
    return JobAnswer.of(studio.pause(client, job_id))


@router.post("/{job_id}/resume", responses=refusals("already_finished"))
def resume(studio: TheStudio, client: Client, job_id: str) -> JobAnswer:
    """Go on with a paused painting, from where it was."""
    return JobAnswer.of(studio.resume(client, job_id))


@router.post(
    "/{job_id}/continue",
    status_code=202,
    responses=refusals("not_finished", "no_result", "invalid_option", *_ABOUT_PICTURES, *_NEW),
)
def go_on(studio: TheStudio, client: Client, once: TheOnce, job_id: str, more: More) -> JobAnswer:
    """A new painting that goes on with a finished one, larger if you like. The finished one stays."""
    job = once(
        lambda key: studio.go_on(client, job_id, more.steps, more.size, key),
        lambda made: studio.job(client, made),
    )
    return JobAnswer.of(job)


@router.get("/{job_id}/preview.jpg", response_class=Response, responses=binary("image/jpeg"))
def preview(studio: TheStudio, client: Client, job_id: str, seq: int | None = None) -> Response:
    """The newest picture while it is painted, long side at most 768 pixels; cacheable with `seq`."""
    # Read whole: the file is replaced several times a second, and may not change while it is sent.
    data = studio.preview_file(client, job_id).read_bytes()
    headers = FOREVER if seq is not None else ASK_AGAIN
    return Response(data, media_type="image/jpeg", headers=headers)


@router.get("/{job_id}/stages/{step}.jpg", response_class=StoredFile, responses=stored("image/jpeg"))
def stage(studio: TheStudio, client: Client, job_id: str, step: int) -> StoredFile:
    """What the painting looked like after this step, long side at most 512 pixels."""
    path = studio.stage_file(client, job_id, step)
    return StoredFile(path, media_type="image/jpeg", headers=FOREVER)
