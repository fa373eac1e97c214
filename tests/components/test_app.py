import re
import subprocess
import sys
from pathlib import Path

import pytest
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient
from jobs.fake_engine import picture
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocketDisconnect

FOREIGN = {"origin": "https://evil.example"}
ROOT = Path(__file__).resolve().parents[2]


def test_importing_the_app_loads_no_tensorflow_and_paints_nothing():
    probe = (
        "import sys, threading, app; "
        "print('tensorflow' in sys.modules, 'keras' in sys.modules, "
        "[t.name for t in threading.enumerate() if t.name == 'painter'])"
    )
    done = subprocess.run([sys.executable, "-c", probe], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False False []"


def test_painting_begins_and_ends_with_the_server(server):
    studio = server.state.studio
    assert not studio._worker.is_alive
    with TestClient(server):
        assert studio._worker.is_alive
    assert not studio._worker.is_alive


def test_api_and_page_share_a_port_and_unknown_api_addresses_are_json(page):
    assert page.client.get("/healthz").status_code == 200
    assert "text/html" in page.client.get("/").headers["content-type"]
    answer = page.client.get("/api/v1/nope")
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not_found"


def test_inline_scripts_run_only_if_they_are_the_pages_own(page):
    policy = page.client.get("/").headers["content-security-policy"]
    script_src = next(part for part in policy.split("; ") if part.startswith("script-src"))
    assert "'sha256-" in script_src
    assert "unsafe-inline" not in script_src


def test_nothing_is_changed_and_no_websocket_opened_for_a_page_of_another_site(server):
    """Over all routes, so that one that is added later is among them."""
    client = TestClient(server, raise_server_exceptions=False)
    tried = []
    for route in iter_route_contexts(server.routes):
        path = re.sub(r"\{[^}]*\}", "x", route.path)
        if isinstance(route.original_route, WebSocketRoute):
            with (
                pytest.raises(WebSocketDisconnect) as closed,
                client.websocket_connect(path, headers=FOREIGN),
            ):
                pass
            assert closed.value.code == 4403, path
            tried.append("websocket")
        for method in sorted({"POST", "PUT", "PATCH", "DELETE"} & set(getattr(route, "methods", None) or ())):
            answer = client.request(method, path, headers=FOREIGN)
            assert answer.status_code == 403, (method, path)
            assert answer.json()["error"]["code"] == "foreign_origin"
            tried.append(method)
    assert tried.count("websocket") == 2
    assert tried.count("POST") >= 15
    assert "DELETE" in tried


def test_two_apps_in_one_process_do_not_share_callbacks(server, engine):
    from app import create_app
    from nst.settings import settings

    second = create_app(settings())
    with TestClient(second) as client:
        assert len(client.get("/_dash-dependencies").json()) > 15


def test_words_travel_compressed_and_pictures_as_they_are(page):
    def encoding(path: str) -> str | None:
        answer = page.client.get(path, headers={"accept-encoding": "gzip"})
        assert answer.status_code == 200
        return answer.headers.get("content-encoding")

    for path in ("/assets/panels.css", "/assets/intake.js", "/_dash-layout", "/openapi.json"):
        assert encoding(path) == "gzip", path
    assert encoding("/api/v1/samples/wave.jpg") is None


def test_events_come_one_by_one_and_not_compressed(page):
    image = page.client.post("/api/v1/images", files={"file": ("a.png", picture())}).json()["id"]
    body = {"content": image, "styles": [{"image": image}], "options": {"size": 64, "steps": 2}}
    job = page.client.post("/api/v1/jobs", json=body).json()["id"]
    with page.client.stream(
        "GET", f"/api/v1/jobs/{job}/events", headers={"accept-encoding": "gzip"}
    ) as answer:
        assert "content-encoding" not in answer.headers
        assert any(line == "event: step" for line in answer.iter_lines())
