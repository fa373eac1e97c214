import io
from collections.abc import Callable

import pytest

from jobs.conftest import ADA, BOB, spec_for
from jobs.fake_engine import FakeEngine, picture, wait_until
from nst.jobs.studio import Studio


def test_the_queue_is_counted_by_kind_and_state(studio: Studio, engine: FakeEngine) -> None:
    engine.hold()
    first = studio.submit(ADA, spec_for(studio))
    wait_until(lambda: studio.job(ADA, first.id).state == "running")
    second = studio.submit(ADA, spec_for(studio))
    studio.submit(BOB, spec_for(studio, BOB))
    studio.submit_group(BOB, [spec_for(studio, BOB)] * 3)
    found = {(standing.kind, standing.state): standing for standing in studio.overview.queue()}
    counts = {key: standing.jobs for key, standing in found.items()}
    assert counts == {("picture", "running"): 1, ("picture", "queued"): 2, ("group", "queued"): 3}
    assert found["picture", "queued"].oldest == second.created


def test_a_queue_that_is_empty_has_nothing_to_count(studio: Studio) -> None:
    assert studio.overview.queue() == []


def test_what_is_kept_is_counted_and_not_again_for_a_while(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio.add_image(ADA, io.BytesIO(picture()))
    used = studio.overview.disk().used
    assert used == studio.sweep.stock.bytes() > 0
    studio.add_image(ADA, io.BytesIO(picture()))
    assert studio.overview.disk().used == used
    monkeypatch.setattr(studio.overview, "_count_after", 0.0)
    assert studio.overview.disk().used == 2 * used


def test_a_worker_is_there_from_the_start_to_the_end(
    open_studio: Callable[..., Studio], engine: FakeEngine
) -> None:
    studio = open_studio(start=False)
    assert studio.overview.workers() == []
    studio.start()
    wait_until(lambda: [one[3:] for one in studio.overview.workers()] == [(True, None, None)])
