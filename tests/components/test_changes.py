from datetime import UTC, datetime

import pytest

from components import changes
from nst.jobs.models import Change, Job, JobSpec, Region, StyleRef

TWO = [StyleRef(image="a"), StyleRef(image="b", weight=3)]


def words(**change: object) -> list[str]:
    return [change.words for change in told([Change(after=7, **change)])]


def told(made: list[Change], **known: object) -> list[changes.Told]:
    spec = JobSpec(content="photo", styles=TWO, mask="m")
    place = {"state": "running", "step": 100, "steps": 300, "created": datetime(2030, 5, 1, tzinfo=UTC)}
    return changes.told(Job(**{"id": "j", "owner": "ada", "spec": spec, "changes": made} | place | known))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"options": {"style_weight": 2.0}}, "Style weight 1 → 2"),
        ({"options": {"tv_weight": 0.0}}, "Smoothness 1 → off"),
        ({"options": {"preserve_color": "luminance"}}, "Keep colours none → luminance"),
        ({"options": {"steps": 1200}}, "Epochs 300 → 1,200"),
        ({"options": {"style_scale": 0.5, "content_weight": 4}}, "Content weight 1 → 4, Stroke size 1 → 0.5"),
        ({"weights": [1, 1]}, "Blend 25 : 75 → 50 : 50"),
        ({"guides": ["g", None]}, "A part of painting 1 is copied"),
        ({"mask": None}, "Mask removed"),
        ({"mask": "n"}, "Mask changed"),
        ({"regions": [Region(mask="n", style=1)]}, "Regions changed"),
    ],
)
def test_a_change_names_what_was_and_what_is(change, expected):
    assert words(**change) == [expected]


def test_what_came_to_nothing_is_not_told():
    assert words(options={"style_weight": 1.0}) == []


def test_a_guide_that_is_taken_away_is_told():
    made = [Change(after=5, guides=["g", None]), Change(after=9, guides=None, weights=[3, 1])]
    assert told(made)[-1] == (9, "Blend 25 : 75 → 75 : 25, All of painting 1 is copied")


def test_each_change_goes_on_from_the_one_before():
    made = [Change(after=step, options={"style_weight": weight}) for step, weight in ((5, 2.0), (9, 4.0))]
    assert told(made) == [(5, "Style weight 1 → 2"), (9, "Style weight 2 → 4")]


def test_a_change_that_is_still_to_come_is_not_told():
    made = [Change(after=50, options={"style_weight": 2.0})]
    assert told(made, step=49) == []
    assert told(made, step=50) == [(50, "Style weight 1 → 2")]
