import pytest
from jobs.fake_engine import picture, wait_until

from components import controls, group, ids, urls
from nst.jobs.models import Axis, Group
from nst.options import Options
from nst.settings import settings

VALUES = {ids.option(name): value for name, value in controls.values_of(controls.DEFAULTS).items()}


def of(job, *states: str) -> list:
    known = [{"id": f"j{place}", "state": state, "group": "g"} for place, state in enumerate(states)]
    return [job(**one, has_result=one["state"] == "done", step=150) for one in known]


def grid(jobs, created) -> Group:
    axes = [Axis(option="style_weight", values=[0.5, 2]), Axis(option="style_scale", values=[1, 2])]
    members = [job.id for job in jobs]
    return Group(id="g", owner="ada", title="Variations", axes=axes, members=members, created=created)


def test_progress_counts_steps_and_those_that_failed_as_over(job):
    assert group.progress(of(job, "done", "running")) == 75
    assert group.progress(of(job, "failed", "queued")[:1]) == 100


def test_how_far_they_are_in_words(job):
    assert group.told(of(job, "done", "running", "queued")) == "1 of 3 painted."
    assert group.told(of(job, "done", "done")) == "All 2 are painted."
    assert group.told(of(job, "done", "failed")) == "1 of 2 painted, 1 could not be finished."
    assert group.told([]) == "All of them were deleted."


def test_the_grid_has_its_values_beside_it_and_a_button_in_each_place(job):
    jobs = of(job, "done", "done", "running", "queued")
    seen = str(group.view(grid(jobs, jobs[0].created), jobs, {}))
    for words in ("Style weight 0.5", "Style weight 2", "Stroke size 1", "Stroke size 2"):
        assert words in seen
    for one in jobs:
        assert str(ids.cell(one.id)) in seen


def test_a_deleted_painting_leaves_its_place_in_the_grid(job):
    jobs = of(job, "done", "done", "done", "done")
    seen = str(group.view(grid(jobs, jobs[0].created), jobs[1:], {}))
    assert "Deleted" in seen
    assert str(ids.cell("j1")) in seen


def test_stop_is_offered_while_there_is_something_to_stop_and_the_zip_once_there_is_something_in_it(job):
    jobs = of(job, "running", "queued")
    early = str(group.view(grid(jobs, jobs[0].created), jobs, {}))
    assert "Stop all" in early
    assert "Download ZIP" not in early
    jobs = of(job, "done", "done")
    named = grid(jobs, jobs[0].created).model_copy(update={"title": "Birds & Co #1, 50%"})
    late = str(group.view(named, jobs, {}))
    assert "Stop all" not in late
    assert "Download ZIP" in late
    assert "?download=Birds%20%26%20Co%20%231%2C%2050%25'" in late


def test_a_cell_painted_large_keeps_what_was_tried_and_takes_size_and_epochs(job):
    tried = job().spec.model_copy(update={"options": Options(size=256, steps=150, style_weight=3)})
    spec = group.enlarged(job(spec=tried), Options(size=1024, steps=600, style_weight=1))
    assert (spec.options.size, spec.options.steps, spec.options.style_weight) == (1024, 600, 3)


def variations(page) -> dict:
    image = page.client.post("/api/v1/images", files={"file": ("a.png", picture())}).json()["id"]
    body = {"content": image, "styles": [{"image": image}], "options": {"size": 64, "steps": 2}}
    asked = body | {"vary": {"style_weight": [0.5, 2]}, "title": "Two of them"}
    made = page.client.post("/api/v1/groups", json=asked).json()
    wait_until(lambda: page.client.get(f"/api/v1/groups/{made['id']}").json()["state"] == "done")
    return made


def last(page) -> dict:
    return page.client.get("/api/v1/jobs").json()["jobs"][0]


def test_one_of_a_grid_is_painted_again_whatever_the_other_controls_hold(page):
    one = variations(page)["jobs"][1]
    values = VALUES | {ids.option("size"): 96, ids.option("steps"): 3, ids.option("seed"): None}
    told = page.choose(ids.cell(one["id"]), **values)
    made = last(page)
    assert told[ids.JOB]["data"] == made["id"] != one["id"]
    assert told[ids.CONTENT]["data"]["id"] == one["content"]
    assert (told[ids.option("size")]["value"], made["options"]["size"], made["options"]["steps"]) == (
        96,
        96,
        3,
    )
    assert made["options"]["style_weight"] == one["options"]["style_weight"]


def test_a_size_that_cannot_be_is_refused_in_the_words_of_the_controls(page):
    one = variations(page)["jobs"][0]
    told = page.choose(ids.cell(one["id"]), **VALUES | {ids.option("size"): None})
    assert "takes a whole number from" in told[ids.NOTICE]["children"]


