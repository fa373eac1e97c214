"""Examples of requests and answers, for OpenAPI. Those of answers are made of the answers' own types."""

from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import BaseModel

from nst.api import about, groups, images, jobs, samples, selection, tokens, videos
from nst.jobs.models import Axis, Group, Job, JobSpec, Stage, StoredImage, StyleRef
from nst.jobs.records.tokens import Token
from nst.jobs.steering import Steering
from nst.jobs.video_models import StoredVideo, VideoJob, VideoSpec
from nst.options import PRESETS, Options
from nst.record import Recalled

_NOON = datetime(2027, 5, 1, 12, 0, tzinfo=UTC)
_YOU = "you"
_PHOTO, _PAINTING, _MASK = (letter * 32 for letter in "abc")
_JOB, _GROUP, _CLIP, _FILM, _TOKEN = (digit * 32 for digit in "12345")

_STORED = StoredImage(id=_PHOTO, owner=_YOU, width=1600, height=1200, created=_NOON)
_SPEC = JobSpec(content=_PHOTO, styles=[StyleRef(image=_PAINTING)], options=Options(style_weight=2))
_RUNNING = Job(
    id=_JOB,
    owner=_YOU,
    spec=_SPEC,
    state="running",
    step=120,
    steps=300,
    losses={"total": 1.31, "content": 0.42, "style": 0.86, "tv": 0.03},
    changes=[Steering(weights=[0.8]).at(60)],
    stages=[Stage(step=60, scale=1), Stage(step=120, scale=2)],
    created=_NOON,
    started=_NOON + timedelta(seconds=1),
    width=256,
    height=192,
    preview_seq=41,
)
_QUEUED = Job(id=_JOB, owner=_YOU, spec=_SPEC, state="queued", steps=300, position=1, created=_NOON)
_GATHERED = (
    Group(
        id=_GROUP,
        owner=_YOU,
        title="Holidays",
        axes=[Axis(option="style_weight", values=[1.0])],
        members=[_JOB],
        created=_NOON,
    ),
    [_QUEUED.model_copy(update={"group": _GROUP})],
)
_VIDEO = StoredVideo(
    id=_CLIP,
    owner=_YOU,
    kind="mp4",
    width=1280,
    height=720,
    frames=250,
    seconds=10.0,
    rate=25.0,
    has_sound=True,
    size=4_200_000,
    created=_NOON,
)
_PAINTED = VideoJob(
    id=_FILM,
    owner=_YOU,
    spec=VideoSpec(video=_CLIP, style=_PAINTING),
    state="queued",
    steps=250,
    position=2,
    created=_NOON,
)
_MADE = tokens.TokenAnswer.of(Token(id=_TOKEN, owner=_YOU, name="laptop", created=_NOON))
_AT_C = {
    "mask": _MASK,
    "url": f"/api/v1/images/{_MASK}",
    "thumbnail": f"/api/v1/images/{_MASK}/thumbnail.jpg",
}
_SAMPLE = samples.SampleAnswer(
    name="chelsea",
    title="Chelsea",
    kind="photo",
    thumbnail="/api/v1/samples/chelsea.jpg",
    credit="scikit-image",
    description="A cat.",
)

_PAINT = {
    "One painting": {
        "content": _PHOTO,
        "styles": [{"image": _PAINTING}],
        "options": {"size": 512, "steps": 300},
    },
    "Two paintings, on a part of the photograph": {
        "content": _PHOTO,
        "styles": [{"image": _PAINTING, "weight": 0.7}, {"image": _PHOTO, "weight": 0.3}],
        "mask": _MASK,
        "options": {"style_weight": 2, "preserve_color": "luminance"},
    },
    "A painting for a region, the rest as it is": {
        "content": _PHOTO,
        "styles": [{"image": _PAINTING}],
        "regions": [{"mask": _MASK, "style": 0}],
    },
}
_STEER = {
    "Stronger, and longer": {"options": {"style_weight": 3, "steps": 400}},
    "Another blend": {"weights": [0.2, 0.8]},
    "No mask any more": {"mask": None},
}
_TOGETHER = {
    "Many photographs": {"contents": [_PHOTO, _MASK], "styles": [{"image": _PAINTING}], "title": "Holidays"},
    "One with options varied": {
        "content": _PHOTO,
        "styles": [{"image": _PAINTING}],
        "vary": {"style_weight": [0.5, 1, 2], "style_scale": [1, 2]},
    },
}


