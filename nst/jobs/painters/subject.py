"""A job's pictures, from the files to the arrays that an engine takes."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nst import images
from nst.images import Pixels
from nst.jobs.filing.files import Files, image_key, job_key
from nst.jobs.layers import style_masks
from nst.jobs.models import Job, JobSpec, Steering
from nst.jobs.records.store import Store


@dataclass(frozen=True)
class Subject:
    """Where one job's pictures are."""

    job: Job
    store: Store
    files: Files

    def arguments(self, spec: JobSpec) -> dict[str, Any]:
        """What `run` is told, by name, to paint `spec`: the job's own, with the changes in force."""
        content = self._picture(spec.content)
        return {
            "content": content,
            "styles": [self._picture(style.image) for style in spec.styles],
            "options": spec.options,
            "blend": [style.weight for style in spec.styles],
            "masks": self._masks(spec, content.shape[1], content.shape[0]),
            "init": self._picture(spec.init) if spec.init else None,
            "guides": self._guides(spec),
            "onward": self._onward() if spec.onward else None,
        }

    def changes(self, change: Steering, spec: JobSpec) -> dict[str, Any]:
        """What `steer` is told, by name, of a change that leads to `spec`."""
        told = change.live
        if change.weights is not None:
            told["blend"] = [style.weight for style in spec.styles]
        if {"mask", "regions"} & change.model_fields_set:
            found = self.store.image(self.job.owner, spec.content)
            if found is None:
                raise _missing(spec.content)
            told["masks"] = self._masks(spec, found[0].width, found[0].height)
        if "guides" in change.model_fields_set:
            told["guides"] = self._guides(spec)
        return told

    def _guides(self, spec: JobSpec) -> Sequence[Pixels | None]:
        """One a style, or none at all."""
        guides = [self._grey(style.guide) if style.guide else None for style in spec.styles]
        return guides if any(guide is not None for guide in guides) else ()

    def _masks(self, spec: JobSpec, width: int, height: int) -> list[Pixels]:
        """One for all styles as it was drawn, or with regions one a style, at the painting's size."""
        bound = self._grey(spec.mask) if spec.mask else None
        if not spec.regions:
            return [] if bound is None else [bound]
        size = images.fitted(width, height, spec.options.size)
        layers = [
            (images.resize_mask(self._grey(region.mask), size), region.style) for region in spec.regions
        ]
        within = None if bound is None else images.resize_mask(bound, size)
        return style_masks(layers, len(spec.styles), within)

    def _picture(self, image_id: str) -> Pixels:
        return images.load(self._path(image_id))

    def _grey(self, image_id: str) -> Pixels:
        return images.load(self._path(image_id), grey=True)

    def _path(self, image_id: str) -> Path:
        found = self.store.image(self.job.owner, image_id)
        path = None if found is None else self.files.path(image_key(found[1]))
        if path is None:
            raise _missing(image_id)
        return path

    def _onward(self) -> Pixels:
        path = self.files.path(job_key(self.job.id, "onward.png"))
        if path is None:
            raise FileNotFoundError("the painting to go on with is missing")
        return images.load(path)


def _missing(image_id: str) -> FileNotFoundError:
    return FileNotFoundError(f"image {image_id} is missing")
