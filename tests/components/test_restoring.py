import pytest
from jobs.fake_engine import picture

from components import controls, ids, restoring


def test_settings_become_positions_of_the_controls():
    places = restoring.positions({"options": {"size": 768, "style_weight": 10.0}})
    assert places == {"size": 768, "style_weight": 1.0}
    assert controls.weight(places["style_weight"]) == 10


@pytest.mark.parametrize(
    "hostile",
    [
        None,
        "settings",
        [],
        {"options": {"size": 10**9, "steps": "<script>", "style_weight": "1e400"}},
        {"options": {"__class__": 1, "precision": {"float32": 1}}},
        {"options": [["size", 512]]},
        {"blend": ["x"] * 10_000},
    ],
)
def test_hostile_settings_move_nothing(hostile):
    assert restoring.positions(hostile) == {}


def test_of_mixed_settings_the_good_ones_are_used(page):
    told = page.fire(ids.RESTORING, "data", {"options": {"size": 200, "steps": -4, "seed": 7}})
    assert told[ids.option("size")] == {"value": 200}
    assert told[ids.option("seed")] == {"value": 7}
    assert ids.option("steps") not in told
    assert restoring.FROM_FILE in str(told[ids.RESTORED])


def test_it_is_said_when_there_was_nothing_to_use(page):
    told = page.fire(ids.RESTORING, "data", {"blend": [1.0]})
    assert restoring.NONE_INSIDE in str(told[ids.RESTORED])


def test_a_painting_under_way_keeps_its_controls(page, engine):
    engine.hold()
    image = page.client.post("/api/v1/images", files={"file": ("a.png", picture())}).json()["id"]
    body = {"content": image, "styles": [{"image": image}], "options": {"size": 64, "steps": 2}}
    job = page.client.post("/api/v1/jobs", json=body).json()["id"]
    told = page.fire(ids.RESTORING, "data", {"options": {"size": 200}}, job_id=job)
    assert restoring.UNDER_WAY in str(told[ids.RESTORED])
    assert ids.option("size") not in told
