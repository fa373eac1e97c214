import pytest
from jobs.fake_engine import picture

from components import following, ids
from nst.jobs.models import JobSpec, StyleRef
from nst.jobs.steering import Change, Steering


def test_the_page_is_told_how_the_painting_is_set_now(job):
    spec = JobSpec(content="photo", styles=[StyleRef(image="wave"), StyleRef(image="mosaic")])
    made = [Change(after=1, options={"style_weight": 10.0})]
    steered = job(spec=spec, step=2, changes=made, wanted=Steering(weights=[1, 3], mask="m"))
    told = following.told(steered)[ids.FOLLOWED]["data"]
    assert told["job"] == "j1"
    assert told["options"][ids.option("style_weight")] == 1.0  # in decades, as the slider stands
    assert ids.option("size") not in told["options"]
    assert (told["styles"], told["shares"]) == (["wave", "mosaic"], [33.0, 100.0])
    assert told["parts"] == {"mask": "m", "regions": [], "guides": [None, None]}


def test_a_finished_painting_leaves_the_controls_alone(job):
    assert following.told(job(state="done"))[ids.FOLLOWED]["data"] is None


@pytest.fixture
def shown(page, engine):
    """A painting under way, and the page as it was when it began."""
    engine.hold()
    photo, style, part = (
        page.client.post("/api/v1/images", files={"file": ("a.png", picture())}).json() for _ in range(3)
    )
    body = {"content": photo["id"], "styles": [{"image": style["id"]}], "options": {"size": 64, "steps": 50}}
    job = page.client.post("/api/v1/jobs", json=body).json()["id"]
    panels = {"content_picture": photo, "style_pictures": [{"id": style["id"], "share": 50}], "job_id": job}
    return panels | {"part": part["id"]}


def followed(page, shown) -> dict:
    known = {name: value for name, value in shown.items() if name != "part"}
    return page.fire(ids.PARTS_FOLLOWED, "data", {}, **known)


def test_mask_and_regions_of_another_window_come_into_the_panels(page, shown):
    change = {"mask": shown["part"], "regions": [{"mask": shown["part"], "style": 0}]}
    assert page.client.patch(f"/api/v1/jobs/{shown['job_id']}", json=change).status_code == 200
    told = followed(page, shown)
    assert told.keys() == {ids.MASK, ids.REGIONS}
    assert told[ids.MASK]["data"]["of"] == shown["content_picture"]["id"]
    (region,) = told[ids.REGIONS]["data"]
    assert region["id"] == shown["part"]


def test_a_guide_of_another_window_comes_to_its_painting(page, shown):
    change = {"guides": [shown["part"]]}
    assert page.client.patch(f"/api/v1/jobs/{shown['job_id']}", json=change).status_code == 200
    told = followed(page, shown)
    assert told.keys() == {ids.STYLES}
    assert told[ids.STYLES]["data"][0]["guide"]["id"] == shown["part"]


def test_panels_that_agree_or_are_for_another_photograph_stay(page, shown):
    assert followed(page, shown) == {}
    change = {"mask": shown["part"]}
    assert page.client.patch(f"/api/v1/jobs/{shown['job_id']}", json=change).status_code == 200
    assert followed(page, shown | {"content_picture": {"id": "another"}}) == {}
    assert followed(page, shown | {"job_id": "0" * 32}) == {}
