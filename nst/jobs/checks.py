"""Whether what is asked of a painting fits together, said in words where it does not."""

from nst import images
from nst.errors import Refusal
from nst.images import Pixels
from nst.jobs.layers import style_masks
from nst.jobs.models import JobSpec, Steering
from nst.jobs.pictures import Pictures

_SIDE = 512  # pixels: enough to see whether regions leave anything to paint


def check_spec(pictures: Pictures, owner: str, spec: JobSpec) -> None:
    """Raise a `Refusal` about the field whose picture is not there, or cannot be painted."""
    pictures.known(owner, spec.content, "content")
    for index, style in enumerate(spec.styles):
        pictures.known(owner, style.image, f"styles.{index}.image")
        if style.guide is not None:
            field = f"styles.{index}.guide"
            _refuse_black(
                _grey(pictures, owner, style.guide, field),
                f"The guide on painting {index + 1} is black all over. Paint white what is to be copied.",
                field,
            )
    if spec.init is not None:
        pictures.known(owner, spec.init, "init")
    _check_parts(pictures, owner, spec, "")
    for index, change in enumerate(spec.changes):
        spec = _checked(pictures, owner, spec, change, f"changes.{index}.")


def check_change(pictures: Pictures, owner: str, current: JobSpec, change: Steering) -> None:
    """Raise a `Refusal` about the field of a change that `current` cannot take."""
    _checked(pictures, owner, current, change, "")


def _checked(pictures: Pictures, owner: str, spec: JobSpec, change: Steering, where: str) -> JobSpec:
    """The spec with the change."""
    if change.weights is not None and len(change.weights) != len(spec.styles):
        raise Refusal(
            "bad_blend",
            f"There are {_count(len(change.weights), 'weight')} for "
            f"{_count(len(spec.styles), 'painting')}: give each painting one.",
            f"{where}weights",
        )
    changed = spec.changed(change)
    if {"mask", "regions"} & change.model_fields_set:
        _check_parts(pictures, owner, changed, where)
    return changed


def _check_parts(pictures: Pictures, owner: str, spec: JobSpec, where: str) -> None:
    """The mask and the regions: all there, none of them black, and something is left to paint."""
    bound: Pixels | None = None
    if spec.mask is not None:
        bound = _grey(pictures, owner, spec.mask, f"{where}mask")
        _refuse_black(bound, "The mask is black all over. Paint white what is to be painted.", f"{where}mask")
    if not spec.regions:
        return
    layers = []
    content = pictures.known(owner, spec.content, "content")
    size = images.fitted(content.width, content.height, min(_SIDE, max(content.width, content.height)))
    for index, region in enumerate(spec.regions):
        field = f"{where}regions.{index}"
        if region.style is not None and region.style >= len(spec.styles):
            raise Refusal(
                "no_such_style",
                f"Region {index + 1} asks for painting {region.style + 1}, "
                f"but there {'is' if len(spec.styles) == 1 else 'are'} only {len(spec.styles)}.",
                f"{field}.style",
            )
        mask = _grey(pictures, owner, region.mask, f"{field}.mask")
        _refuse_black(
            mask,
            f"Region {index + 1} is black all over. Paint white what belongs to it, or remove it.",
            f"{field}.mask",
        )
        layers.append((images.resize_mask(mask, size), region.style))
    within = None if bound is None else images.resize_mask(bound, size)
    if not any(mask.any() for mask in style_masks(layers, len(spec.styles), within)):
        raise Refusal(
            "nothing_to_paint",
            "With these regions the whole photograph stays as it is. Leave a part of it to a painting.",
            f"{where}regions",
        )


def _grey(pictures: Pictures, owner: str, image_id: str, field: str) -> Pixels:
    return images.load(pictures.file(owner, image_id, field), grey=True)


def _refuse_black(mask: Pixels, words: str, field: str) -> None:
    if not mask.any():
        raise Refusal("empty_mask", words, field)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
