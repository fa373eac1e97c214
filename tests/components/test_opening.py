import pytest
from jobs.fake_engine import picture, wait_until

from components import controls, ids
from components.opening import LOST
from nst.options import Options


@pytest.fixture
def submit(page):
    def submit_one(**options: object) -> dict:
        images = [
            page.client.post("/api/v1/images", files={"file": ("a.png", picture())}).json()["id"]
            for _ in range(3)
        ]
        body = {
            "content": images[0],
            "styles": [{"image": images[1], "weight": 1.5}, {"image": images[2], "weight": 0.5}],
            "options": {"size": 64, "steps": 3} | options,
        }
        return page.client.post("/api/v1/jobs", json=body).json()

    return submit_one


def done(page, job: dict) -> bool:
    return page.client.get(f"/api/v1/jobs/{job['id']}").json()["state"] == "done"


def test_a_reload_finds_the_painting_with_its_pictures_and_options(page, submit):
    job = submit(style_weight=10, seed=7, optimizer="adam")
    wait_until(lambda: done(page, job))
    told = page.fire(ids.URL, "pathname", f"/jobs/{job['id']}")
    assert told[ids.JOB]["data"] == job["id"]
    assert told[ids.NOTICE]["is_open"] is False
    assert told[ids.PAGE]["data-state"] == "done"
    assert told[ids.CONTENT]["data"]["id"]
    assert [style["share"] for style in told[ids.STYLES]["data"]] == [75, 25]
    values = [told[ids.option(name)]["value"] for name in controls.NAMES]
    assert controls.options_from(values) == Options(
        size=64, steps=3, style_weight=10, seed=7, optimizer="adam"
    )


def test_a_painting_under_way_is_opened_as_it_was_last_steered(page, submit, engine):
    engine.hold()
    job = submit(steps=50)
    change = {"options": {"style_weight": 10.0}, "weights": [1, 1]}
    assert page.client.patch(f"/api/v1/jobs/{job['id']}", json=change).status_code == 200
    told = page.fire(ids.URL, "pathname", f"/jobs/{job['id']}")
    assert told[ids.option("style_weight")]["value"] == 1.0
    assert [style["share"] for style in told[ids.STYLES]["data"]] == [50, 50]


def test_the_front_door_leads_to_a_painting_under_way(page, submit, engine):
    engine.hold()
    job = submit()
    told = page.fire(ids.URL, "pathname", "/")
    assert told[ids.URL]["pathname"] == f"/jobs/{job['id']}"


def test_the_front_door_leads_past_a_finished_painting(page, submit):
    job = submit()
    wait_until(lambda: done(page, job))
    assert page.fire(ids.URL, "pathname", "/")[ids.PAGE]["data-state"] == "empty"


def test_a_new_painting_leaves_the_running_one_alone(page, submit, engine):
    engine.hold()
    job = submit()
    told = page.fire(ids.URL, "pathname", "/", opened_path=f"/jobs/{job['id']}", job_id=job["id"])
    assert told[ids.JOB]["data"] is None
    assert told[ids.PAGE]["data-state"] == "empty"
    assert ids.CONTENT not in told


def panels(job: dict, **others: object) -> dict:
    """What the panels hold of a painting, and `others` in place of that."""
    styles = [{"id": style["image"], "share": 50} for style in job["styles"]]
    held = {"content_picture": {"id": job["content"]}, "style_pictures": styles, "mask_picture": None}
    return held | others


OTHERS = (
    {"content_picture": {"id": "another"}},
    {"style_pictures": [{"id": "another", "share": 50}]},
    {"mask_picture": {"id": "a mask"}},
    {"regions": [{"id": "a mask"}]},
)


@pytest.mark.parametrize("others", OTHERS)
def test_the_front_door_leaves_what_is_prepared_beside_a_painting_under_way(page, submit, engine, others):
    engine.hold()
    job = submit()
    told = page.fire(ids.URL, "pathname", "/", **panels(job))
    assert told[ids.URL]["pathname"] == f"/jobs/{job['id']}"
    told = page.fire(ids.URL, "pathname", "/", **panels(job, **others))
    assert told[ids.PAGE]["data-state"] == "empty"
    assert ids.CONTENT not in told


@pytest.mark.parametrize("others", OTHERS)
def test_a_reload_leaves_what_is_prepared_beside_the_shown_painting(page, submit, others):
    job = submit()
    told = page.fire(
        ids.URL, "pathname", f"/jobs/{job['id']}", last_painting=job["id"], **panels(job, **others)
    )
    assert told[ids.JOB]["data"] == job["id"]
    assert not {ids.CONTENT, ids.STYLES, ids.MASK, ids.option("size")} & set(told)


def test_another_painting_brings_its_own_pictures(page, submit):
    job, other = submit(), submit()
    held = panels(job, content_picture={"id": "another"})
    path = f"/jobs/{other['id']}"
    for known in ({"last_painting": job["id"]}, {"opened_path": "/", "last_painting": other["id"]}):
        told = page.fire(ids.URL, "pathname", path, **known, **held)
        assert told[ids.CONTENT]["data"]["id"] == other["content"]
        assert told[ids.LAST]["data"] == other["id"]


@pytest.mark.parametrize("path", ["/jobs/" + "0" * 32, "/jobs/nonsense", "/jobs/<script>"])
def test_a_painting_that_is_not_there_is_said_to_be_lost(page, path):
    told = page.fire(ids.URL, "pathname", path)
    assert told[ids.NOTICE] == {"children": LOST, "is_open": True}
    assert told[ids.URL]["pathname"] == "/"
    assert told[ids.JOB]["data"] is None


def test_the_address_of_the_painting_that_is_shown_changes_nothing(page, submit):
    job = submit()
    told = page.fire(ids.URL, "pathname", f"/jobs/{job['id']}", opened_path="/", job_id=job["id"])
    assert told == {}
