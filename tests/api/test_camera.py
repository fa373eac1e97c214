"""The camera's websocket, spoken to as the page does, and its page."""

import io
import json
import re
from collections.abc import Callable
from contextlib import suppress
from threading import Event

import numpy as np
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from jobs.fake_engine import FakeEngine, wait_until
from jobs.fake_networks import FakeNetworks
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketDisconnected

from nst import images
from nst.api import camera, create_api
from nst.api.camera import BAD_CLIENT, FULL, REPLACED
from nst.api.security import FOREIGN
from nst.jobs.studio import Studio
from nst.settings import Settings, settings

ADDRESS = "/api/v1/camera"
ORIGIN = {"origin": "http://testserver"}
RED = (200, 0, 0)


@pytest.fixture
def networks() -> FakeNetworks:
    return FakeNetworks()


@pytest.fixture
def server(engine: FakeEngine, networks: FakeNetworks) -> FastAPI:
    few = Settings(data_dir=settings().data_dir, cameras=1)
    return create_api(Studio(few, engine.load, networks=networks.load))


@pytest.fixture
def look(client: TestClient, upload: Callable[..., dict]) -> str:
    red = images.encode_png(np.full((80, 80, 3), RED, np.uint8))
    return json.dumps({"styles": [{"image": upload(red)["id"]}]})


def frame(grey: int = 100, width: int = 64, height: int = 48) -> bytes:
    return images.encode_jpeg(np.full((height, width, 3), grey, np.uint8))


def painted(data: bytes) -> np.ndarray:
    return images.load(io.BytesIO(data))


def test_a_frame_comes_back_painted(client: TestClient, look: str) -> None:
    with client.websocket_connect(ADDRESS, headers=ORIGIN) as camera:
        camera.send_text(look)
        for size in ((64, 48), (48, 64), (384, 216)):
            camera.send_bytes(frame(100, *size))
            pixels = painted(camera.receive_bytes())
            assert pixels.shape[1::-1] == size
            assert pixels.reshape(-1, 3).mean(0) == pytest.approx(RED, abs=4)


def test_the_look_changes_between_two_frames(client: TestClient, look: str) -> None:
    with client.websocket_connect(ADDRESS) as camera:
        for strength, red in ((1.0, 200), (0.5, 150), (0.0, 100)):
            camera.send_text(json.dumps(json.loads(look) | {"strength": strength}))
            camera.send_bytes(frame())
            assert painted(camera.receive_bytes())[..., 0].mean() == pytest.approx(red, abs=4)


