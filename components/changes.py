"""What was changed in mid-run, in a person's words: "Style weight 1 → 2"."""

from typing import NamedTuple

from components import controls
from nst.jobs.models import Change, Job, JobSpec


class Told(NamedTuple):
    """A change that is in force since `step` steps were painted."""

    step: int
    words: str


def told(job: Job) -> list[Told]:
    """The changes of a painting so far, in order. What came to nothing is not told."""
    spec, found = job.spec, []
    for change in job.made:
        later = spec.changed(change)
        if words := in_words(spec, later, change):
            found.append(Told(change.after, words))
        spec = later
    return found


def in_words(before: JobSpec, after: JobSpec, change: Change) -> str:
    """What is different after a change, each part as "name old → new"."""
    parts = [
        f"{controls.LABELS[name]} {_value(name, getattr(before.options, name))} → {_value(name, value)}"
        for name, value in change.live.items()
        if value != getattr(before.options, name)
    ]
    if _weights(before) != _weights(after):
        parts.append(f"Blend {blend(before)} → {blend(after)}")
    for place, (was, style) in enumerate(zip(before.styles, after.styles, strict=True), 1):
        if was.guide != style.guide:
            parts.append(f"{'All' if style.guide is None else 'A part'} of painting {place} is copied")
    if before.mask != after.mask:
        parts.append(
            "Mask removed" if after.mask is None else "Mask changed" if before.mask else "Mask added"
        )
    if before.regions != after.regions:
        parts.append("Regions changed" if after.regions else "Regions removed")
    return ", ".join(parts)


def _value(name: str, value: object) -> str:
    if (name, value) in controls.CHOICES:
        return controls.CHOICES[name, str(value)].lower()
    if name in controls.WEIGHTS and value == 0:
        return "off"
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"


def _weights(spec: JobSpec) -> list[float]:
    return [style.weight for style in spec.styles]


def blend(spec: JobSpec) -> str:
    """The styles' shares in percent."""
    weights = _weights(spec)
    return " : ".join(f"{100 * weight / sum(weights):.0f}" for weight in weights)