def of_operations() -> dict[str, dict[str, Any]]:
    """By the operations' names. Addresses in them begin as they do here, which settings say."""
    image = images.ImageAnswer.of(
        _STORED,
        ["It was turned upright."],
        Recalled(options={"size": 512, "steps": 300}, blend=[1.0], strength=None),
    )
    listed = images.ImageAnswer.of(_STORED)
    job = _of(answer=jobs.JobAnswer.of(_RUNNING))
    video_job = _of(answer=videos.VideoJobAnswer.of(_PAINTED))

    return {
        "images_upload": _of(answer=image),
        "images_uploaded": _of(answer=images.ImagesAnswer(images=[listed], next=None)),
        "images_about": _of(answer=listed),
        "images_select": _of(
            request={
                "A click, and one that takes away": {
                    "clicks": [{"x": 0.5, "y": 0.4}, {"x": 0.9, "y": 0.1, "add": False}]
                }
            },
            answer=selection.SelectAnswer(**_AT_C, area=0.31, level=0.5, levels=[0.12, 0.31, 0.8]),
        ),
        "images_proposals": _of(answer=[selection.ProposalAnswer(name="subject", area=0.31, **_AT_C)]),
        "samples_samples": _of(answer=samples.SamplesAnswer(samples=[_SAMPLE])),
        "samples_use": _of(answer=listed),
        "jobs_create": _of(request=_PAINT, answer=jobs.JobAnswer.of(_QUEUED)),
        "jobs_page": _of(answer=jobs.JobsAnswer(jobs=[jobs.JobAnswer.of(_RUNNING)], next="41")),
        "jobs_job": job,
        "jobs_steer": job | {"request": _STEER},
        "jobs_cancel": job,
        "jobs_pause": job,
        "jobs_resume": job,
        "jobs_go_on": _of(
            request={"A hundred steps at twice the size": {"steps": 100, "size": 1024}},
            answer=jobs.JobAnswer.of(_QUEUED),
        ),
        "groups_create": _of(request=_TOGETHER, answer=groups.GroupAnswer.of(*_GATHERED)),
        "groups_page": _of(
            answer=groups.GroupsAnswer(groups=[groups.GroupSummary.of(*_GATHERED)], next=None)
        ),
        "groups_group": _of(answer=groups.GroupAnswer.of(*_GATHERED)),
        "groups_cancel": _of(answer=groups.GroupAnswer.of(*_GATHERED)),
        "videos_upload": _of(answer=videos.VideoAnswer.of(_VIDEO)),
        "videos_uploaded": _of(answer=videos.VideosAnswer(videos=[videos.VideoAnswer.of(_VIDEO)], next=None)),
        "videos_video": _of(answer=videos.VideoAnswer.of(_VIDEO)),
        "videos_create_video": video_job
        | {
            "request": {
                "A clip": {"video": _CLIP, "style": _PAINTING, "options": {"quality": "fast", "size": 640}}
            }
        },
        "videos_video_page": _of(
            answer=videos.VideoJobsAnswer(jobs=[videos.VideoJobAnswer.of(_PAINTED)], next=None)
        ),
        "videos_video_job": video_job,
        "videos_cancel_video": video_job,
        "videos_pause_video": video_job,
        "videos_resume_video": video_job,
        "tokens_make": _of(
            request={"A token": {"name": "laptop"}},
            answer=tokens.MadeToken(**_MADE.model_dump(), token=f"nst_{_TOKEN}" + "x" * 43),
        ),
        "tokens_made": _of(answer=tokens.TokensAnswer(tokens=[_MADE])),
        "studio_presets": _of(
            answer=about.PresetsAnswer(
                presets=[
                    about.PresetAnswer(
                        name=preset.name.lower(),
                        options=Options(size=preset.size, steps=preset.steps),
                        seconds=round(0.1 * preset.steps, 1),
                    )
                    for preset in PRESETS
                ]
            )
        ),
        "studio_expected": _of(
            request={"A photograph": {"width": 1600, "height": 1200, "options": {"size": 512, "steps": 300}}},
            answer=about.ExpectedAnswer(seconds=38.2),
        ),
    }


def _of(
    *, request: dict[str, Any] | None = None, answer: BaseModel | list[Any] | None = None
) -> dict[str, Any]:
    told: dict[str, Any] = {} if request is None else {"request": request}
    if isinstance(answer, list):
        told["answer"] = [one.model_dump(mode="json") for one in answer]
    elif answer is not None:
        told["answer"] = answer.model_dump(mode="json")
    return told
