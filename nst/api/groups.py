"""Groups: one painting over many photographs, or one photograph with options varied."""

from datetime import datetime
from typing import Literal

from fastapi import APIRouter
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from nst.api.exports import Name, attachment
from nst.api.jobs import JobAnswer
from nst.api.once import TheOnce
from nst.api.openapi import binary, refusals
from nst.api.shared import Before, Client, Limit, TheStudio, address
from nst.jobs import groups
from nst.jobs.groups import GroupSpec
from nst.jobs.models import Axis, Group, Job
from nst.options import Options

router = APIRouter(prefix="/groups", tags=["groups"])


class Cell(BaseModel):
    """One of the varied paintings. `job` is null once it was deleted; its `options` paint it at any size."""

    job: str | None
    options: Options | None
    values: dict[str, float]


class Grid(BaseModel):
    """What was varied: a row for each value of one option, a column for each of another, if there is one."""

    rows: Axis
    columns: Axis | None
    cells: list[list[Cell]]


class GroupSummary(BaseModel):
    """Paintings that were asked for together, and how far they are.

    `done` of `total` are finished, one way or another, `failed` of them without success; `progress` counts
    steps, 0..1. `results` is the address of a ZIP, there as soon as it would have something in it.
    """

    id: str
    title: str | None
    created: datetime
    state: Literal["queued", "running", "done"]
    total: int
    done: int
    failed: int
    progress: float
    results: str | None

    @classmethod
    def of(cls, group: Group, jobs: list[Job]) -> "GroupSummary":
        finished = [job for job in jobs if job.is_finished]
        waiting = all(job.state == "queued" and job.started is None for job in jobs)
        shares = [1.0 if job.is_finished else min(1.0, job.step / job.steps) for job in jobs]
        has_result = any(job.has_result for job in jobs)
        return cls(
            id=group.id,
            title=group.title,
            created=group.created,
            state="done" if len(finished) == len(jobs) else "queued" if waiting else "running",
            total=len(jobs),
            done=len(finished),
            failed=sum(job.state == "failed" for job in jobs),
            progress=round(sum(shares) / len(shares), 4) if shares else 1.0,
            results=address(f"groups/{group.id}/results.zip") if has_result else None,
        )


class GroupAnswer(GroupSummary):
    """A group with its paintings, and how they are arranged where options were varied."""

    jobs: list[JobAnswer]
    grid: Grid | None

    @classmethod
    def of(cls, group: Group, jobs: list[Job]) -> "GroupAnswer":
        return cls(
            **GroupSummary.of(group, jobs).model_dump(),
            jobs=[JobAnswer.of(job) for job in jobs],
            grid=_grid(group, jobs) if group.axes else None,
        )


class GroupsAnswer(BaseModel):
    """One page; `next` is the `before` of the following one."""

    groups: list[GroupSummary]
    next: str | None


@router.post(
    "",
    status_code=202,
    responses=refusals(
        "not_found", "group_too_large", "too_little_memory", "quota_full", "queue_full", "key_reused"
    ),
)
def create(studio: TheStudio, client: Client, once: TheOnce, asked: GroupSpec) -> GroupAnswer:
    """Put one painting for each photograph in the queue, or one for each cell of a grid: all or none."""
    found = once(
        lambda key: studio.group(client, groups.submit(studio, client, asked, key).id),
        lambda made: studio.group(client, made),
    )
    return GroupAnswer.of(*found)


@router.get("", responses=refusals("bad_page"))
def page(studio: TheStudio, client: Client, limit: Limit = 20, before: Before = None) -> GroupsAnswer:
    """Your groups, newest first, without their paintings."""
    found, following = studio.library.groups(client, limit, before)
    return GroupsAnswer(groups=[GroupSummary.of(*one) for one in found], next=following)


@router.get("/{group_id}")
def group(studio: TheStudio, client: Client, group_id: str) -> GroupAnswer:
    """A group and its paintings, those deleted left out."""
    return GroupAnswer.of(*studio.group(client, group_id))


@router.post("/{group_id}/cancel")
def cancel(studio: TheStudio, client: Client, group_id: str) -> GroupAnswer:
    """Stop all its paintings that are not finished, and keep what is there."""
    groups.cancel(studio, client, group_id)
    return GroupAnswer.of(*studio.group(client, group_id))


@router.delete("/{group_id}", status_code=204)
def delete(studio: TheStudio, client: Client, group_id: str) -> None:
    """Forget a group, its paintings and their pictures."""
    studio.delete_group(client, group_id)


@router.get(
    "/{group_id}/results.zip",
    response_class=StreamingResponse,
    responses=binary("application/zip") | refusals("no_result"),
)
def results(studio: TheStudio, client: Client, group_id: str, download: Name = None) -> StreamingResponse:
    """The results that are there, as PNG files in a ZIP."""
    packed = groups.archive(studio, client, group_id)
    headers = attachment(download or "", packed.name, "zip") | {"Cache-Control": "no-store"}
    if packed.length is not None:
        headers["Content-Length"] = str(packed.length)
    return StreamingResponse(packed.parts, media_type="application/zip", headers=headers)


def _grid(group: Group, jobs: list[Job]) -> Grid:
    there = {job.id: job for job in jobs}
    cells = [
        Cell(
            job=member if member in there else None,
            options=there[member].current.options if member in there else None,
            values=values,
        )
        for member, values in zip(group.members, groups.cells(group.axes), strict=True)
    ]
    rows, *others = group.axes
    width = len(others[0].values) if others else 1
    return Grid(
        rows=rows,
        columns=others[0] if others else None,
        cells=[cells[start : start + width] for start in range(0, len(cells), width)],
    )