@pytest.fixture
def one_a_minute(monkeypatch):
    monkeypatch.setenv("NST_JOBS_PER_MINUTE", "1")
    settings.cache_clear()


def test_one_of_a_grid_counts_as_a_painting_that_was_asked_for(one_a_minute, page):
    one = variations(page)["jobs"][0]
    told = page.choose(ids.cell(one["id"]), **VALUES)
    assert "too many paintings" in told[ids.NOTICE]["children"]
    assert last(page)["group"]


def test_a_group_has_an_address_and_a_clock_that_stops_when_all_is_painted(page):
    made = variations(page)
    path = urls.group(made["id"])
    assert page.client.get(path).status_code == 200
    told = page.fire(ids.URL, "pathname", path, opened_path="/", job_id=None)
    assert "Two of them" in str(told[ids.GROUP])
    assert told[ids.GROUP_CLOCK] == {"disabled": True}
    assert told[ids.HISTORY_STAMP]["data"] == [made["id"], 2]


def test_a_step_moves_the_view_on_and_another_state_draws_it_anew(page, engine):
    engine.hold()
    image = page.client.post("/api/v1/images", files={"file": ("a.png", picture())}).json()["id"]
    asked = {"content": image, "styles": [{"image": image}], "vary": {"tv_weight": [0, 1]}}
    made = page.client.post("/api/v1/groups", json=asked).json()
    path, first = urls.group(made["id"]), made["jobs"][0]["id"]
    wait_until(lambda: page.client.get(f"/api/v1/jobs/{first}").json()["state"] == "running")
    shown = page.fire(ids.URL, "pathname", path, opened_path="/", job_id=None)[ids.GROUP_SHOWN]["data"]
    engine.step(30)
    wait_until(lambda: page.client.get(f"/api/v1/jobs/{first}").json()["step"] == 30)
    told = page.fire(ids.GROUP_CLOCK, "n_intervals", 1, url=path, group_shown=shown)
    assert ids.GROUP not in told
    assert float(told[ids.GROUP_PROGRESS]["value"]) > 0
    assert "step 30" in told[ids.group_status(first)]["children"]
    assert told[ids.group_place(first)]["title"] == told[ids.group_status(first)]["children"]
    page.client.post(f"/api/v1/groups/{made['id']}/cancel")
    told = page.fire(ids.GROUP_CLOCK, "n_intervals", 2, url=path, group_shown=shown)
    assert ids.GROUP in told


def test_the_clock_stops_when_the_page_has_turned_elsewhere(page):
    told = page.fire(ids.GROUP_CLOCK, "n_intervals", 3, url="/")
    assert told[ids.GROUP_CLOCK] == {"disabled": True}


def test_who_comes_to_the_front_door_is_led_to_the_group_that_is_painted(page, engine):
    engine.hold()
    image = page.client.post("/api/v1/images", files={"file": ("a.png", picture())}).json()["id"]
    asked = {"content": image, "styles": [{"image": image}], "vary": {"tv_weight": [0, 1]}}
    made = page.client.post("/api/v1/groups", json=asked).json()["id"]
    assert page.fire(ids.URL, "pathname", "/")[ids.URL] == {"pathname": urls.group(made)}


def test_a_group_that_is_not_there_is_told(page):
    told = page.fire(ids.URL, "pathname", urls.group("0" * 32), opened_path="/", job_id=None)
    assert group.LOST in str(told[ids.GROUP])


def test_in_the_list_a_group_hangs_as_one_and_is_deleted_as_one(page):
    made = variations(page)
    told = page.fire(ids.HISTORY_STAMP, "data", 1)
    (entry,) = told[ids.HISTORY]["children"]
    assert urls.group(made["id"]) in str(entry)
    assert "2 paintings" in str(entry)
    told = page.choose(ids.group_remove(made["id"]))
    assert told[ids.HISTORY_STAMP]["data"] == [made["id"], "deleted"]
    assert page.client.get(f"/api/v1/groups/{made['id']}").status_code == 404


def test_a_group_that_is_deleted_leaves_the_page(page):
    made = variations(page)
    path = urls.group(made["id"])
    assert ids.URL not in page.choose(ids.group_remove(variations(page)["id"]), url=path)
    assert page.choose(ids.group_remove(made["id"]), url=path)[ids.URL] == {"pathname": "/"}


def test_a_shown_painting_leaves_the_page_with_its_group(page):
    made = variations(page)
    shown = made["jobs"][0]["id"]
    known = {"job_id": shown, "url": urls.page(shown)}
    assert ids.JOB not in page.choose(ids.group_remove(variations(page)["id"]), **known)
    told = page.choose(ids.group_remove(made["id"]), **known)
    assert told[ids.JOB] == {"data": None}
    assert told[ids.URL] == {"pathname": "/"}
