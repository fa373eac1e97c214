import hashlib
import io
import json
import re
from pathlib import Path
from urllib.parse import urljoin

import pytest
from fastapi.testclient import TestClient
from PIL import Image

from nst.gallery.catalogue import styles

from .conftest import problem

ROOT = Path(__file__).resolve().parents[2]
PAGES = ["/device", "/device/offline"]


def kept(client: TestClient) -> dict:
    """What the service worker is told to keep."""
    script = client.get("/service-worker.js").text
    return json.loads(re.match(r"const KEPT = (\{.*\});\n", script)[1])


def policy(client: TestClient, path: str) -> str:
    return client.get(path).headers["content-security-policy"]


def test_the_studio_can_be_installed(client: TestClient) -> None:
    answer = client.get("/manifest.webmanifest")
    assert answer.headers["content-type"] == "application/manifest+json"
    manifest = answer.json()
    assert (manifest["display"], manifest["start_url"], manifest["scope"]) == ("standalone", "./", "./")
    assert {(icon["sizes"], icon["purpose"]) for icon in manifest["icons"]} == {
        ("192x192", "any"),
        ("512x512", "any"),
        ("512x512", "maskable"),
    }
    for icon in manifest["icons"]:
        picture = Image.open(io.BytesIO(client.get(f"/{icon['src']}").content))
        assert f"{picture.width}x{picture.height}" == icon["sizes"]
    assert client.get(f"/{manifest['shortcuts'][0]['url']}").status_code == 200


def test_everything_that_is_to_be_kept_is_there(client: TestClient) -> None:
    told = kept(client)
    files = told["shell"] + told["kit"]["files"]
    assert len(files) > 25
    for path in files:
        answer = client.head(f"/{path}")
        assert answer.status_code == 200, path
        assert "immutable" in answer.headers["cache-control"]
        assert "set-cookie" not in answer.headers
    assert [f"/{path}" for path in told["pages"]] == PAGES


def test_only_what_never_changes_is_kept(client: TestClient) -> None:
    """No answer of the API, no page of the dashboard, no asset whose address outlives its content."""
    told = kept(client)
    assert all(
        re.fullmatch(r"device/(shell|kit)/[0-9a-f]{16}/.+", path)
        for path in told["shell"] + told["kit"]["files"]
    )


@pytest.mark.parametrize("path", PAGES)
def test_the_pages_load_only_what_is_kept(client: TestClient, path: str) -> None:
    text = client.get(path).text
    base = re.search(r'<base href="([^"]+)"', text)
    root = urljoin(path, base[1] if base else "")
    found = re.findall(
        r'(?:<script[^>]* src|<img src|rel="(?:stylesheet|icon|apple-touch-icon)" href)="([^"]+)"', text
    )
    assert len(found) >= 5
    told = kept(client)
    assert {urljoin(root, one) for one in found} <= {
        f"/{one}" for one in told["shell"] + told["kit"]["files"]
    }
    assert "SHELL" not in text
    assert "KIT" not in text


def test_the_page_has_every_painting_of_the_gallery(client: TestClient) -> None:
    text = client.get("/device").text
    assert re.findall(r'name="style" value="([^"]+)"', text) == [style.name for style in styles()]
    assert text.count(" checked>") == 2  # one style, one size


@pytest.mark.parametrize("path", [*PAGES, "/service-worker.js", "/manifest.webmanifest"])
def test_a_new_version_is_seen_at_once(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.headers["cache-control"] == "public, no-cache"
    assert "set-cookie" not in answer.headers


def test_only_the_page_on_the_device_may_run_webassembly(client: TestClient) -> None:
    assert "'wasm-unsafe-eval'" in policy(client, "/device")
    worker = next(path for path in kept(client)["shell"] if path.endswith("painter-worker.js"))
    assert "'wasm-unsafe-eval'" in policy(client, f"/{worker}")
    for path in ("/healthz", "/docs", "/api/v1/samples", "/service-worker.js"):
        assert "wasm" not in policy(client, path)
    assert "'unsafe-eval'" not in policy(client, "/device")


def test_a_file_that_is_not_there_is_a_404_in_our_shape(client: TestClient) -> None:
    assert problem(client.get("/device/kit/0/secret"))["code"] == "not_found"
    assert problem(client.get("/device/kit/0/..%2f..%2fapp.py"))["code"] == "not_found"


def test_the_vendored_runtime_is_what_the_document_says(client: TestClient) -> None:
    """Checksums of the files as they were published; the one that is packed, as it arrives."""
    document = (ROOT / "docs" / "mobile.md").read_text()
    rows = dict(re.findall(r"^\| `assets/vendor/litert/([^`]+)` .*\| `([0-9a-f]{64})` \|$", document, re.M))
    assert len(rows) == 4
    runtime = {path.rpartition("/")[2]: path for path in kept(client)["kit"]["files"] if "/litert/" in path}
    assert {name.removesuffix(".gz") for name in rows} == set(runtime)
    for name, digest in rows.items():
        content = client.get(f"/{runtime[name.removesuffix('.gz')]}").content
        assert hashlib.sha256(content).hexdigest() == digest, name


def test_an_app_that_follows_the_document_finds_its_addresses(client: TestClient) -> None:
    document = (ROOT / "docs" / "mobile.md").read_text()
    said = {
        "/" + re.sub(r"\$\w+", "{}", path).strip("/") for path in re.findall(r'"(api/v1/[^"]+)"', document)
    }
    known = {re.sub(r"\{\w+\}", "{}", path) for path in client.get("/openapi.json").json()["paths"]}
    assert len(said) >= 7
    assert said <= known


def test_an_app_that_follows_the_document_knows_the_fields_of_our_answers(client: TestClient) -> None:
    document = (ROOT / "docs" / "mobile.md").read_text()
    schemas = client.get("/openapi.json").json()["components"]["schemas"]
    for told, ours in {
        "Picture": "ImageAnswer",
        "Style": "StyleRef",
        "Order": "JobSpec",
        "Look": "PreviewSpec",
        "Job": "JobAnswer",
    }.items():
        body = re.search(rf"data class {told}\((.*?)\)\n", document, re.S)[1]
        fields = set(re.findall(r"val (\w+):", body))
        assert fields
        schema = schemas.get(ours) or schemas[f"{ours}-Input"]
        assert fields <= schema["properties"].keys(), told
