import pytest
from jobs.fake_engine import picture, wait_until

from components import ids, layers, parts
from nst.errors import Refusal
from nst.jobs.models import Job, JobSpec, Region, Steering, StyleRef

CONTENT = {"id": "photo"}
SPEC = JobSpec(content="photo", styles=[StyleRef(image="wave"), StyleRef(image="mosaic")])


def layer(mask: str, paints: str | None) -> dict:
    return {"key": "a", "id": mask, "of": "photo", "paints": paints}


@pytest.fixture
def running(job) -> Job:
    return job(spec=SPEC)


def test_regions_are_asked_for_in_the_jobs_own_order_of_paintings(running):
    asked = parts.asked_for(running, CONTENT, None, [layer("m", "mosaic"), layer("n", layers.KEEP)], None)
    assert asked == Steering(regions=[Region(mask="m", style=1), Region(mask="n", style=None)])


def test_only_what_differs_is_asked_for(running):
    assert parts.asked_for(running, CONTENT, None, [], None) is None
    assert parts.asked_for(running, CONTENT, {"id": "m", "of": "photo"}, None, None) == Steering(mask="m")
    masked = running.model_copy(update={"spec": SPEC.changed(Steering(mask="m"))})
    assert parts.asked_for(masked, CONTENT, {"id": "m", "of": "photo"}, None, None) is None
    assert parts.asked_for(masked, CONTENT, None, None, None) == Steering(mask=None)


def test_a_guide_is_asked_for_of_the_jobs_own_paintings(running):
    shown = [{"id": name, "share": 50.0, "guide": {"id": f"{name}-part"}} for name in ("linocut", "mosaic")]
    asked = parts.asked_for(running, CONTENT, None, None, shown)
    assert asked == Steering(guides=[None, "mosaic-part"])
    guided = running.model_copy(update={"spec": SPEC.changed(asked)})
    assert parts.asked_for(guided, CONTENT, None, None, shown) is None
    bare = [{"id": "mosaic", "share": 50.0, "guide": None}]
    assert parts.asked_for(guided, CONTENT, None, None, bare) == Steering(guides=[None, None])


def test_another_photograph_or_a_finished_painting_is_left_alone(running):
    regions = [layer("m", "wave")]
    assert parts.asked_for(running, {"id": "another"}, None, regions, None) is None
    assert parts.asked_for(running.model_copy(update={"state": "done"}), CONTENT, None, regions, None) is None


def test_a_painting_that_the_job_has_not_is_refused(running):
    with pytest.raises(Refusal, match="It counts for the next one"):
        parts.asked_for(running, CONTENT, None, [layer("m", "linocut")], None)


def upload(page) -> dict:
    """Some picture; as a mask it is not black."""
    return page.client.post("/api/v1/images", files={"file": ("p.png", picture())}).json()


def test_regions_act_on_the_painting_under_way(page, engine):
    engine.hold()
    photo, style, mask = (upload(page) for _ in range(3))
    spec = {"content": photo["id"], "styles": [{"image": style["id"]}], "options": {"size": 64, "steps": 9}}
    job = page.client.post("/api/v1/jobs", json=spec).json()
    regions = [{"key": "a", "id": mask["id"], "of": photo["id"], "paints": None}]
    told = page.fire(ids.PARTS_CHANGED, "data", 1.0, job_id=job["id"], content_picture=photo, regions=regions)
    assert told[ids.STEER_ANSWER]["data"]["job"] == job["id"]
    wanted = page.client.get(f"/api/v1/jobs/{job['id']}").json()["regions"]
    assert wanted == [{"mask": mask["id"], "style": 0}]
    engine.step(2)
    wait_until(lambda: engine.steered)
    assert "masks" in engine.steered[0][1]


def test_without_a_painting_under_way_nothing_is_asked(page):
    assert page.fire(ids.PARTS_CHANGED, "data", 1.0, content_picture=CONTENT) == {}
