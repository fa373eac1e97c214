import json
from dataclasses import replace
from errno import ENOSPC

import pytest

from components import ids, news
from components.reading import Reading
from nst.jobs.models import Change
from nst.jobs.troubles import NO_SPACE


def test_the_graph_travels_once_then_only_points(job, log):
    first = Reading("j1").advanced(log(1, 2))
    second = first.advanced(log(3, first_seq=3))
    opening = news.between(Reading("j1"), job(step=2), first)
    assert opening[ids.LOSSES_PLACE]["children"][0].figure["data"][0]["x"] == [1, 2]
    assert ids.LOSSES_POINTS not in opening
    later = news.between(first, job(step=3), second)
    assert ids.LOSSES_PLACE not in later
    assert json.loads(later[ids.LOSSES_POINTS]["data"])["x"] == [1, 2, 3]


def test_no_news_sends_no_points(job, log):
    reading = Reading("j1").advanced(log(1))
    assert ids.LOSSES_POINTS not in news.between(reading, job(step=1), reading)


def test_a_change_that_is_refused_in_mid_run_is_a_notice_once(job, log):
    first = Reading("j1").advanced(log(1))
    later = replace(first, after=9, refused=(9, "The mask is gone."))
    assert news.between(first, job(), later)[ids.NOTICE]["children"] == "The mask is gone."
    assert ids.NOTICE not in news.between(later, job(), later)
    assert ids.NOTICE not in news.between(Reading("j1"), job(), later), "it is old when the page is opened"


def test_the_marks_of_changes_travel_with_the_news(job, log):
    reading = Reading("j1").advanced(log(1))
    steered = job(step=9, changes=[Change(after=5, options={"steps": 40})])
    opening = news.between(Reading("j1"), steered, reading)
    assert opening[ids.LOSSES_MARKS]["data"]["told"] == ["Step 5: Epochs 300 → 40"]
    assert opening[ids.LOSSES_PLACE]["children"][0].figure["layout"]["shapes"]


def test_trouble_of_the_storage_is_told_and_a_fault_is_not():
    assert news.trouble(OSError(ENOSPC, "full")) == {ids.DETAIL: {"children": NO_SPACE}}
    with pytest.raises(KeyError):
        news.trouble(KeyError("insides"))
