"""What a finished painting says of how it was made: the settings inside its PNG, written and understood."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TypeGuard

from pydantic import BaseModel, Field, ValidationError

from nst.options import LIVE, Options

_MOST_STYLES = 4
_MOST_CHANGES = 1000  # more than any run has; each is looked at


class Recalled(BaseModel):
    """What of a painting's settings can be used again: each value is good by itself."""

    options: dict[str, float | int | str] = Field(description="Some of the options, as last changed.")
    blend: list[float] | None = Field(None, description="Share of each style, in their order.")
    strength: float | None = Field(None, description="At which the painting was exported, 0..1.")


def record(
    options: Options,
    *,
    blend: Sequence[float],
    masks: int,
    init_picture: bool,
    steps_done: int,
    regions: int = 0,
    onward: bool = False,
    changes: Sequence[Mapping[str, object]] = (),
) -> dict[str, object]:
    """The settings of one painting, for `images.encode_png`. It names no file and no person.

    Args:
        options: as the run began; `changes` tells what became of them.
        blend: relative weight of each style, at least one positive; kept as shares that add up to 1.
        masks: how many masks there were.
        init_picture: whether it started from a picture of its own, and so not from `options.init`.
        steps_done: steps painted, which are fewer than `options.steps` when it was stopped.
        regions: how many parts had a style of their own.
        onward: whether it goes on with an earlier painting.
        changes: what was steered, in order: `after` so many steps, then `options`, `weights` (as in
            `blend`, but not yet shares), `masks`, `regions`, `guides`, of which only what changed is there.
    """
    whole = sum(blend)
    return {
        "options": options.model_dump(mode="json"),
        "blend": [round(weight / whole, 6) for weight in blend],
        "masks": masks,
        "regions": regions,
        "init": "picture" if init_picture else options.init,
        "onward": onward,
        "steps_done": steps_done,
        "changes": [dict(change) for change in changes],
    }


def recalled(settings: Mapping[str, object]) -> Recalled | None:
    """What `record` once said, out of settings that a stranger may have written; none if nothing is left.

    Unknown names and values that cannot be are dropped. Changes that were made on the way are in force.
    """
    options = _options(settings.get("options"))
    blend = _blend(settings.get("blend"))
    changes = settings.get("changes")
    for change in changes[:_MOST_CHANGES] if isinstance(changes, list) else []:
        if isinstance(change, dict):
            live = _options(change.get("options"))
            options |= {name: live[name] for name in LIVE if name in live}
            blend = _blend(change.get("weights")) or blend
    strength = settings.get("strength")
    if not _is_number(strength) or not 0 <= strength <= 1:
        strength = None
    if not options and blend is None and strength is None:
        return None
    return Recalled(options=options, blend=blend, strength=strength)


def _options(values: object) -> dict[str, float | int | str]:
    """Those that are options and within their limits; of the very type, as "512" was never written by us."""
    good: dict[str, float | int | str] = {}
    if isinstance(values, dict):
        for name in Options.model_fields.keys() & values.keys():
            with suppress(ValidationError):
                good[name] = getattr(Options.model_validate({name: values[name]}, strict=True), name)
    return good


def _blend(weights: object) -> list[float] | None:
    """As shares that add up to 1."""
    if not isinstance(weights, list) or not 1 <= len(weights) <= _MOST_STYLES:
        return None
    if not all(_is_number(weight) and 0 <= weight <= 1000 for weight in weights) or not any(weights):
        return None
    whole = sum(weights)
    return [round(weight / whole, 6) for weight in weights]


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
