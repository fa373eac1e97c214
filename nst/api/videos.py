"""Videos: put one in, have it painted, see how far it is, get it."""

from datetime import datetime
from functools import partial

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from nst.api import uploads
from nst.api.once import TheOnce
from nst.api.openapi import binary, refusals, stored
from nst.api.shared import ASK_AGAIN, FOREVER, Before, Client, Limit, TheStudio, address
from nst.api.stored import StoredFile
from nst.api.turns import TheTurn
from nst.api.uploads import UploadedFile
from nst.jobs.models import State, Wish
from nst.jobs.video_models import StoredVideo, VideoJob, VideoSpec
from nst.video.options import VideoOptions

router = APIRouter(tags=["videos"])


class VideoAnswer(BaseModel):
    """A stored video. Its size is as it is shown, `rate` frames a second on average."""

    id: str
    kind: str
    width: int
    height: int
    frames: int
    seconds: float
    rate: float
    has_sound: bool
    created: datetime

    @classmethod
    def of(cls, video: StoredVideo) -> "VideoAnswer":
        return cls(**{name: getattr(video, name) for name in cls.model_fields})


class VideosAnswer(BaseModel):
    """One page; `next` is the `before` of the following one."""

    videos: list[VideoAnswer]
    next: str | None


class VideoJobAnswer(BaseModel):
    """A video that is painted: what was asked for, and where it stands. Steps are frames.

    `position` 1 is next in line. `asked` is what was asked of a running job and comes with its next frame.
    `preview` and `result` are addresses, there as soon as the files are.
    """

    id: str
    state: State
    position: int | None
    asked: Wish | None
    step: int
    steps: int
    seconds_left: float | None = Field(description="Until it is finished, by estimate.")
    width: int | None
    height: int | None
    video: str
    style: str
    options: VideoOptions
    error: str | None
    created: datetime
    started: datetime | None
    finished: datetime | None
    preview: str | None
    result: str | None

    @classmethod
    def of(cls, job: VideoJob) -> "VideoJobAnswer":
        url = address(f"video-jobs/{job.id}")
        return cls(
            **{name: getattr(job, name) for name in cls.model_fields.keys() & VideoJob.model_fields.keys()},
            **{name: getattr(job.spec, name) for name in VideoSpec.model_fields},
            preview=f"{url}/preview.jpg?seq={job.preview_seq}" if job.preview_seq else None,
            result=f"{url}/result.mp4" if job.has_result else None,
        )


class VideoJobsAnswer(BaseModel):
    """One page; `next` is the `before` of the following one."""

    jobs: list[VideoJobAnswer]
    next: str | None


@router.post(
    "/videos",
    status_code=201,
    openapi_extra=uploads.BODY,
    responses=refusals(
        "not_a_video",
        "unknown_codec",
        "file_too_large",
        "too_many_videos",
        "broken_upload",
        "missing_file",
        "quota_full",
        "empty_file",
        "broken_video",
        "truncated_video",
        "no_moving_picture",
        "absurd_frame_rate",
        "bad_aspect",
        "video_too_large",
        "video_too_long",
        "video_too_small",
    ),
)
async def upload(studio: TheStudio, client: Client, turn: TheTurn, file: UploadedFile) -> VideoAnswer:
    """Keep an MP4, MOV, WebM or GIF, to be painted."""
    return VideoAnswer.of(await turn("videos", partial(studio.videos.add, client, file)))


@router.get("/videos", responses=refusals("bad_page"))
def uploaded(studio: TheStudio, client: Client, limit: Limit = 20, before: Before = None) -> VideosAnswer:
    """Your videos, newest first."""
    found, following = studio.library.videos(client, limit, before)
    return VideosAnswer(videos=[VideoAnswer.of(video) for video in found], next=following)


@router.get("/videos/{video_id}")
def video(studio: TheStudio, client: Client, video_id: str) -> VideoAnswer:
    """One video."""
    return VideoAnswer.of(studio.videos.known(client, video_id))


@router.delete("/videos/{video_id}", status_code=204)
def forget(studio: TheStudio, client: Client, video_id: str) -> None:
    """Delete a video. What was asked of it is painted nevertheless."""
    studio.videos.forget(client, video_id)


@router.post(
    "/video-jobs",
    status_code=202,
    responses=refusals("not_found", "quota_full", "queue_full", "key_reused"),
)
def create_video(studio: TheStudio, client: Client, once: TheOnce, spec: VideoSpec) -> VideoJobAnswer:
    """Put a video in the queue. `video` is the id of an uploaded video, `style` of an uploaded image."""
    job = once(
        lambda key: studio.videos.submit(client, spec, key), lambda made: studio.videos.job(client, made)
    )
    return VideoJobAnswer.of(job)


@router.get("/video-jobs", responses=refusals("bad_page"))
def video_page(
    studio: TheStudio, client: Client, limit: Limit = 20, before: Before = None
) -> VideoJobsAnswer:
    """Your painted videos, newest first."""
    found, following = studio.videos.jobs(client, limit, before)
    return VideoJobsAnswer(jobs=[VideoJobAnswer.of(job) for job in found], next=following)


@router.get("/video-jobs/{job_id}")
def video_job(studio: TheStudio, client: Client, job_id: str) -> VideoJobAnswer:
    """One video that is painted."""
    return VideoJobAnswer.of(studio.videos.job(client, job_id))


@router.delete("/video-jobs/{job_id}", status_code=204)
def delete_video(studio: TheStudio, client: Client, job_id: str) -> None:
    """Forget a painted video; one that is running stops."""
    studio.videos.delete(client, job_id)


@router.post("/video-jobs/{job_id}/cancel", responses=refusals("already_finished"))
def cancel_video(studio: TheStudio, client: Client, job_id: str) -> VideoJobAnswer:
    """Give a video up; nothing of it is kept. A running one stops after the frame it is at."""
    return VideoJobAnswer.of(studio.videos.cancel(client, job_id))


@router.post("/video-jobs/{job_id}/pause", responses=refusals("already_finished", "not_running"))
def pause_video(studio: TheStudio, client: Client, job_id: str) -> VideoJobAnswer:
    """Let a running video rest after the frame it is at."""
    return VideoJobAnswer.of(studio.videos.pause(client, job_id))


@router.post("/video-jobs/{job_id}/resume", responses=refusals("already_finished"))
def resume_video(studio: TheStudio, client: Client, job_id: str) -> VideoJobAnswer:
    """Go on with a paused video, after its last finished frame."""
    return VideoJobAnswer.of(studio.videos.resume(client, job_id))


@router.get("/video-jobs/{job_id}/preview.jpg", response_class=Response, responses=binary("image/jpeg"))
def video_preview(studio: TheStudio, client: Client, job_id: str, seq: int | None = None) -> Response:
    """The newest painted frame that was kept, long side at most 768 pixels; cacheable with `seq`."""
    # Read whole: the file is replaced every second, and may not change while it is sent.
    data = studio.videos.preview_file(client, job_id).read_bytes()
    headers = FOREVER if seq is not None else ASK_AGAIN
    return Response(data, media_type="image/jpeg", headers=headers)


@router.get("/video-jobs/{job_id}/result.mp4", response_class=StoredFile, responses=stored("video/mp4"))
def video_result(studio: TheStudio, client: Client, job_id: str, download: bool = False) -> StoredFile:
    """The finished video; any part of it, for players that ask so; to save, with `download`."""
    path = studio.videos.result_file(client, job_id)
    name = f"pentimento-{job_id[:8]}.mp4" if download else None
    return StoredFile(path, media_type="video/mp4", headers=FOREVER, filename=name)
