"""What remains of a run: its result picture, and what is kept on the way in case it is cut short."""

import io

import numpy as np

from nst import images
from nst.images import Pixels
from nst.jobs.filing.files import Files, job_key
from nst.jobs.models import Job
from nst.jobs.painters.engine import Step
from nst.jobs.steering import Change, in_force
from nst.record import record

Size = tuple[int, int]  # width and height


def write_result(files: Files, job: Job, pixels: Pixels, step: int) -> Size:
    """Write the result picture, with the settings inside that paint it again; its size."""
    spec = job.spec
    settings = record(
        spec.options,
        blend=[style.weight for style in spec.styles],
        masks=0 if spec.mask is None else 1,
        regions=len(spec.regions),
        init_picture=spec.init is not None,
        onward=spec.onward is not None,
        steps_done=step,
        changes=[_recorded(change) for change in in_force(job.changes, step)],
    )
    files.write(job_key(job.id, "result.png"), images.encode_png(pixels, settings))
    height, width = pixels.shape[:2]
    return width, height


def write_progress(files: Files, job: Job, step: Step, picture: Pixels) -> None:
    """Keep what is needed to go on after a restart, and the picture should nobody ever go on."""
    files.write(job_key(job.id, "checkpoint"), step.checkpoint().to_bytes())
    files.write(job_key(job.id, "last.npz"), _packed(step, picture))


def keep_last(files: Files, job: Job) -> Size | None:
    """Make the picture that was saved with the last checkpoint the result; its size, if there is one."""
    packed = files.read(job_key(job.id, "last.npz"))
    if packed is None:
        return None
    with np.load(io.BytesIO(packed), allow_pickle=False) as kept:
        return write_result(files, job, kept["picture"], int(kept["step"]))


def discard_progress(files: Files, job_id: str) -> None:
    for name in ("checkpoint", "last.npz"):
        files.delete(job_key(job_id, name))


def _packed(step: Step, picture: Pixels) -> bytes:
    # Not a PNG: at 4096 pixels that would take seconds, every few seconds.
    packed = io.BytesIO()
    np.savez(packed, picture=picture, step=step.index)
    return packed.getvalue()


def _recorded(change: Change) -> dict[str, object]:
    """A change as the settings tell of it: of pictures only how many, never which."""
    told = change.model_dump(mode="json", include={"after", "options", "weights"})
    if "mask" in change.model_fields_set:
        told["masks"] = 0 if change.mask is None else 1
    if "regions" in change.model_fields_set:
        told["regions"] = len(change.regions or [])
    if "guides" in change.model_fields_set:
        told["guides"] = sum(guide is not None for guide in change.guides or [])
    return told
