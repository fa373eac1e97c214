"""What this studio takes, the presets it has, and how long it would paint: to be known before one asks."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from nst.api import camera, limits, selection
from nst.api.shared import TheStudio
from nst.jobs import steering
from nst.jobs.instant import previews
from nst.jobs.records import idempotency, tokens
from nst.jobs.steering import Strict
from nst.options import PRESETS, Optimizer, Options, Precision, StyleLossName

router = APIRouter(tags=["studio"])

_DEFAULTS = Options()
Side = Annotated[int, Field(ge=1, le=100_000, description="Of the photograph, in pixels.")]


class ImageLimits(BaseModel):
    """Of an uploaded picture; sides in pixels."""

    formats: list[str]
    bytes: int
    pixels: int
    min_side: int
    max_side: int
    aspect: float = Field(description="Longest side over shortest side.")


class JobLimits(BaseModel):
    styles: int
    regions: int
    changes: int = Field(description="Of one run.")
    waiting: int = Field(description="Of one client, groups not counted.")
    waiting_in_all: int
    group: int = Field(description="Paintings of one group, and of one client's groups that wait.")


class VideoLimits(BaseModel):
    """Of an uploaded video; `kept` are those of one client."""

    formats: list[str]
    bytes: int
    seconds: float
    pixels: int
    rate: float
    kept: int


class PreviewLimits(BaseModel):
    size: int = Field(description="Longest side, in pixels.")
    camera_side: int = Field(description="Longest side of a camera's frame, in pixels.")
    camera_bytes: int
    cameras: int = Field(description="That are painted at a time, of all clients.")


class RateLimits(BaseModel):
    """Of one client in a minute; beyond them come 429 and `Retry-After`."""

    requests: int
    uploads: int
    jobs: int
    previews: int
    streams: int = Field(description="Event streams that are open at a time.")


class LimitsAnswer(BaseModel):
    """What is taken here. `options` has type, default and limits of each option, as JSON Schema."""

    images: ImageLimits
    jobs: JobLimits
    videos: VideoLimits
    previews: PreviewLimits
    rates: RateLimits
    clicks: int = Field(description="Of one selection.")
    tokens: int
    request_bytes: int = Field(description="Of a request that is no upload.")
    idempotency_hours: int = Field(description="How long an `Idempotency-Key` is known.")
    options: dict[str, dict[str, Any]]


class PresetAnswer(BaseModel):
    """Options that go together. `seconds` is how long they would take here, null while that is unknown."""

    name: str
    options: Options
    seconds: float | None


class PresetsAnswer(BaseModel):
    presets: list[PresetAnswer]


class Expected(Strict):
    """A photograph's size, or only its shape, and how it would be painted."""

    width: Side = 4
    height: Side = 3
    options: Options = _DEFAULTS


class ExpectedAnswer(BaseModel):
    seconds: float | None = Field(description="Null while unknown: nothing like it was painted here yet.")


@router.get("/limits")
def known_limits(studio: TheStudio) -> LimitsAnswer:
    """How large, how many, in which formats."""
    here = studio.settings
    return LimitsAnswer(
        images=ImageLimits(
            formats=["image/jpeg", "image/png", "image/webp"],
            bytes=here.max_upload_bytes,
            pixels=here.max_pixels,
            min_side=here.min_side,
            max_side=here.max_side,
            aspect=here.max_aspect,
        ),
        jobs=JobLimits(
            styles=steering.MOST_STYLES,
            regions=steering.MOST_REGIONS,
            changes=steering.MOST_CHANGES,
            waiting=here.queued_per_client,
            waiting_in_all=here.queued_total,
            group=here.group_jobs,
        ),
        videos=VideoLimits(
            formats=["video/mp4", "video/quicktime", "video/webm", "image/gif"],
            bytes=here.max_video_bytes,
            seconds=here.max_video_seconds,
            pixels=here.max_video_pixels,
            rate=here.max_video_rate,
            kept=here.videos_per_client,
        ),
        previews=PreviewLimits(
            size=previews.MOST_SIZE,
            camera_side=camera.FRAME_SIDE,
            camera_bytes=camera.FRAME_BYTES,
            cameras=here.cameras,
        ),
        rates=RateLimits(
            requests=here.requests_per_minute,
            uploads=here.uploads_per_minute,
            jobs=here.jobs_per_minute,
            previews=here.previews_per_minute,
            streams=here.streams_per_client,
        ),
        clicks=selection.MOST_CLICKS,
        tokens=tokens.MOST_TOKENS,
        request_bytes=limits.JSON_BYTES,
        idempotency_hours=int(idempotency.KEPT.total_seconds() // 3600),
        options=Options.model_json_schema()["properties"],
    )


@router.get("/presets")
def presets(
    studio: TheStudio,
    width: Side = 4,
    height: Side = 3,
    optimizer: Optimizer = _DEFAULTS.optimizer,
    style_loss: StyleLossName = _DEFAULTS.style_loss,
    precision: Precision = _DEFAULTS.precision,
) -> PresetsAnswer:
    """Draft, balanced, fine: sizes and steps that go together, and how long each would take here.

    Only the shape of the photograph matters, and not its size: paintings have their own.
    """
    found = []
    for preset in PRESETS:
        options = Options(
            size=preset.size,
            steps=preset.steps,
            optimizer=optimizer,
            style_loss=style_loss,
            precision=precision,
        )
        seconds = studio.expected_seconds(width, height, options)
        found.append(PresetAnswer(name=preset.name.lower(), options=options, seconds=seconds))
    return PresetsAnswer(presets=found)


@router.post("/expected")
def expected(studio: TheStudio, asked: Expected) -> ExpectedAnswer:
    """How long a painting with these options would take here, without the time that it waits."""
    return ExpectedAnswer(seconds=studio.expected_seconds(asked.width, asked.height, asked.options))
