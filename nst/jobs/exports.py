"""What can be taken home of a painting: at any strength, in any format, and the film of how it came to be."""

import re
from functools import lru_cache
from pathlib import Path

from nst import images
from nst.errors import Refusal
from nst.images import Pixels
from nst.jobs.studio import Studio
from nst.strength import mix

PREVIEW_SIDE = 768  # pixels
FILM_SIDE = 512  # pixels, as large as stages are kept
FRAME_MILLISECONDS = 160
LAST_MILLISECONDS = 2400
_PREVIEW_QUALITY = 85


def png(studio: Studio, owner: str, job_id: str, strength: float) -> bytes:
    """The painting at `strength`, 0..1, with the settings of its result and the strength inside."""
    with studio.result_file(owner, job_id).open("rb") as file:
        settings = images.read_settings(file) or {}
    return images.encode_png(_mixed(studio, owner, job_id, strength), {**settings, "strength": strength})


def jpeg(studio: Studio, owner: str, job_id: str, strength: float, quality: int) -> bytes:
    return images.encode_jpeg(_mixed(studio, owner, job_id, strength), quality)


def webp(studio: Studio, owner: str, job_id: str, strength: float, quality: int) -> bytes:
    return images.encode_webp(_mixed(studio, owner, job_id, strength), quality)


def preview(studio: Studio, owner: str, job_id: str, strength: float) -> bytes:
    """The painting at `strength` as a JPEG, long side at most 768 pixels, quick enough for a slider."""
    photo, painting = _small_pair(*_files(studio, owner, job_id))
    return images.encode_jpeg(mix(photo, painting, strength), _PREVIEW_QUALITY)


def film(studio: Studio, owner: str, job_id: str) -> bytes:
    """The stages of a painting, from the first to the newest, as an animated WebP; the last one is held.

    Raises:
        Refusal: `not_found` when no stage of it was kept.
    """
    job = studio.job(owner, job_id)
    kept = []
    for stage in job.stages:
        try:
            kept.append(images.load(studio.stage_file(owner, job_id, stage.step)))
        except (Refusal, FileNotFoundError):
            continue  # while it is painted, stages are thinned out
    if not kept:
        raise Refusal(
            "not_found",
            "No stages of this painting were kept yet. Its film begins a few steps after it does.",
        )
    height, width = max((frame.shape[:2] for frame in kept), key=lambda shape: shape[0] * shape[1])
    frames = (_of_size(frame, (width, height)) for frame in kept)
    return images.encode_animation(frames, [FRAME_MILLISECONDS] * (len(kept) - 1) + [LAST_MILLISECONDS])


def plain_name(wished: str, suffix: str = "") -> str:
    """What of a wished file name every system takes, less its suffix; may be empty."""
    bare = wished.removesuffix(f".{suffix}") if suffix else wished
    return re.sub(r"[^\w .-]", "", bare).strip(" .")


def _files(studio: Studio, owner: str, job_id: str) -> tuple[Path, Path]:
    """Photograph and result."""
    result = studio.result_file(owner, job_id)
    return studio.image_file(owner, studio.job(owner, job_id).spec.content), result


def _mixed(studio: Studio, owner: str, job_id: str, strength: float) -> Pixels:
    photo_file, painting_file = _files(studio, owner, job_id)
    painting = images.load(painting_file)
    height, width = painting.shape[:2]
    return mix(_of_size(images.load(photo_file), (width, height)), painting, strength)


@lru_cache(maxsize=8)
def _small_pair(photo_file: Path, painting_file: Path) -> tuple[Pixels, Pixels]:
    """Both pictures as a preview shows them: a slider asks for many strengths of one pair.

    The files never change: a result is written before anyone can ask for it.
    """
    painting = images.load(painting_file)
    height, width = painting.shape[:2]
    size = images.fitted(width, height, min(PREVIEW_SIDE, max(width, height)))
    return _of_size(images.load(photo_file), size), _of_size(painting, size)


def _of_size(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    height, width = pixels.shape[:2]
    return pixels if (width, height) == size else images.resize(pixels, size)
