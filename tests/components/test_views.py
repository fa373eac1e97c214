from datetime import timedelta

import pytest

from components import ids, views
from components.reading import Reading
from nst.jobs.models import State

READING = Reading("j1")


@pytest.mark.parametrize(
    ("position", "words"),
    [(None, "Waiting in line"), (1, "Next in line"), (2, "2nd in line"), (3, "3rd in line"),
     (4, "4th in line"), (11, "11th in line"), (13, "13th in line"), (22, "22nd in line"),
     (112, "112th in line")],
)  # fmt: skip
def test_place_in_the_queue(position, words):
    assert views.queue_place(position) == words


@pytest.mark.parametrize(
    ("known", "words"),
    [
        ({"state": "queued", "position": 2}, "2nd in line"),
        ({"state": "running"}, "Setting up the easel"),
        ({"state": "running", "step": 12}, "Painting, step 12 of 300"),
        ({"state": "running", "step": 12, "asked": "cancel"}, "Stopping …"),
        ({"state": "paused", "step": 12}, "Paused at step 12 of 300"),
        ({"state": "interrupted"}, "Interrupted"),
        ({"state": "done", "has_result": True}, "Finished"),
        ({"state": "cancelled", "step": 3, "has_result": True}, "Stopped and kept"),
        ({"state": "cancelled"}, "Stopped"),
        ({"state": "failed"}, "This painting could not be finished"),
    ],
)
def test_status(job, known, words):
    assert views.painting(job(**known), READING)[ids.STATUS]["children"] == words


@pytest.mark.parametrize("state", State.__args__)
def test_every_state_has_words_and_is_shown_by_name(job, state):
    update = views.painting(job(state=state), READING)
    assert update[ids.PAGE] == {"data-state": state}
    assert update[ids.STATUS]["children"]
    assert update[ids.ANNOUNCER]["children"].endswith(".")


def test_the_reason_of_a_failure_is_said(job):
    update = views.painting(job(state="failed", error="The picture is too large for this computer."), READING)
    assert update[ids.DETAIL]["children"] == "The picture is too large for this computer."


def test_progress_of_a_run_names_pass_size_and_time_left(job, log):
    reading = READING.advanced(log(*range(1, 11), scales=2))
    words = views.painting(job(step=10), reading)[ids.DETAIL]["children"]
    assert words.startswith("Pass 1 of 2 · 64 × 48 pixels · about ")
    assert words.endswith(" left")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "1 s"), (59.7, "1 min 0 s"), (119.6, "2 min 0 s"), (130, "2 min 10 s"), (33_125, "9 h 12 min")],
)
def test_a_finished_painting_tells_its_size_and_how_long_it_took(job, seconds, words):
    done = {"state": "done", "width": 512, "height": 384, "has_result": True}
    started = job().created
    finished = job(**done, started=started, finished=started + timedelta(seconds=seconds))
    assert views.detail(finished, READING) == f"512 × 384 pixels · {words} from start to finish"


@pytest.mark.parametrize(
    ("known", "url"),
    [
        ({}, "/api/v1/images/photo/thumbnail.jpg"),
        ({"preview_seq": 7}, "/api/v1/jobs/j1/preview.jpg?seq=7"),
        ({"preview_seq": 7, "has_result": True}, "/api/v1/jobs/j1/result.png"),
    ],
)
def test_what_hangs_on_the_canvas(job, known, url):
    assert views.painting(job(**known), READING)[ids.PICTURE]["src"] == url


def test_the_download_is_offered_once_there_is_a_result(job):
    assert views.painting(job(), READING)[ids.RESULT]["data"]["result"] is None
    known = views.painting(job(state="done", has_result=True), READING)[ids.RESULT]["data"]
    assert known["result"] == "/api/v1/jobs/j1"


@pytest.mark.parametrize(
    ("known", "percent"), [({"step": 75}, "25"), ({"step": 1}, "0.3"), ({"state": "done"}, "100")]
)
def test_progress_bar(job, known, percent):
    assert views.painting(job(**known), READING)[ids.PROGRESS]["value"] == percent


def test_a_screen_reader_hears_tenths_not_every_step(job):
    said = {views.announcement(job(step=step)) for step in range(60, 90)}
    assert said == {"Painting, 20 percent done."}


def test_an_empty_page_sets_whatever_a_painting_sets(job):
    assert views.painting(job(), READING).keys() == views.EMPTY.keys()


def test_a_painting_that_cannot_rest_says_why(job):
    assert views.pause_obstacle(job(step=5)) is None
    assert views.pause_obstacle(job(state="paused")) is None
    assert "waits for its turn" in views.pause_obstacle(job(state="queued"))
    assert "is pausing" in views.pause_obstacle(job(asked="pause"))
    assert "is stopping" in views.pause_obstacle(job(asked="cancel"))
    assert views.painting(job(state="paused"), READING)[ids.PAUSE] == {"children": "Resume"}


@pytest.mark.parametrize(
    ("seconds", "words"), [(2, "less than 5 s"), (33, "35 s"), (240, "4 min"), (5400, "1.5 h"), (7200, "2 h")]
)
def test_duration(seconds, words):
    assert views.duration(seconds) == words
