import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient
from jobs.fake_engine import picture

from nst import images
from nst.api import errors

from .host import hosted

TOLD = (Path(__file__).resolve().parents[2] / "docs/api.md").read_text()
LOCAL = "http://localhost:8050"
# Told in words: of the camera's websocket, and of connections that never came to be a request.
ELSEWHERE = {"replaced", "request_timeout", "too_many_connections"}


def test_the_page_loads_everything_from_here_and_needs_no_inline_script(client: TestClient) -> None:
    page = client.get("/docs").text
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(addresses) == 3
    for address in addresses:
        assert not address.startswith(("http", "//"))
        assert client.get(f"/{address}").status_code == 200
    assert re.findall(r"<script[^>]*>([^<]*)</script>", page) == ["", ""]


def test_the_start_names_the_schema(client: TestClient) -> None:
    assert '"openapi.json"' in client.get("/docs/start.js").text
    assert client.get("/openapi.json").json()["info"]["title"] == "Pentimento"


def test_every_address_is_told_and_none_that_is_not_there(client: TestClient) -> None:
    table = TOLD[TOLD.index("| address |") : TOLD.index("Lists come in pages")]
    rows = "".join(re.findall(r"^\| (.*?) \|", table, re.M))
    told = set(re.findall(r"(/[a-z][\w/{}.-]*)", rows)) - {"/camera"}
    paths = client.get("/openapi.json").json()["paths"]
    assert told == {path.removeprefix("/api/v1") for path in paths if path.startswith("/api/")}


def test_every_error_is_told_with_its_status(client: TestClient) -> None:
    told: dict[str, set[int]] = {}
    for statuses, codes in re.findall(r"^\| ([\d, ]+) \| (.*) \|$", TOLD, re.M):
        for code in re.findall(r"`([a-z_]+)`", codes):
            told.setdefault(code, set()).update(map(int, statuses.split(", ")))
    real = dict(errors._STATUS)
    for operation in client.get("/openapi.json").json()["paths"].values():
        for method in operation.values():
            for status, answer in method["responses"].items():
                if status >= "400":
                    real |= {code: int(status) for code in re.findall(r"`([a-z_]+)`", answer["description"])}
    real.pop("checks", None)  # a field of /readyz
    assert {code for code in real if code not in told} <= ELSEWHERE
    for code, statuses in told.items():
        assert code not in real or real[code] in statuses, code


def block(language: str, number: int = 0) -> str:
    return re.findall(rf"```{language}\n(.*?)```", TOLD, re.S)[number]


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    for name in ("photo.jpg", "painting.jpg"):
        (tmp_path / name).write_bytes(picture())
    return tmp_path


def ran(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, env=os.environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_lines_of_shell_paint(pictures: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    for tool in ("curl", "jq"):
        if shutil.which(tool) is None:
            pytest.skip(f"this machine has no {tool}")
    with hosted(tmp_path_factory.mktemp("studio")) as address:
        lines = (block("sh") + block("sh", 2)).replace(LOCAL, address).replace('"size": 512', '"size": 64')
        told = ran(["bash", "-euo", "pipefail", "-c", lines], pictures)
    assert "event: result" in told
    assert '{"jobs":[' in told
    assert images.read_settings((pictures / "painting.png").read_bytes())["steps_done"] == 300


def test_the_lines_of_python_paint(pictures: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    with hosted(tmp_path_factory.mktemp("studio"), pace=0.005) as address:
        lines = block("python").replace(LOCAL, address).replace('"size": 512', '"size": 64')
        told = ran([sys.executable, "-c", lines], pictures)
    assert told.splitlines()[-1].startswith("300 of 300")
    settings = images.read_settings((pictures / "painting.png").read_bytes())
    assert settings["changes"][0]["options"] == {"style_weight": 3}


def test_the_lines_of_javascript_paint(pictures: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """In Node, which lacks a page's cookies and EventSource: both are stood in for."""
    if shutil.which("node") is None:
        pytest.skip("this machine has no Node")
    with hosted(tmp_path_factory.mktemp("studio")) as address:
        token = httpx.post(f"{address}/api/v1/tokens", json={"name": "node"}).json()["token"]
        around = f"""
            const headersOf = (more) => ({{ ...more, Authorization: "Bearer {token}" }});
            const plain = fetch;
            globalThis.fetch = (url, options = {{}}) =>
              plain("{address}" + url, {{ ...options, headers: headersOf(options.headers) }});
            globalThis.EventSource = class extends EventTarget {{
              constructor(url) {{ super(); this.read(url); }}
              async read(url) {{
                const text = await (await fetch(url)).text();
                for (const [, kind, data] of text.matchAll(/event: (\\w+)\\ndata: (.*)/g))
                  this.dispatchEvent(Object.assign(new Event(kind), {{ data }}));
              }}
              close() {{}}
            }};
            const file = () => new Blob([require("fs").readFileSync("photo.jpg")]);
            const seen = [];
            const paths = paint(file(), file(), (step) => seen.push(step.step));
            paths.then((result) => console.log(seen.length, result));
        """
        told = ran(["node", "-e", block("js") + around], pictures)
    assert re.fullmatch(r"300 /api/v1/jobs/\w+/result\.png\n", told)
