"""What is counted while a studio works. Counters only grow, so each test looks at the difference it made."""

from collections.abc import Callable

import pytest

from jobs.conftest import ADA
from jobs.fake_engine import FakeEngine, wait_until
from nst.jobs import metrics
from nst.jobs.models import Job
from nst.jobs.studio import Studio
from nst.options import Options


def value(name: str, **labels: str) -> float:
    return metrics.REGISTRY.get_sample_value(name, labels) or 0.0


def test_a_painting_is_counted_from_the_queue_to_its_end(
    studio: Studio, engine: FakeEngine, submit: Callable[..., Job]
) -> None:
    of = {"kind": "picture"}
    queued, done, waited = (
        value("pentimento_jobs_total", state="queued", **of),
        value("pentimento_jobs_total", state="done", **of),
        value("pentimento_wait_seconds_count", **of),
    )
    job = submit()
    wait_until(lambda: studio.job(ADA, job.id).state == "done")
    wait_until(lambda: value("pentimento_jobs_total", state="done", **of) == done + 1)
    assert value("pentimento_jobs_total", state="queued", **of) == queued + 1
    assert value("pentimento_wait_seconds_count", **of) == waited + 1


def test_what_waits_again_after_it_had_begun_is_not_a_wait(
    studio: Studio, engine: FakeEngine, submit: Callable[..., Job]
) -> None:
    engine.hold()
    waited = value("pentimento_wait_seconds_count", kind="picture")
    job = submit()
    wait_until(lambda: studio.job(ADA, job.id).state == "running")
    studio.pause(ADA, job.id)
    engine.step(2)
    wait_until(lambda: studio.job(ADA, job.id).state == "paused")
    studio.resume(ADA, job.id)
    wait_until(lambda: studio.job(ADA, job.id).state == "running")
    assert value("pentimento_wait_seconds_count", kind="picture") == waited + 1


def test_the_seconds_between_two_steps_go_into_the_bucket_of_their_size(
    studio: Studio, engine: FakeEngine, submit: Callable[..., Job]
) -> None:
    engine.seconds = lambda index: 0.3 * index
    of = {"size": "64", "precision": "auto"}
    steps, seconds = value("pentimento_step_seconds_count", **of), value("pentimento_step_seconds_sum", **of)
    job = submit(size=64, steps=5)
    wait_until(lambda: studio.job(ADA, job.id).state == "done")
    assert value("pentimento_step_seconds_count", **of) == steps + 4  # the first has none before it
    assert value("pentimento_step_seconds_sum", **of) == pytest.approx(seconds + 4 * 0.3)


@pytest.mark.parametrize(
    ("side", "bucket"), [(32, "64"), (64, "64"), (65, "128"), (512, "512"), (513, "1024"), (3000, "4096")]
)
def test_a_size_is_the_power_of_two_that_it_stays_within(side: int, bucket: str) -> None:
    before = value("pentimento_step_seconds_count", size=bucket, precision="float32")
    metrics.step_taken(20, side, Options(precision="float32"), 0.1)
    assert value("pentimento_step_seconds_count", size=bucket, precision="float32") == before + 1


def test_a_thumbnail_that_was_made_already_is_a_hit(studio: Studio) -> None:
    name = studio.samples()[0].name
    studio.sample_thumbnail(name)
    lookups = value("pentimento_cache_lookups_total", cache="sample_thumbnails")
    misses = value("pentimento_cache_misses_total", cache="sample_thumbnails")
    studio.sample_thumbnail(name)
    assert value("pentimento_cache_lookups_total", cache="sample_thumbnails") == lookups + 1
    assert value("pentimento_cache_misses_total", cache="sample_thumbnails") == misses
