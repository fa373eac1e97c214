import pytest
from jobs.fake_engine import picture, wait_until

from components import comparison, ids, urls
from nst.jobs.models import JobSpec, StyleRef
from nst.options import Options


@pytest.fixture
def painted(job):
    def make(name: str, **options: object):
        spec = JobSpec(content="photo", styles=[StyleRef(image="paint")], options=Options(**options))
        return job(id=name, spec=spec, state="done", has_result=True, step=300, width=640, height=480)

    return make


def test_what_differs_is_told_in_the_names_of_the_controls(painted):
    rows = comparison.differences(painted("a", style_weight=0.5), painted("b", optimizer="adam"))
    assert rows == [("Style weight", "0.5", "1"), ("Optimiser", "L-BFGS", "Adam")]


def test_of_two_alike_it_is_said_that_they_are(painted):
    assert comparison.differences(painted("a"), painted("b")) == []
    assert "Pictures and settings are the same" in str(comparison.side_by_side(painted("a"), painted("b")))


def test_both_frames_have_one_edge_and_their_own_shape(painted):
    parts = comparison.side_by_side(painted("a"), painted("b"))
    (pair,) = [part for part in parts if getattr(part, "className", "") == "pair"]
    frames = [figure.children[0] for figure in pair.children]
    assert len({frame.to_plotly_json()["props"]["data-together"] for frame in frames}) == 1
    assert [frame.style["--aspect"] for frame in frames] == ["1.3333", "1.3333"]


def painting(page) -> str:
    image = page.client.post("/api/v1/images", files={"file": ("a.png", picture())}).json()["id"]
    body = {"content": image, "styles": [{"image": image}], "options": {"size": 64, "steps": 2}}
    job = page.client.post("/api/v1/jobs", json=body).json()["id"]
    wait_until(lambda: page.client.get(f"/api/v1/jobs/{job}").json()["state"] == "done")
    return job


def test_two_paintings_have_an_address(page):
    one, other = painting(page), painting(page)
    path = urls.comparison(one, other)
    assert page.client.get(path).status_code == 200
    told = page.fire(ids.URL, "pathname", path, opened_path="/", job_id=None)
    assert urls.result(one) in str(told[ids.COMPARISON])
    assert urls.result(other) in str(told[ids.COMPARISON])


def test_one_that_is_gone_is_told(page):
    path = urls.comparison(painting(page), "0" * 32)
    told = page.fire(ids.URL, "pathname", path, opened_path="/", job_id=None)
    assert "not here any more" in str(told[ids.COMPARISON])


def test_the_easel_is_cleared_for_two_but_the_address_stays(page):
    told = page.fire(ids.URL, "pathname", "/compare/a/b", opened_path="/", job_id="c")
    assert told[ids.JOB] == {"data": None}
    assert ids.URL not in told
