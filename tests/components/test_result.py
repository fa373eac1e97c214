from components import filmstrip, ids, result
from nst.jobs.models import Stage


def named(layout) -> set[str]:
    return {part.id for part in layout._traverse() if getattr(part, "id", None)}


def test_the_browser_learns_where_the_painting_and_its_stages_are(job):
    stages = [Stage(step=1, scale=0), Stage(step=20, scale=1)]
    known = result.known(job(state="done", has_result=True, stages=stages))
    assert known["result"] == "/api/v1/jobs/j1"
    assert known["photograph"] == "/api/v1/images/photo"
    assert [stage["url"] for stage in known["stages"]] == [
        "/api/v1/jobs/j1/stages/1.jpg",
        "/api/v1/jobs/j1/stages/20.jpg",
    ]


def test_while_it_is_painted_there_is_nothing_to_take_home(job):
    assert result.known(job(state="running", step=5))["result"] is None


def test_every_control_has_a_label():
    layout = result.layout()
    labelled = {part.htmlFor for part in layout._traverse() if getattr(part, "_type", "") == "Label"}
    assert {ids.STRENGTH, ids.DOWNLOAD_NAME, ids.DOWNLOAD_FORMAT} <= labelled


def test_the_slider_begins_with_the_whole_painting():
    (slider,) = [part for part in result.layout()._traverse() if getattr(part, "id", "") == ids.STRENGTH]
    assert slider.value == slider.max


def test_the_stages_are_choices_of_one_group():
    strip = filmstrip.layout().children[0]
    assert (strip.id, strip.role) == (ids.FILMSTRIP, "radiogroup")
    assert ids.TIMELAPSE in named(filmstrip.layout())


def test_every_format_that_is_offered_is_served(page):
    paths = page.client.get("/openapi.json").json()["paths"]
    for suffix in result.FORMATS:
        assert f"/api/v1/jobs/{{job_id}}/result.{suffix}" in paths
