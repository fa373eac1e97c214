import pytest
from jobs.fake_engine import picture, wait_until

from components import ids, views
from nst.options import Options


@pytest.fixture
def finished(page):
    def finish(**options: object) -> str:
        images = [
            page.client.post("/api/v1/images", files={"file": ("a.png", picture())}).json()["id"]
            for _ in range(2)
        ]
        body = {
            "content": images[0],
            "styles": [{"image": images[1]}],
            "options": {"size": 64, "steps": 3, "style_weight": 10} | options,
        }
        job = page.client.post("/api/v1/jobs", json=body).json()["id"]
        wait_until(lambda: page.client.get(f"/api/v1/jobs/{job}").json()["state"] == "done")
        return job

    return finish


@pytest.mark.parametrize(("button", "size"), [(ids.MORE, 64), (ids.LARGER, 128)])
def test_a_finished_painting_goes_on_as_a_new_one(page, finished, button, size):
    earlier = finished()
    told = page.fire(button, "n_clicks", 1, **{ids.JOB: earlier})
    job = page.client.get(f"/api/v1/jobs/{told[ids.JOB]['data']}").json()
    assert job["onward"] == earlier
    assert (job["options"]["size"], job["options"]["steps"]) == (size, 50)
    assert job["options"]["style_weight"] == 10
    assert told[ids.option("size")] == {"value": size}
    assert told[ids.option("steps")] == {"value": 50}
    assert told[ids.URL]["pathname"] == f"/jobs/{job['id']}"


def test_what_cannot_go_on_says_why(job):
    assert views.onward_obstacles(job(state="done", has_result=True)) == [None, None]
    nothing = "There is no picture of this painting to go on with."
    assert views.onward_obstacles(job(state="failed")) == [nothing, nothing]
    large = job(state="done", has_result=True)
    large = large.model_copy(update={"spec": large.spec.model_copy(update={"options": Options(size=2500)})})
    too_large = "Twice its size is 5,000 pixels; a painting can have 4,096."
    assert views.onward_obstacles(large) == [None, too_large]
