from datetime import timedelta
from pathlib import Path

import pytest
from jobs.conftest import ADA, spec_for
from jobs.fake_engine import FakeEngine, wait_until

from nst.errors import Refusal
from nst.jobs.records import idempotency
from nst.jobs.records.idempotency import AlreadyMade, Request
from nst.jobs.studio import Studio


def test_the_second_of_two_that_were_both_new_leaves_nothing(
    studio: Studio, engine: FakeEngine, folder: Path
) -> None:
    engine.hold()
    spec, request = spec_for(studio), Request.of(ADA, "key", b"contents")
    job = studio.submit(ADA, spec, request)
    with pytest.raises(AlreadyMade):
        studio.submit(ADA, spec, request)
    with pytest.raises(AlreadyMade):
        studio.submit_group(ADA, [spec], request=request)
    assert [found.id for found in studio.jobs(ADA)[0]] == [job.id]
    assert studio.requests.made(request) == job.id


def test_one_that_was_refused_keeps_no_key(studio: Studio, engine: FakeEngine) -> None:
    engine.hold()
    spec = spec_for(studio)
    running = studio.submit(ADA, spec)
    wait_until(lambda: studio.job(ADA, running.id).state == "running")
    for _ in range(studio.settings.queued_per_client):
        studio.submit(ADA, spec)
    request = Request.of(ADA, "key", b"contents")
    with pytest.raises(Refusal):
        studio.submit(ADA, spec, request)
    assert studio.requests.made(request) is None


def test_old_ones_are_swept_as_new_ones_come(
    studio: Studio, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = Request.of(ADA, "old", b"contents")
    studio.submit(ADA, spec_for(studio), old)
    monkeypatch.setattr(idempotency, "KEPT", timedelta(0))
    studio.submit(ADA, spec_for(studio), Request.of(ADA, "new", b"contents"))
    monkeypatch.undo()
    assert studio.requests.made(old) is None


def test_the_key_itself_is_not_kept(studio: Studio, folder: Path) -> None:
    studio.submit(ADA, spec_for(studio), Request.of(ADA, "a-secret-of-theirs", b"contents"))
    studio.close()
    assert b"a-secret-of-theirs" not in (folder / "studio.db").read_bytes()
