"""From rows of the database to what the other rooms know."""

from typing import Any

from sqlalchemy import Connection, Row, Select, select

from nst.jobs.models import Group, Job, JobSpec, StoredImage
from nst.jobs.schema import jobs
from nst.jobs.steering import Change, Steering
from nst.jobs.video_models import StoredVideo, VideoJob, VideoSpec


def queue(connection: Connection) -> list[str]:
    """Ids of the waiting jobs, next first."""
    return list(connection.scalars(in_line()))


def in_line() -> Select[str]:
    """Ids of the waiting jobs: those that had begun before, then as they came.

    Members of groups let single ones go first: nobody waits for all the photographs of somebody else. Videos
    let all pictures go first: they take hours, and lose little by resting.
    """
    waiting = select(jobs.c.id).where(jobs.c.state == "queued")
    order = (jobs.c.kind == "video", jobs.c.started.is_(None), jobs.c.group.is_not(None), jobs.c.number)
    return waiting.order_by(*order)


def image_of(row: Row[Any]) -> StoredImage:
    return StoredImage(**{name: getattr(row, name) for name in StoredImage.model_fields})


def group_of(row: Row[Any]) -> Group:
    return Group(**{name: getattr(row, name) for name in Group.model_fields})


def job_of(row: Row[Any], waiting: list[str]) -> Job:
    """The job; `waiting` is the queue that its position is counted in."""
    known = {name: getattr(row, name) for name in Job.model_fields if name not in ("spec", "position")}
    position = waiting.index(row.id) + 1 if row.id in waiting else None
    return Job(spec=JobSpec.model_validate(row.spec), position=position, **known)


def video_of(row: Row[Any]) -> StoredVideo:
    return StoredVideo(**{name: getattr(row, name) for name in StoredVideo.model_fields})


def video_job_of(row: Row[Any], waiting: list[str]) -> VideoJob:
    """The job; `waiting` is the queue that its position is counted in."""
    known = {name: getattr(row, name) for name in VideoJob.model_fields if name not in ("spec", "position")}
    position = waiting.index(row.id) + 1 if row.id in waiting else None
    return VideoJob(spec=VideoSpec.model_validate(row.spec), position=position, **known)


def any_job_of(row: Row[Any], waiting: list[str]) -> Job | VideoJob:
    """A job of either kind."""
    return video_job_of(row, waiting) if row.kind == "video" else job_of(row, waiting)


def wanted_of(row: Row[Any]) -> Steering | None:
    return None if row.wanted is None else Steering.model_validate(row.wanted)


def left_of(row: Row[Any], made: Change) -> dict[str, Any] | None:
    """What is still wanted after a change was made: all of it, if more was asked for in the meantime."""
    wanted = wanted_of(row)
    return None if wanted is None or wanted.at(made.after) == made else row.wanted
