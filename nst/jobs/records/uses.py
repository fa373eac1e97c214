"""Which stored images and videos a job names. The sweep leaves alone what any job uses."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from nst.errors import Refusal
from nst.jobs.models import Job
from nst.jobs.records.schema import images, uses
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


def refuse_what_is_gone(connection: Connection, ids: Iterable[str]) -> None:
    """Raise a `Refusal` (not_found) where one of these images is not there any more.

    Otherwise nobody removes one until the transaction ends: by then it is to be held.
    """
    named = sorted(set(ids))
    there = select(images.c.id).where(images.c.id.in_(named)).order_by(images.c.id)
    if len(connection.scalars(there.with_for_update(read=True, key_share=True)).all()) != len(named):
        raise Refusal("not_found", "One of these pictures is not kept any more. Choose it again.")


def to_remove(connection: Connection, image_id: str) -> Row[Any] | None:
    """The image's row, once nobody is about to hold it; ask only then whether somebody does."""
    mine = select(images).where(images.c.id == image_id)
    return connection.execute(mine.with_for_update()).first()
