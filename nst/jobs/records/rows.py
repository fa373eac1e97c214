"""From rows of the database to what the other rooms know."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row

from nst.jobs.models import Group, Job, JobSpec, StoredImage
from nst.jobs.steering import Change, Steering
from nst.jobs.video_models import StoredVideo, VideoJob, VideoSpec

_COMPUTED = ("spec", "position", "expires")


def image_of(row: Row[Any]) -> StoredImage:
    return StoredImage(**{name: getattr(row, name) for name in StoredImage.model_fields})


def group_of(row: Row[Any]) -> Group:
    return Group(**{name: getattr(row, name) for name in Group.model_fields})


def job_of(row: Row[Any], places: Mapping[str, int]) -> Job:
    """The job; `places` are the positions of those that wait."""
    known = {name: getattr(row, name) for name in Job.model_fields if name not in _COMPUTED}
    return Job(spec=JobSpec.model_validate(row.spec), position=places.get(row.id), **known)


def video_of(row: Row[Any]) -> StoredVideo:
    return StoredVideo(**{name: getattr(row, name) for name in StoredVideo.model_fields})


def video_job_of(row: Row[Any], places: Mapping[str, int]) -> VideoJob:
    """The job; `places` are the positions of those that wait."""
    known = {name: getattr(row, name) for name in VideoJob.model_fields if name not in ("spec", "position")}
    return VideoJob(spec=VideoSpec.model_validate(row.spec), position=places.get(row.id), **known)


def any_job_of(row: Row[Any], places: Mapping[str, int]) -> Job | VideoJob:
    """A job of either kind."""
    return video_job_of(row, places) if row.kind == "video" else job_of(row, places)


def wanted_of(row: Row[Any]) -> Steering | None:
    return None if row.wanted is None else Steering.model_validate(row.wanted)


def left_of(row: Row[Any], made: Change) -> dict[str, Any] | None:
    """What is still wanted after a change was made: all of it, if more was asked for in the meantime."""
    wanted = wanted_of(row)
    return None if wanted is None or wanted.at(made.after) == made else row.wanted
