"""Which stored images and videos a job names. The sweep leaves alone what any job uses."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, func, insert, select

from nst.errors import Refusal
from nst.jobs.models import Job
from nst.jobs.schema import images, uses
from nst.jobs.video_models import VideoJob


def used_by(job: Job | VideoJob) -> set[str]:
    """Ids of all stored images and videos that a job names."""
    return job.pictures if isinstance(job, Job) else {job.spec.video, job.spec.style}


def hold(connection: Connection, job_id: str, ids: Iterable[str]) -> None:
    """Note that a job uses these, besides what it is known to use."""
    known = set(connection.scalars(select(uses.c.id).where(uses.c.job == job_id)))
    rows = [{"job": job_id, "id": one} for one in sorted(set(ids) - known)]
    if rows:
        connection.execute(insert(uses), rows)


def refuse_what_is_gone(connection: Connection, jobs: Sequence[Job]) -> None:
    """Raise a `Refusal` (not_found) where an image of these new jobs was swept before they held it."""
    named = {one for job in jobs for one in used_by(job)}
    there = select(func.count()).select_from(images).where(images.c.id.in_(named))
    if connection.scalar(there) != len(named):
        raise Refusal("not_found", "One of these pictures is not kept any more. Choose it again.")
