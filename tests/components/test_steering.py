import pytest
from jobs.fake_engine import picture, wait_until

from components import controls, ids, steering
from nst.errors import Refusal
from nst.jobs.models import JobSpec, Steering, StyleRef
from nst.options import LIVE, Options

SPEC = JobSpec(content="c", styles=[StyleRef(image="a"), StyleRef(image="b")])
STYLES = [{"id": "a", "share": 50}, {"id": "b", "share": 100}]


def values(**chosen: object) -> list[object]:
    """What the controls hold, some of it as given."""
    known = controls.values_of(Options()) | chosen
    return [known[name] for name in controls.NAMES]


def test_only_what_was_moved_is_asked_for():
    held = values(style_weight=1, tv_weight=-3, steps=40)
    asked = steering.asked_for(SPEC, ["style_weight"], STYLES, held)
    assert asked == Steering(options={"style_weight": 10.0})
    assert steering.asked_for(SPEC, ["steps", "tv_weight"], STYLES, held).live == {
        "steps": 40,
        "tv_weight": 0,
    }


def test_a_blend_asks_for_the_shares_of_all():
    assert steering.asked_for(SPEC, ["blend"], STYLES, values()) == Steering(weights=[1.0, 2.0])


def test_the_blend_of_other_paintings_is_refused():
    with pytest.raises(Refusal, match="not those that this picture is painted from"):
        steering.asked_for(SPEC, ["blend"], STYLES[:1], values())


def test_a_number_that_cannot_be_is_refused_in_the_controls_words():
    with pytest.raises(Refusal, match="Epochs takes a whole number from 1 to 10,000"):
        steering.asked_for(SPEC, ["steps"], STYLES, values(steps=None))


def test_a_bad_number_elsewhere_does_not_stop_the_hand():
    assert steering.asked_for(SPEC, ["style_weight"], STYLES, values(size=None, steps=None)).live == {
        "style_weight": 1.0
    }


def test_every_option_is_either_live_or_fixed():
    assert {*steering.FIXED, *LIVE} == set(controls.NAMES)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("running", "Takes effect with the next step."),
        ("paused", "Takes effect when the painting goes on."),
        ("queued", "Takes effect when the painting begins."),
    ],
)
def test_says_when_a_change_takes_effect(job, state, words):
    waiting = job(state=state, wanted=Steering(options={"style_weight": 2.0}))
    assert steering.answer(waiting) == {"job": "j1", "made": 0, "words": words}


def test_says_nothing_of_a_change_that_changes_nothing(job):
    assert steering.answer(job())["words"] == ""


@pytest.fixture
def painting(page, engine):
    """A painting of the visitor's that rests after two steps, and the cards that it was made from."""
    engine.hold()
    images = [
        page.client.post("/api/v1/images", files={"file": ("a.png", picture())}).json()["id"]
        for _ in range(3)
    ]
    styles = [{"image": image} for image in images[1:]]
    body = {"content": images[0], "styles": styles, "options": {"size": 64, "steps": 50}}
    job = page.client.post("/api/v1/jobs", json=body).json()["id"]
    engine.step(2)
    wait_until(lambda: page.client.get(f"/api/v1/jobs/{job}").json()["step"] == 2)
    return {ids.JOB: job, ids.STYLES: [{"id": image, "share": 50} for image in images[1:]]}


def held(**chosen: object) -> dict[str, object]:
    return {ids.option(name): value for name, value in zip(controls.NAMES, values(**chosen), strict=True)}


def test_a_moved_slider_acts_on_the_running_painting(page, painting, engine):
    moved = {"names": ["style_weight"], "at": 1}
    told = page.fire(ids.STEERED, "data", moved, **painting, **held(style_weight=1, steps=9))
    assert told[ids.STEER_ANSWER]["data"]["words"] == "Takes effect with the next step."
    engine.step(1)
    wait_until(lambda: engine.steered)
    assert engine.steered == [(3, {"style_weight": 10.0})]


def test_a_refusal_is_a_notice(page, painting, engine):
    page.client.post(f"/api/v1/jobs/{painting[ids.JOB]}/cancel")
    engine.step(1)
    wait_until(lambda: page.client.get(f"/api/v1/jobs/{painting[ids.JOB]}").json()["state"] == "cancelled")
    moved = {"names": ["style_weight"], "at": 1}
    told = page.fire(ids.STEERED, "data", moved, **painting, **held())
    assert told == {ids.NOTICE: {"children": "This painting was stopped already.", "is_open": True}}


def test_without_a_painting_nothing_is_asked(page):
    assert page.fire(ids.STEERED, "data", {"names": ["steps"], "at": 1}, **held()) == {}