def test_another_look_may_come_while_a_frame_is_read(
    client: TestClient, look: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, leave = Event(), Event()
    read = camera._decoded

    def slowly(data: bytes) -> np.ndarray:
        begun.set()
        assert leave.wait(20)
        return read(data)

    monkeypatch.setattr(camera, "_decoded", slowly)
    with client.websocket_connect(ADDRESS) as film:
        film.send_text(look)
        film.send_bytes(frame())
        assert begun.wait(20)
        film.send_text(json.dumps(json.loads(look) | {"strength": 0.0}))
        film.send_text("no look")
        assert film.receive_json()["error"]["code"] == "invalid_request"  # so the one before is heard
        leave.set()
        assert painted(film.receive_bytes())[..., 0].mean() == pytest.approx(200, abs=4)


def test_frames_are_dropped_and_not_queued(
    client: TestClient, look: str, networks: FakeNetworks, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, leave = Event(), Event()
    paint = networks.paint

    def slowly(*given: np.ndarray) -> np.ndarray:
        begun.set()
        assert leave.wait(10)
        return paint(*given)

    monkeypatch.setattr(networks, "paint", slowly)
    with client.websocket_connect(ADDRESS) as camera:
        camera.send_text(look)
        camera.send_bytes(frame(width=40))
        assert begun.wait(10)
        for width in range(41, 100):
            camera.send_bytes(frame(width=width))
        camera.send_text("no look")  # answered as soon as all before it was read
        assert camera.receive_json()["error"]["code"] == "invalid_request"
        leave.set()
        assert [painted(camera.receive_bytes()).shape[1] for _ in range(2)] == [40, 99]
    assert [shape[1] for shape in networks.painted] == [40, 99]


@pytest.mark.parametrize(
    ("sent", "code", "field"),
    [
        ("{}", "invalid_request", "styles"),
        ("[]", "invalid_request", None),
        ("paint!", "invalid_request", None),
        ('{"styles": [], "strength": 2}', "invalid_request", "styles"),
        (b"no picture", "not_a_picture", "frame"),
        (b"", "not_a_picture", "frame"),
        (frame(width=800, height=40), "frame_too_large", "frame"),
        (bytes(1_000_001), "frame_too_large", "frame"),
    ],
)
def test_what_cannot_be_painted_is_told_and_the_next_frame_is(
    client: TestClient, look: str, sent: str | bytes, code: str, field: str | None
) -> None:
    with client.websocket_connect(ADDRESS) as camera:
        camera.send_text(look)
        camera.send_text(sent) if isinstance(sent, str) else camera.send_bytes(sent)
        error = camera.receive_json()["error"]
        assert (error["code"], error["field"]) == (code, field)
        assert error["message"].endswith(".")
        camera.send_bytes(frame())
        assert painted(camera.receive_bytes()).shape == (48, 64, 3)


def test_somebody_else_s_painting_is_not_there(client: TestClient, stranger: TestClient, look: str) -> None:
    stranger.get("/healthz")
    stranger.get("/api/v1/jobs")
    with stranger.websocket_connect(ADDRESS) as camera:
        camera.send_text(look)
        camera.send_bytes(frame())
        error = camera.receive_json()["error"]
        assert (error["code"], error["field"]) == ("not_found", "styles.0.image")


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://testserver:8050"])
def test_another_site_s_page_is_not_let_in(client: TestClient, look: str, origin: str) -> None:
    with (
        pytest.raises(WebSocketDisconnect) as closed,
        client.websocket_connect(ADDRESS, headers={"origin": origin}),
    ):
        pass
    assert closed.value.code == FOREIGN


def test_nobody_comes_in_without_a_cookie(client: TestClient, server: FastAPI) -> None:
    stranger = TestClient(server)
    with pytest.raises(WebSocketDisconnect) as closed, stranger.websocket_connect(ADDRESS):
        pass
    assert closed.value.code == BAD_CLIENT


def test_when_all_places_are_taken_it_is_said(client: TestClient, stranger: TestClient, look: str) -> None:
    stranger.get("/api/v1/jobs")
    with client.websocket_connect(ADDRESS):
        with stranger.websocket_connect(ADDRESS) as camera:
            assert camera.receive_json()["error"]["code"] == "cameras_full"
            with pytest.raises(WebSocketDisconnect) as closed:
                camera.receive_json()
        assert closed.value.code == FULL

    def can_come_in() -> bool:
        with stranger.websocket_connect(ADDRESS) as camera, suppress(KeyError):
            camera.send_text("{}")
            return camera.receive_json()["error"]["code"] == "invalid_request"

    wait_until(can_come_in)  # a moment after the other has gone


def test_a_second_window_takes_the_first_one_s_place(client: TestClient, look: str) -> None:
    with client.websocket_connect(ADDRESS) as first, client.websocket_connect(ADDRESS) as second:
        assert first.receive_json()["error"]["code"] == "replaced"
        with pytest.raises(WebSocketDisconnect) as closed:
            first.receive_json()
        assert closed.value.code == REPLACED
        second.send_text(look)
        second.send_bytes(frame())
        assert painted(second.receive_bytes()).shape == (48, 64, 3)


@pytest.mark.parametrize("kind", [WebSocketDisconnect, WebSocketDisconnected])
def test_who_is_gone_before_the_answer_is_no_fault(
    client: TestClient, look: str, monkeypatch: pytest.MonkeyPatch, kind: type[Exception]
) -> None:
    answered = Event()

    def gone(*_: object) -> None:
        answered.set()
        raise kind

    monkeypatch.setattr(WebSocket, "send_bytes", gone)
    with client.websocket_connect(ADDRESS) as camera:  # raises on leaving what the application raised
        camera.send_text(look)
        camera.send_bytes(frame())
        assert answered.wait(20)


def test_the_page_names_only_files_that_are_there(client: TestClient) -> None:
    page = client.get("/camera")
    assert page.status_code == 200
    assert "no-cache" in page.headers["cache-control"]
    named = set(re.findall(r'(?:src|href)="([^"#:]+)"', page.text)) - {"./"}
    assert len([name for name in named if "camera/shell/" in name]) >= 6
    for name in named:
        answer = client.get(f"/{name}")
        assert answer.status_code == 200, name
        if "/shell/" in name:
            assert "immutable" in answer.headers["cache-control"]
    scripts = [client.get(f"/{name}") for name in named if name.endswith("page.js")]
    for imported in re.findall(r'from "\./([\w-]+\.js)"', scripts[0].text):
        assert client.get(str(scripts[0].url).replace("page.js", imported)).status_code == 200


def test_the_page_offers_every_painting_of_the_gallery(client: TestClient) -> None:
    samples = client.get("/api/v1/samples").json()["samples"]
    wanted = [sample["name"] for sample in samples if sample["kind"] == "style"]
    assert re.findall(r'name="style" value="([\w-]+)"', client.get("/camera").text) == wanted
