"""What a person can choose for a painting: the one source of names, defaults, limits and help texts.

The command line's flags, the API's schema and the page's sliders are all derived from `Options`.
"""

from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from nst.errors import Refusal

PreserveColor = Literal["none", "luminance", "statistics"]
Optimizer = Literal["lbfgs", "adam"]
Init = Literal["content", "noise"]
Precision = Literal["auto", "float32", "bfloat16"]
StyleLossName = Literal["gram", "wasserstein"]


class Options(BaseModel):
    """Settings of one run. Out-of-range values raise pydantic's `ValidationError` (a `ValueError`)."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    size: int = Field(512, ge=32, le=4096, description="Long side of the painting, in pixels.")
    steps: int = Field(
        300, ge=1, le=10_000, description="Optimisation steps (epochs), counted over all scales."
    )
    style_weight: float = Field(
        1.0, ge=0, le=1000, description="How strongly the painting's style pulls. 1 is balanced."
    )
    content_weight: float = Field(
        1.0, ge=0, le=1000, description="How strongly the photograph's forms are kept. 1 is balanced."
    )
    tv_weight: float = Field(
        1.0, ge=0, le=1000, description="Smoothness (total variation). 0 leaves every grain."
    )
    style_scale: float = Field(
        1.0, ge=0.25, le=4, description="Size of the strokes: above 1 they are larger, below 1 finer."
    )
    preserve_color: PreserveColor = Field(
        "none",
        description="Keep the photograph's colours: none, luminance (keep its chroma after painting) "
        "or statistics (recolour the style picture before painting).",
    )
    style_loss: StyleLossName = Field(
        "gram", description="How styles are compared: Gram matrices, or Wasserstein-2 distance (slower)."
    )
    optimizer: Optimizer = Field("lbfgs", description="L-BFGS settles faster; Adam is gentler.")
    init: Init = Field("content", description="What the painting starts from.")
    seed: int = Field(0, ge=0, le=2**32 - 1, description="Seed of the noise; same seed, same picture.")
    precision: Precision = Field(
        "auto", description="Arithmetic of the convolutions; auto takes bfloat16 where it is faster."
    )


class Preset(NamedTuple):
    """Size and epochs that go together."""

    name: str
    size: int
    steps: int


_DEFAULTS = Options()
PRESETS = (
    Preset("Draft", _DEFAULTS.size // 2, _DEFAULTS.steps // 2),
    Preset("Balanced", _DEFAULTS.size, _DEFAULTS.steps),
    Preset("Fine", _DEFAULTS.size * 2, _DEFAULTS.steps * 2),
)

# What may change while a painting is under way.
LIVE: tuple[str, ...] = (
    "steps",
    "style_weight",
    "content_weight",
    "tv_weight",
    "style_scale",
    "preserve_color",
)


def parse_options(values: dict[str, object]) -> Options:
    """Options from untyped values (JSON, command line); a bad one raises a `Refusal` naming its field."""
    try:
        return Options.model_validate(values)
    except ValidationError as error:
        raise refusal_from(error) from error


def refusal_from(error: ValidationError) -> Refusal:
    """The first complaint of a validation error, as a sentence about the field."""
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"]) or None
    return Refusal("invalid_option", f"{field or 'The request'}: {first['msg']}.", field)
