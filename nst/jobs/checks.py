"""Whether what is asked of a painting fits together, said in words where it does not."""

from nst import images
from nst.errors import Refusal
from nst.images import Pixels
from nst.jobs.layers import style_masks
from nst.jobs.models import JobSpec, Steering
from nst.jobs.pictures import Pictures

_SIDE = 512  # pixels: enough to see whether regions leave anything to paint
_MOST_MASKS = 300  # of one request: more than a painting has that was steered to one after another


def check_spec(pictures: Pictures, owner: str, spec: JobSpec) -> None:
    """Raise a `Refusal` about the field whose picture is not there, or cannot be painted."""
    pictures.known(owner, spec.content, "content")
    check = _Check(pictures, owner, spec)
    for index, style in enumerate(spec.styles):
        pictures.known(owner, style.image, f"styles.{index}.image")
        check.guide(style.guide, index, f"styles.{index}.guide")
    if spec.init is not None:
        pictures.known(owner, spec.init, "init")
    check.parts(spec, "")
    for index, change in enumerate(spec.changes):
        spec = check.change(spec, change, f"changes.{index}.")


def check_change(pictures: Pictures, owner: str, current: JobSpec, change: Steering) -> None:
    """Raise a `Refusal` about the field of a change that `current` cannot take."""
    _Check(pictures, owner, current).change(current, change, "")


class _Check:
    """Looks at every grey picture once, however often it is named. `where` is what field names begin with."""

    def __init__(self, pictures: Pictures, owner: str, spec: JobSpec) -> None:
        content = pictures.known(owner, spec.content, "content")
        self._size = images.fitted(
            content.width, content.height, min(_SIDE, max(content.width, content.height))
        )
        self._pictures = pictures
        self._owner = owner
        self._seen: dict[str, Pixels] = {}

    def change(self, spec: JobSpec, change: Steering, where: str) -> JobSpec:
        """The spec with the change."""
        for code, field, noun in (("bad_blend", "weights", "weight"), ("bad_guide", "guides", "guide")):
            given = getattr(change, field)
            if given is not None and len(given) != len(spec.styles):
                raise Refusal(
                    code,
                    f"There {'is' if len(given) == 1 else 'are'} {_count(len(given), noun)} for "
                    f"{_count(len(spec.styles), 'painting')}: give each painting one.",
                    f"{where}{field}",
                )
        for index, guide in enumerate(change.guides or ()):
            self.guide(guide, index, f"{where}guides.{index}")
        changed = spec.changed(change)
        if {"mask", "regions"} & change.model_fields_set:
            self.parts(changed, where)
        return changed

    def guide(self, guide: str | None, painting: int, field: str) -> None:
        """The part of the painting at this place that is copied: there, and not black."""
        if guide is not None:
            words = (
                f"The guide on painting {painting + 1} is black all over. Paint white what is to be copied."
            )
            self.grey(guide, field, words)

    def parts(self, spec: JobSpec, where: str) -> None:
        """The mask and the regions: all there, none of them black, and something is left to paint."""
        words = "The mask is black all over. Paint white what is to be painted."
        bound = None if spec.mask is None else self.grey(spec.mask, f"{where}mask", words)
        layers = []
        for index, region in enumerate(spec.regions):
            field = f"{where}regions.{index}"
            if region.style is not None and region.style >= len(spec.styles):
                raise Refusal(
                    "no_such_style",
                    f"Region {index + 1} asks for painting {region.style + 1}, "
                    f"but there {'is' if len(spec.styles) == 1 else 'are'} only {len(spec.styles)}.",
                    f"{field}.style",
                )
            words = f"Region {index + 1} is black all over. Paint white what belongs to it, or remove it."
            layers.append((self.grey(region.mask, f"{field}.mask", words), region.style))
        if layers and not any(mask.any() for mask in style_masks(layers, len(spec.styles), bound)):
            raise Refusal(
                "nothing_to_paint",
                "With these regions the whole photograph stays as it is. Leave a part of it to a painting.",
                f"{where}regions",
            )

    def grey(self, image_id: str, field: str, if_black: str) -> Pixels:
        """The picture at the size at which everything is compared here."""
        if image_id not in self._seen:
            if len(self._seen) == _MOST_MASKS:
                raise Refusal(
                    "too_many_masks",
                    f"More than {_MOST_MASKS} masks are too many for one painting. Leave some changes out.",
                    field,
                )
            pixels = self._pictures.grey(self._owner, image_id, field)
            if not pixels.any():
                raise Refusal("empty_mask", if_black, field)
            self._seen[image_id] = images.resize_mask(pixels, self._size)
        return self._seen[image_id]


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
