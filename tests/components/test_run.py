import re
from pathlib import Path

import pytest
from jobs.fake_engine import picture, wait_until

from components import controls, gallery, ids, run
from nst.errors import Refusal
from nst.gallery.catalogue import samples
from nst.options import Options

VALUES = [controls.values_of(Options())[name] for name in controls.NAMES]
CONTENT = {"id": "c"}
STYLES = [{"id": "s", "share": 50}]


def option_values(**chosen: object) -> dict[str, object]:
    values = controls.values_of(Options(**({"size": 64, "steps": 4} | chosen)))
    return {ids.option(name): value for name, value in values.items()}


@pytest.fixture
def uploaded(page):
    """Two pictures of the visitor's, as the cards keep them."""

    def upload() -> dict:
        answer = page.client.post("/api/v1/images", files={"file": ("a.png", picture())}).json()
        return {**answer, "thumbnail": f"{answer['url']}/thumbnail.jpg", "share": 50}

    return {ids.CONTENT: upload(), ids.STYLES: [upload()]}


@pytest.mark.parametrize(
    ("content", "styles", "reason"),
    [
        (None, None, "Choose a photograph and a painting to begin."),
        (None, STYLES, "Choose a photograph to begin."),
        (CONTENT, [], "Choose a painting to begin."),
        (CONTENT, STYLES, None),
    ],
)
def test_start_waits_for_both_pictures_and_says_so(content, styles, reason):
    assert run.obstacle(content, styles, VALUES) == reason


def test_start_waits_for_usable_numbers():
    values = [None if name == "steps" else value for name, value in zip(controls.NAMES, VALUES, strict=True)]
    assert run.obstacle(CONTENT, STYLES, values) == "Epochs takes a whole number from 1 to 10,000."


def test_what_is_asked_for_is_what_the_page_shows():
    styles = [{"id": "s", "share": 100}, {"id": "t", "share": 25}]
    spec = run.asked_for(CONTENT, styles, {"id": "m", "of": "c"}, VALUES)
    assert (spec.content, spec.mask) == ("c", "m")
    assert [(style.image, style.weight) for style in spec.styles] == [("s", 2.0), ("t", 0.5)]
    assert spec.options == Options()


def test_a_mask_of_another_photograph_is_left_out():
    assert run.asked_for(CONTENT, STYLES, {"id": "m", "of": "another"}, VALUES).mask is None


def test_nothing_can_be_asked_for_without_pictures():
    with pytest.raises(Refusal, match="Choose a painting"):
        run.asked_for(CONTENT, [], None, VALUES)


def test_start_paints_and_the_page_turns_to_the_painting(page, uploaded):
    told = page.fire(ids.START, "n_clicks", 1, **uploaded, **option_values())
    job = page.client.get("/api/v1/jobs").json()["jobs"][0]
    assert told[ids.JOB]["data"] == job["id"]
    assert told[ids.URL]["pathname"] == f"/jobs/{job['id']}"
    assert told[ids.PAGE]["data-state"] in ("queued", "running")
    wait_until(lambda: page.client.get(f"/api/v1/jobs/{job['id']}").json()["state"] == "done")


def test_what_callbacks_hold_while_they_run_is_let_go_of_when_the_studio_is_lost(page):
    """Dash does so with the answer; where none comes, live.js has to, or who hears of the loss (steer.js)."""
    script = (Path(__file__).resolve().parents[2] / "assets/live.js").read_text()
    (stores,) = re.findall(r"for \(const store of \[(.*?)\]\)", script)
    let_go = {f"{store}.data" for store in (*re.findall(r'"([\w-]+)"', stores), ids.STEER_AWAITED)}
    callbacks = page.client.get("/_dash-dependencies").json()
    for callback in callbacks:
        if {"id": ids.DISCONNECTED, "property": "hidden"} in callback["inputs"]:
            let_go |= set(callback["output"].strip(".").split("..."))
    held = {target for callback in callbacks for target in (callback.get("running") or {}).get("running", ())}
    assert {f"{ids.AWAITED}.data", f"{ids.ARRIVING}.data"} <= held <= let_go


def test_stop_and_keep_ends_the_run_with_a_result(page, uploaded, engine):
    engine.hold()
    job = page.fire(ids.START, "n_clicks", 1, **uploaded, **option_values(steps=50))[ids.JOB]["data"]
    engine.step(2)
    address = f"/api/v1/jobs/{job}"
    wait_until(lambda: page.client.get(address).json()["step"] == 2)
    told = page.fire(ids.STOP, "n_clicks", 1, **{ids.JOB: job})
    assert told[ids.STATUS]["children"] == "Stopping …"
    engine.step()
    wait_until(lambda: page.client.get(address).json()["state"] == "cancelled")
    assert page.client.get(f"{address}/result.png").status_code == 200


def test_pause_lets_the_painting_rest_and_the_same_button_goes_on(page, uploaded, engine):
    engine.hold()
    job = page.fire(ids.START, "n_clicks", 1, **uploaded, **option_values(steps=50))[ids.JOB]["data"]
    engine.step(2)
    address = f"/api/v1/jobs/{job}"
    wait_until(lambda: page.client.get(address).json()["step"] == 2)
    told = page.fire(ids.PAUSE, "n_clicks", 1, **{ids.JOB: job})
    assert told == {ids.STATUS: {"children": "Pausing …"}}
    engine.step()
    wait_until(lambda: page.client.get(address).json()["state"] == "paused")
    page.fire(ids.PAUSE, "n_clicks", 2, **{ids.JOB: job})
    wait_until(lambda: page.client.get(address).json()["state"] == "running")


def test_one_click_on_an_example_fills_both_cards_and_starts(page):
    told = page.fire(ids.EXAMPLES[0], "n_clicks", 1, **option_values())
    assert told[ids.CONTENT]["data"]["thumbnail"].startswith("/api/v1/images/")
    assert len(told[ids.STYLES]["data"]) == 1
    job = page.client.get(f"/api/v1/jobs/{told[ids.JOB]['data']}").json()
    assert job["state"] in ("queued", "running", "done")


def test_a_refusal_becomes_a_sentence_on_the_page(page, uploaded):
    told = page.fire(
        ids.START, "n_clicks", 1, **(uploaded | {ids.CONTENT: {"id": "0" * 32}}), **option_values()
    )
    words = "There is no such picture here, or not any more. Bring it again."
    assert told == {ids.NOTICE: {"children": words, "is_open": True}}


def test_every_example_pairs_a_photograph_with_a_painting():
    pairs = gallery.examples(samples())
    assert len(pairs) == len(ids.EXAMPLES)
    assert all((photo.kind, style.kind) == ("photo", "style") for photo, style in pairs)
    assert len({style.name for _, style in pairs}) == len(pairs)
