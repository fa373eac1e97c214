"""What can change while a picture is painted, and a change as data: asked for, stored, repeated."""

from collections.abc import Iterable
from copy import copy
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    ValidationError,
    field_validator,
    model_serializer,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from nst.options import Options, PreserveColor

MOST_STYLES = 4
MOST_REGIONS = 4
MOST_CHANGES = 250  # of one run: all of them travel in the result's settings
Share = Annotated[float, Field(ge=0, le=1000)]


PLAIN = r"^[^\x00-\x1f\x7f]*$"  # of a text that people give: no line breaks, and none of what terminals obey


class Strict(BaseModel):
    """Immutable, and deaf to fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Partial(Strict):
    """Some of its fields; those that were not given are not even there, wherever it is written to."""

    @property
    def chosen(self) -> dict[str, Any]:
        return {
            name: getattr(self, name) for name in type(self).model_fields if name in self.model_fields_set
        }

    @model_serializer(mode="wrap")
    def _only_what_is_chosen(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {name: value for name, value in write(self).items() if name in self.model_fields_set}


def _option(name: str) -> Any:
    """The field of `Options`, limits and help and all."""
    return copy(Options.model_fields[name])


class LiveOptions(Partial):
    """The options that may change while a picture is painted."""

    style_weight: float = _option("style_weight")
    content_weight: float = _option("content_weight")
    tv_weight: float = _option("tv_weight")
    style_scale: float = _option("style_scale")
    preserve_color: PreserveColor = _option("preserve_color")
    steps: int = _option("steps")

    @model_validator(mode="before")
    @classmethod
    def _only_live_ones(cls, values: object) -> object:
        fixed = Options.model_fields.keys() - cls.model_fields.keys()
        if isinstance(values, dict) and (wrong := [name for name in values if name in fixed]):
            error = PydanticCustomError("not_live", "cannot change while the picture is painted")
            details = [InitErrorDetails(type=error, loc=(name,), input=values[name]) for name in wrong]
            raise ValidationError.from_exception_data(cls.__name__, details)
        return values


class Region(Strict):
    """A part of the photograph, and the place in the list of styles of the one that paints it."""

    mask: str = Field(description="Grey picture: white belongs to the region; edges may be soft.")
    style: int | None = Field(None, ge=0, lt=MOST_STYLES, description="None keeps the photograph.")


class Steering(Partial):
    """A change of a painting under way: what is not given stays as it is."""

    options: LiveOptions | None = None
    weights: list[Share] | None = Field(
        None, min_length=1, max_length=MOST_STYLES, description="Share of each style, in their order."
    )
    mask: str | None = Field(None, description="As in a new job; null takes the mask away.")
    regions: list[Region] | None = Field(
        None, max_length=MOST_REGIONS, description="As in a new job; null or [] takes them away."
    )

    guides: list[str | None] | None = Field(
        None,
        min_length=1,
        max_length=MOST_STYLES,
        description="Of each style, in their order: the part that is copied, or null for all of it; null in "
        "place of the list takes all guides away.",
    )

    @field_validator("weights")
    @classmethod
    def _at_least_one_weighs(cls, weights: list[float] | None) -> list[float] | None:
        if weights is not None and not any(weights):
            raise PydanticCustomError("no_weight", "at least one style needs a weight above 0")
        return weights

    @property
    def live(self) -> dict[str, Any]:
        """The options that change, by name."""
        return {} if self.options is None else self.options.chosen

    @property
    def changed(self) -> dict[str, Any]:
        """Everything that changes, by name, as JSON."""
        return {**self.live, **self.model_dump(mode="json", exclude={"options", "after"})}

    @property
    def pictures(self) -> set[str]:
        """The ids of the pictures that it brings."""
        named = {self.mask, *(self.guides or ()), *(region.mask for region in self.regions or ())}
        return {name for name in named if name is not None}

    def then(self, later: "Steering") -> "Steering":
        """Both; where they differ, the later one."""
        options = self.live | later.live
        values = {**self.chosen, **later.chosen, **({"options": LiveOptions(**options)} if options else {})}
        return Steering(**values)

    def at(self, step: int) -> "Change":
        """This change, as made once `step` steps were painted."""
        return Change(**self.chosen, after=step)


class Change(Steering):
    """A change that was made, or is to be made again, once so many steps are painted."""

    after: int = Field(ge=0, description="Steps painted before it.")

    @property
    def live(self) -> dict[str, Any]:
        """The options that change, by name. A run never has fewer steps than are done."""
        live = super().live
        return live | {"steps": max(live["steps"], self.after)} if "steps" in live else live


def in_force(changes: Iterable[Change], step: int) -> list[Change]:
    """Those made by the time that `step` steps are painted, in order."""
    return sorted((change for change in changes if change.after <= step), key=lambda change: change.after)
