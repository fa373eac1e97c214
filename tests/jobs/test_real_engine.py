"""Jobs through the studio with nothing faked: sample pictures, the worker's thread, TensorFlow, VGG19."""

import io
from collections.abc import Iterator
from functools import partial

import numpy as np
import pytest

from jobs import fake_engine
from nst import images
from nst.jobs.models import Job, JobSpec, Region, StyleRef
from nst.jobs.steering import Steering
from nst.jobs.studio import Studio
from nst.options import Options
from nst.settings import settings

ADA = "ada"
wait_until = partial(fake_engine.wait_until, patience=120.0)  # TensorFlow may have to be imported and traced


@pytest.fixture
def studio(vgg19_file) -> Iterator[Studio]:
    opened = Studio(settings())
    opened.start()
    yield opened
    opened.close()


def done(studio: Studio, job: Job) -> Job:
    wait_until(lambda: studio.job(ADA, job.id).is_finished)
    job = studio.job(ADA, job.id)
    assert (job.state, job.error) == ("done", None)
    return job


def spec_for(studio: Studio, **options: object) -> JobSpec:
    photo, style = (studio.add_sample(ADA, name).id for name in ("coffee", "wave"))
    return JobSpec(content=photo, styles=[StyleRef(image=style)], options=Options(**options))


def grey(studio: Studio, rows: slice) -> str:
    pixels = np.zeros((60, 60), np.uint8)
    pixels[rows] = 255
    return studio.add_image(ADA, io.BytesIO(images.encode_png(pixels)))[0].id


def painted(studio: Studio, job: Job) -> np.ndarray:
    return images.decode(studio.result_file(ADA, job.id).read_bytes()).pixels.astype(int)


def test_a_sample_is_painted(studio: Studio) -> None:
    job = done(studio, studio.submit(ADA, spec_for(studio, size=96, steps=10)))
    assert job.step == 10
    result = studio.result_file(ADA, job.id).read_bytes()
    assert max(images.decode(result).pixels.shape) == 96
    assert images.read_settings(result)["options"]["size"] == 96
    kinds = [event.kind for event in studio.events(ADA, job.id)]
    assert kinds.count("step") == 10
    assert "preview" in kinds
    assert "result" in kinds


def test_a_painting_that_is_stopped_at_rest_is_as_large_as_was_asked(studio: Studio) -> None:
    job = studio.submit(ADA, spec_for(studio, size=256, steps=4000))
    wait_until(lambda: studio.job(ADA, job.id).step >= 1)
    studio.pause(ADA, job.id)
    wait_until(lambda: studio.job(ADA, job.id).state == "paused")
    steps = [event.data for event in studio.events(ADA, job.id, limit=10_000) if event.kind == "step"]
    assert steps[-1]["width"] < 256, "it rests before its finest scale"
    studio.cancel(ADA, job.id)
    assert max(painted(studio, job).shape) == 256


def test_a_steered_run_repeats_itself_and_goes_on(studio: Studio) -> None:
    plain = studio.submit(ADA, spec_for(studio, size=96, steps=40))
    job = studio.submit(ADA, spec_for(studio, size=96, steps=40))
    wait_until(lambda: studio.job(ADA, job.id).step >= 3)
    steered = {"options": {"content_weight": 0.05, "style_weight": 8.0, "steps": 44}, "mask": None}
    studio.steer(ADA, job.id, Steering(**steered))
    job = done(studio, job)
    assert (job.step, len(job.changes)) == (44, 1)
    assert 3 <= job.changes[0].after < 44
    assert np.abs(painted(studio, job) - painted(studio, done(studio, plain))).mean() > 2

    again = done(studio, studio.submit(ADA, job.repeat))
    assert np.abs(painted(studio, again) - painted(studio, job)).max() <= 1
    assert {1, 44} <= {stage.step for stage in again.stages}

    more = done(studio, studio.go_on(ADA, job.id, steps=3, size=128))
    assert max(painted(studio, more).shape) == 128
    assert {event.data["scales"] for event in studio.events(ADA, more.id) if event.kind == "step"} == {1}


def test_regions_reach_the_picture(studio: Studio) -> None:
    spec = spec_for(studio, size=64, steps=12, style_weight=20.0)
    other = studio.add_sample(ADA, "mosaic").id
    top, middle, guide = grey(studio, slice(0, 20)), grey(studio, slice(20, 40)), grey(studio, slice(0, 30))
    styles = [spec.styles[0].model_copy(update={"guide": guide}), StyleRef(image=other)]
    regions = [Region(mask=top, style=0), Region(mask=middle, style=1)]
    job = done(studio, studio.submit(ADA, spec.model_copy(update={"styles": styles, "regions": regions})))
    result = painted(studio, job)
    photo = images.load(studio.image_file(ADA, spec.content))
    height, width = result.shape[:2]
    change = np.abs(result - images.resize(photo, (width, height)).astype(int)).mean(axis=(1, 2))
    third = height // 3
    assert change[: third - 1].mean() > 3
    assert change[third + 1 : 2 * third - 1].mean() > 3
    assert change[2 * third + 2 :].max() <= 1  # no region: the photograph
