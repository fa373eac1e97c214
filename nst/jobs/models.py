"""What an image, a job and an event are, as every room sees them."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic_core import PydanticCustomError

from nst.options import Options

State = Literal["queued", "running", "paused", "done", "failed", "cancelled", "interrupted"]
FINISHED: frozenset[State] = frozenset({"done", "failed", "cancelled"})
Wish = Literal["cancel", "pause"]


class Strict(BaseModel):
    """Immutable, and deaf to fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class StoredImage(Strict):
    """A decoded, upright sRGB picture that the studio keeps under its own id."""

    id: str
    owner: str
    width: int
    height: int
    created: datetime


class StyleRef(Strict):
    """One style picture of a job and its share of the blend (relative to the other shares)."""

    image: str
    weight: float = Field(1.0, ge=0, le=1000)


class JobSpec(Strict):
    """What is asked for. Pictures are ids of stored images, never bytes."""

    content: str
    styles: list[StyleRef] = Field(min_length=1, max_length=4)
    mask: str | None = Field(None, description="Grey picture: white is painted, black stays.")
    init: str | None = Field(None, description="Picture to start from, instead of options.init.")
    options: Options = Options()

    @field_validator("styles")
    @classmethod
    def _at_least_one_weighs(cls, styles: list[StyleRef]) -> list[StyleRef]:
        if not any(style.weight for style in styles):
            raise PydanticCustomError("no_weight", "at least one style needs a weight above 0")
        return styles


class Job(Strict):
    """One painting: what was asked for and where it stands."""

    id: str
    owner: str
    spec: JobSpec
    state: State
    step: int = 0
    steps: int
    losses: dict[str, float] = {}
    error: str | None = None
    asked: Wish | None = Field(None, description="What was asked of the running job and is not done yet.")
    position: int | None = Field(None, description="1 is next in line; none when not waiting.")
    created: datetime
    started: datetime | None = None
    finished: datetime | None = None
    width: int | None = None
    height: int | None = None
    preview_seq: int = 0
    has_result: bool = False

    @property
    def is_finished(self) -> bool:
        return self.state in FINISHED


class Event(Strict):
    """One entry of a job's log. `seq` only grows, and a reader resumes from 'after seq'.

    Kinds and their data:
      state    {"state", "error"?}
      step     {"step", "steps", "scale", "scales", "width", "height", "seconds", "seconds_left",
                "losses": {...}}
      preview  {"seq"}: a new preview picture is there
      result   {}: the result picture is there
    """

    job: str
    seq: int
    kind: Literal["state", "step", "preview", "result"]
    data: dict[str, object]
    created: datetime
