import logging

import pytest
from fastapi import FastAPI
from jobs.fake_engine import FakeEngine

from .conftest import listening, serving
from .test_events import blocks, make_job, parse


def test_a_stop_ends_the_streams_in_good_order_and_the_painting_goes_on_later(
    server: FastAPI, engine: FakeEngine, caplog: pytest.LogCaptureFixture
) -> None:
    """Otherwise uvicorn would cut them off when its patience ends, and log that as a failure."""
    caplog.set_level(logging.INFO)
    engine.hold()
    with serving(server) as (browser, running):
        job = make_job(browser)
        with browser.stream("GET", f"/api/v1/jobs/{job}/events") as answer:
            stream = blocks(answer.iter_lines())
            assert "queued" in next(stream)
            running.should_exit = True
            assert not any("done" in block for block in stream)  # raises if it is cut off
        engine.let_go()
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []
    with listening(server) as again:
        again.cookies = browser.cookies
        told = parse(again.get(f"/api/v1/jobs/{job}/events").text)
        assert told[-1][2] == {"state": "done"}
