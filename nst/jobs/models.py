"""What an image, a job and an event are, as every room sees them."""

from datetime import datetime
from typing import Literal

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from nst.jobs.steering import (
    MOST_CHANGES,
    MOST_REGIONS,
    MOST_STYLES,
    Change,
    Region,
    Steering,
    Strict,
    in_force,
)
from nst.options import Options

State = Literal["queued", "running", "paused", "done", "failed", "cancelled", "interrupted"]
FINISHED: frozenset[State] = frozenset({"done", "failed", "cancelled"})
Wish = Literal["cancel", "pause"]

__all__ = [
    "FINISHED",
    "Axis",
    "Change",
    "Event",
    "Group",
    "Job",
    "JobSpec",
    "Region",
    "Stage",
    "State",
    "Steering",
    "StoredImage",
    "StyleRef",
    "Wish",
]


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
    guide: str | None = Field(None, description="Grey picture on the painting: only what is white is copied.")


class JobSpec(Strict):
    """What is asked for. Pictures are ids of stored images, never bytes."""

    content: str
    styles: list[StyleRef] = Field(min_length=1, max_length=MOST_STYLES)
    mask: str | None = Field(None, description="Grey picture: white is painted, black stays.")
    regions: list[Region] = Field(
        [],
        max_length=MOST_REGIONS,
        description="Parts with a style of their own. A later one lies over an earlier one. Styles that none "
        "of them names paint what none of them covers; without such styles the photograph stays there.",
    )
    init: str | None = Field(None, description="Picture to start from, instead of options.init.")
    onward: str | None = Field(None, description="Finished painting to go on with, at the finest scale only.")
    options: Options = Options()
    changes: list[Change] = Field(
        [], max_length=MOST_CHANGES, description="What is to change in mid-run, to repeat a steered painting."
    )

    @field_validator("styles")
    @classmethod
    def _at_least_one_weighs(cls, styles: list[StyleRef]) -> list[StyleRef]:
        if not any(style.weight for style in styles):
            raise PydanticCustomError("no_weight", "at least one style needs a weight above 0")
        return styles

    def changed(self, change: Steering) -> "JobSpec":
        """This job with a change in force from its beginning."""
        values: dict[str, object] = {}
        if change.live:
            values["options"] = self.options.model_copy(update=change.live)
        styles = self.styles
        if change.weights is not None:
            styles = [
                style.model_copy(update={"weight": weight})
                for style, weight in zip(styles, change.weights, strict=True)
            ]
        if "guides" in change.model_fields_set:
            guides = change.guides or [None] * len(styles)
            styles = [
                style.model_copy(update={"guide": guide}) for style, guide in zip(styles, guides, strict=True)
            ]
        values["styles"] = styles
        if "mask" in change.model_fields_set:
            values["mask"] = change.mask
        if "regions" in change.model_fields_set:
            values["regions"] = change.regions or []
        return self.model_copy(update=values)

    @property
    def pictures(self) -> set[str]:
        """The ids of all that it is painted with, changes included."""
        named = {self.content, self.mask, self.init}
        named |= {name for style in self.styles for name in (style.image, style.guide)}
        named |= {region.mask for region in self.regions}
        named |= {name for change in self.changes for name in change.pictures}
        return {name for name in named if name is not None}


class Stage(Strict):
    """A moment of a run of which a small picture was kept."""

    step: int
    scale: int


class Job(Strict):
    """One painting: what was asked for and where it stands."""

    id: str
    owner: str
    group: str | None = Field(None, description="The group that it belongs to, if any.")
    spec: JobSpec
    state: State
    step: int = 0
    steps: int
    losses: dict[str, float] = Field({})
    error: str | None = None
    asked: Wish | None = Field(None, description="What was asked of the running job and is not done yet.")
    changes: list[Change] = Field(
        [], description="Of the run: made, or to be repeated when their step comes."
    )
    wanted: Steering | None = Field(None, description="A change that comes with the next step.")
    stages: list[Stage] = Field([])
    position: int | None = Field(None, description="1 is next in line; none when not waiting.")
    created: datetime
    started: datetime | None = None
    finished: datetime | None = None
    width: int | None = None
    height: int | None = None
    preview_seq: int = 0
    has_result: bool = False
    expires: datetime | None = Field(None, description="When it is removed for its age, if ever.")

    @property
    def is_finished(self) -> bool:
        return self.state in FINISHED

    @property
    def made(self) -> list[Change]:
        """The changes up to the step that the job is at."""
        return in_force(self.changes, self.step)

    @property
    def current(self) -> JobSpec:
        """The spec with every change that was made or is wanted: what a further step would paint."""
        spec = self.spec
        for change in self.made:
            spec = spec.changed(change)
        return spec if self.wanted is None else spec.changed(self.wanted)

    @property
    def pictures(self) -> set[str]:
        """The ids of all that it is painted with, and that it may still be changed to."""
        changes = self.changes if self.wanted is None else [*self.changes, self.wanted]
        return self.spec.pictures.union(*(change.pictures for change in changes))

    @property
    def repeat(self) -> JobSpec:
        """A spec that paints the same again, changes at their steps."""
        return self.spec.model_copy(update={"changes": self.changes})


class Axis(Strict):
    """An option that is tried at several values."""

    option: str
    values: list[float]


class Group(Strict):
    """Paintings that were asked for together: many photographs, or one with its options varied.

    `members` are the ids of its jobs in order; some may have been deleted since. With axes, they go through
    the values of the last axis first.
    """

    id: str
    owner: str
    title: str | None
    axes: list[Axis]
    members: list[str]
    created: datetime


class Event(Strict):
    """One entry of a job's log. `seq` only grows, and a reader resumes from 'after seq'.

    Kinds and their data:
      state    {"state", "error"?}
      step     {"step", "steps", "scale", "scales", "width", "height", "seconds", "seconds_left",
                "losses": {...}}
      change   {"step", "changed": {name: value}, "refused"?}: in force after that step; with a sentence in
               "refused" it is not. Told again, as steps are, when they are painted again after a crash
      preview  {"seq"}: a new preview picture is there
      result   {}: the result picture is there
    """

    job: str
    seq: int
    kind: Literal["state", "step", "change", "preview", "result"]
    data: dict[str, object]
    created: datetime
