import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from jobs.fake_engine import FakeEngine

from nst.jobs import studio as studio_module
from nst.jobs.models import Event, Job, JobSpec, StyleRef
from nst.jobs.studio import Studio
from nst.settings import settings

NOON = datetime(2030, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def job() -> Callable[..., Job]:
    def make(**known: object) -> Job:
        spec = JobSpec(content="photo", styles=[StyleRef(image="paint")])
        return Job(
            **{"id": "j1", "owner": "ada", "spec": spec, "state": "running", "steps": 300, "created": NOON}
            | known
        )

    return make


@pytest.fixture
def log() -> Callable[..., list[Event]]:
    """The step events of a run at one scale, a second a step."""

    def make(*numbers: int, steps: int = 300, first_seq: int = 1, **known: object) -> list[Event]:
        return [
            Event(job="j1", seq=seq, kind="step", created=NOON, data=_step(number, steps) | known)
            for seq, number in enumerate(numbers, first_seq)
        ]

    return make


def _step(number: int, steps: int) -> dict[str, object]:
    losses = {"total": 3.0 / number, "content": 1.0 / number, "style": 2.0 / number, "tv": 0.0}
    place = {"scale": 0, "scales": 1, "width": 64, "height": 48, "seconds": float(number)}
    place["seconds_left"] = float(steps - number) if number > 1 else None
    return {"step": number, "steps": steps, "losses": losses, **place}


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def studio(engine: FakeEngine) -> Iterator[Studio]:
    opened = Studio(settings(), engine.load)
    opened.start()
    yield opened
    engine.let_go()
    opened.close()


@pytest.fixture
def server(engine: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> FastAPI:
    """The whole application, painting with an engine that needs no TensorFlow."""
    monkeypatch.setattr(studio_module.Studio.__init__, "__defaults__", (engine.load,))
    from app import create_app

    return create_app(settings())


class Page:
    """A browser that knows the page's callbacks and fires them by the element that triggers them."""

    def __init__(self, client: TestClient) -> None:
        self.client = client
        client.get("/")
        self._callbacks = client.get("/_dash-dependencies").json()

    def fire(self, element: str | dict, prop: str, value: object, **known: object) -> dict:
        """What the page is told to set: element id -> properties. `known` are other elements' values."""
        trigger = _name(element)
        known = {name.replace("_", "-"): given for name, given in known.items()} | {trigger: value}
        told: dict = {}
        for callback in self._callbacks:
            if _listens(callback, trigger, prop):
                told |= self._call(callback, f"{trigger}.{prop}", known)
        return told

    def choose(self, button: dict, clicks: int | None = 1, **known: object) -> dict:
        """Click one of a family of buttons, whose callback listens to all of them; `known` as for `fire`."""
        callback = next(
            c for c in self._callbacks if any(_is_family(entry, button["type"]) for entry in c["inputs"])
        )
        entry = {"id": button, "property": "n_clicks", "value": clicks}
        known = {name.replace("_", "-"): given for name, given in known.items()}
        return self._call(callback, f"{_name(button)}.n_clicks", known, family=[entry])

    def _call(
        self, callback: dict, changed: str, known: dict[str, object], family: list | None = None
    ) -> dict:
        answer = self.client.post(
            "/_dash-update-component",
            json={
                "output": callback["output"],
                "outputs": _outputs(callback["output"]),
                "inputs": [family or _filled(entry, known) for entry in callback["inputs"]],
                "state": [_filled(entry, known) for entry in callback["state"]],
                "changedPropIds": [changed],
            },
        )
        if answer.status_code == 204:
            return {}
        assert answer.status_code == 200, answer.text
        body = answer.json()
        return body.get("response", {}) | body.get("sideUpdate", {})


def _name(element: str | dict) -> str:
    return element if isinstance(element, str) else json.dumps(element, sort_keys=True, separators=(",", ":"))


def _listens(callback: dict, element: str, prop: str) -> bool:
    inputs = [(entry["id"], entry["property"]) for entry in callback["inputs"]]
    return (element, prop) in inputs and not callback["clientside_function"]


def _is_family(entry: dict, kind: str) -> bool:
    return entry["id"].startswith("{") and json.loads(entry["id"])["type"] == kind


def _outputs(output: str) -> object:
    names = [name for name in output.strip(".").split("...") if "." in name]
    pairs = [name.rsplit(".", 1) for name in names]
    found = [{"id": element, "property": prop.split("@")[0]} for element, prop in pairs]
    return found if output.startswith("..") else (found[0] if found else [])


def _filled(entry: dict, known: dict[str, object]) -> object:
    if entry["id"].startswith("{"):
        return []  # nothing on the page matches the pattern
    return {"id": entry["id"], "property": entry["property"], "value": known.get(entry["id"])}


@pytest.fixture
def page(server: FastAPI, engine: FakeEngine) -> Iterator[Page]:
    with TestClient(server) as client:
        yield Page(client)
        engine.let_go()
