import pytest
from jobs.fake_engine import picture, wait_until

from components import comparison, ids, urls
from nst.jobs.models import JobSpec, Region, StyleRef
from nst.options import Options


@pytest.fixture
def painted(job):
    def make(name: str, parts: dict | None = None, **options: object):
        asked = {"content": "photo", "styles": [StyleRef(image="paint")]} | (parts or {})
        spec = JobSpec(**asked, options=Options(**options))
        return job(id=name, spec=spec, state="done", has_result=True, step=300, width=640, height=480)

    return make


def test_what_differs_is_told_in_the_names_of_the_controls(painted):
    rows = comparison.differences(painted("a", style_weight=0.5), painted("b", optimizer="adam"))
    assert rows == [("Style weight", "0.5", "1"), ("Optimiser", "L-BFGS", "Adam")]


def blended(*weights: float) -> dict:
    return {"styles": [StyleRef(image=f"paint{n}", weight=weight) for n, weight in enumerate(weights)]}


def guided(by: str) -> dict:
    return {"styles": [StyleRef(image="paint", guide=by)]}


@pytest.mark.parametrize(
    ("mine", "theirs", "row"),
    [
        (blended(0.7, 0.3), blended(0.3, 0.7), ("Blend", "70 : 30", "30 : 70")),
        ({}, {"mask": "m"}, ("Mask", "none", "one")),
        ({"mask": "m"}, {"mask": "n"}, ("Mask", "one", "another")),
        (guided("g"), {}, ("Copied of painting 1", "a part", "all")),
        (guided("g"), guided("h"), ("Copied of painting 1", "a part", "another part")),
        (
            {"regions": [Region(mask="m", style=0)]},
            {"regions": [Region(mask="n", style=0)]},
            ("Parts with a style of their own", "1", "1, not the same"),
        ),
    ],
)
def test_where_what_is_painted_differs_is_told(painted, mine, theirs, row):
    one, other = painted("a", mine), painted("b", theirs)
    assert comparison.differences(one, other) == [row]
    assert comparison.differences(one, one) == []


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
