import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from jobs.fake_engine import FakeEngine, wait_until
from nst import images
from nst.errors import Refusal
from nst.jobs import exports
from nst.jobs.models import Job
from nst.jobs.studio import Studio

from .conftest import ADA, BOB

Submit = Callable[..., Job]


def painted(studio: Studio, submit: Submit, **options: object) -> Job:
    job = submit(**options)
    wait_until(lambda: studio.job(ADA, job.id).is_finished)
    return studio.job(ADA, job.id)


def opened(data: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.convert("RGB")).astype(int)


def test_every_strength_lies_between_the_two_pictures(studio: Studio, submit: Submit) -> None:
    job = painted(studio, submit)
    photo, painting = np.array([200, 30, 30]), np.array([5, 5, 5])
    for strength, expected in ((0.0, photo), (0.5, (photo + painting) / 2), (1.0, painting)):
        png = opened(exports.png(studio, ADA, job.id, strength))
        assert png.shape == (48, 64, 3)
        assert np.abs(png - expected).max() <= 1
        for other in (exports.jpeg, exports.webp):
            data = other(studio, ADA, job.id, strength, 95)
            assert np.abs(opened(data) - expected).max() <= 6


def test_the_settings_say_the_strength(studio: Studio, submit: Submit) -> None:
    job = painted(studio, submit, style_weight=2.5)
    settings = images.read_settings(exports.png(studio, ADA, job.id, 0.25))
    original = images.read_settings(studio.result_file(ADA, job.id).read_bytes())
    assert settings == {**original, "strength": 0.25}


def test_quality_matters(studio: Studio, submit: Submit) -> None:
    job = painted(studio, submit)
    noise = np.random.default_rng(1).integers(0, 256, (48, 64, 3), dtype=np.uint8)
    studio.result_file(ADA, job.id).write_bytes(images.encode_png(noise))
    for export in (exports.jpeg, exports.webp):
        assert len(export(studio, ADA, job.id, 1, 20)) < len(export(studio, ADA, job.id, 1, 95))


def test_a_preview_is_small_and_mixed(studio: Studio, submit: Submit) -> None:
    job = painted(studio, submit, size=1000)
    for strength, red in ((0, 200), (0.5, 102), (1, 5)):
        preview = opened(exports.preview(studio, ADA, job.id, strength))
        assert preview.shape == (576, 768, 3)
        assert abs(preview[..., 0].mean() - red) < 4


def shaded(studio: Studio, job: Job) -> None:
    """Make the stages of a job plainly different, and the first one small, as at a coarse scale."""
    for index, stage in enumerate(job.stages):
        height, width = (20, 28) if index == 0 else (48, 64)
        pixels = np.full((height, width, 3), 20 * (index + 1), np.uint8)
        studio.stage_file(ADA, job.id, stage.step).write_bytes(images.encode_jpeg(pixels))


def test_the_film_shows_the_stages_in_order_in_one_size_and_holds_the_last(
    studio: Studio, submit: Submit
) -> None:
    job = painted(studio, submit, steps=9)
    shaded(studio, job)
    with Image.open(io.BytesIO(exports.film(studio, ADA, job.id))) as film:
        assert (film.format, film.size, film.info["loop"]) == ("WEBP", (64, 48), 0)
        shades, times = [], []
        for index in range(film.n_frames):
            film.seek(index)
            shades.append(float(np.asarray(film.convert("RGB")).mean()))
            times.append(film.info["duration"])
    assert shades == pytest.approx([20 * (index + 1) for index in range(len(job.stages))], abs=4)
    assert len(shades) > 3
    assert times[-1] > 5 * times[0] > 0


def test_a_stage_that_is_thinned_out_meanwhile_is_left_out(studio: Studio, submit: Submit) -> None:
    job = painted(studio, submit, steps=9)
    shaded(studio, job)
    studio.stage_file(ADA, job.id, job.stages[2].step).unlink()
    with Image.open(io.BytesIO(exports.film(studio, ADA, job.id))) as film:
        assert film.n_frames == len(job.stages) - 1


def test_what_is_not_there_yet_is_said(studio: Studio, submit: Submit, engine: FakeEngine) -> None:
    engine.hold()
    job = submit()
    wait_until(lambda: studio.job(ADA, job.id).state == "running")
    calls = {
        "result": lambda owner: exports.png(studio, owner, job.id, 0.5),
        "preview": lambda owner: exports.preview(studio, owner, job.id, 0.5),
        "stages": lambda owner: exports.film(studio, owner, job.id),
    }
    for name, call in calls.items():
        with pytest.raises(Refusal) as caught:
            call(ADA)
        assert caught.value.code == "not_found"
        assert {"preview": "result"}.get(name, name) in caught.value.message
        with pytest.raises(Refusal, match="no such painting"):
            call(BOB)


def test_a_deleted_painting_is_gone_from_its_previews_too(studio: Studio, submit: Submit) -> None:
    job = painted(studio, submit)
    exports.preview(studio, ADA, job.id, 0.5)
    studio.delete(ADA, job.id)
    with pytest.raises(Refusal):
        exports.preview(studio, ADA, job.id, 0.5)
