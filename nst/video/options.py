"""What a person can choose for a video: the one source of names, defaults, limits and help texts."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Quality = Literal["fast", "fine"]
Codec = Literal["vp9", "h264"]


class VideoOptions(BaseModel):
    """Settings of one video. Out-of-range values raise pydantic's `ValidationError` (a `ValueError`)."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    quality: Quality = Field(
        "fast",
        description="fast: one pass of a network a frame. fine: every frame is painted step by step, which "
        "takes hundreds of times as long.",
    )
    size: int = Field(
        640, ge=64, le=4096, description="Long side of the video, in pixels; a smaller clip keeps its own."
    )
    strength: float = Field(
        1.0, ge=0, le=1, description="How strongly the painting shows: 0 is the clip, 1 the painting."
    )
    steps: int = Field(
        16,
        ge=1,
        le=1000,
        description="fine: optimisation steps a frame; a scene's first one has eight times as many.",
    )
    steadiness: float = Field(
        1.0, ge=0, le=4, description="How firmly each frame holds on to the one before; 0 lets it flicker."
    )
    codec: Codec = Field("vp9", description="How the pictures are packed: vp9, or h264 for older devices.")
