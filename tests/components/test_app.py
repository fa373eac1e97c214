import subprocess
import sys
from pathlib import Path

from fastapi.testclient import TestClient

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


def test_two_apps_in_one_process_do_not_share_callbacks(server, engine):
    from app import create_app
    from nst.settings import settings

    second = create_app(settings())
    with TestClient(second) as client:
        assert len(client.get("/_dash-dependencies").json()) > 15
