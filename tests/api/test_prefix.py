"""Under a path of its own on a host that it shares."""

import re
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from jobs.fake_engine import FakeEngine
from starlette.testclient import TestClient

from api.conftest import Json
from nst.api.server import create_api
from nst.errors import Refusal
from nst.jobs.studio import Studio
from nst.settings import settings

HOST, PREFIX = "http://testserver", "/art/studio"


@pytest.fixture
def server(engine: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> FastAPI:
    monkeypatch.setenv("NST_PREFIX", PREFIX)
    settings.cache_clear()
    return create_api(Studio(settings(), engine.load))


@pytest.fixture
def client(server: FastAPI, engine: FakeEngine) -> Iterator[TestClient]:
    """A browser at the studio; a path without a host is below the prefix."""
    with TestClient(server, f"{HOST}{PREFIX}", raise_server_exceptions=False) as opened:
        yield opened
        engine.let_go()


def addresses(answer: object) -> Iterator[str]:
    """Every address in it."""
    if isinstance(answer, dict):
        for value in answer.values():
            yield from addresses(value)
    elif isinstance(answer, list):
        for value in answer:
            yield from addresses(value)
    elif isinstance(answer, str) and "/api/" in answer:
        yield answer


def test_every_address_that_is_told_leads_somewhere(client: TestClient, upload) -> None:
    picture = upload()
    found = [*addresses(picture), *addresses(client.get("/api/v1/samples").json())]
    assert len(found) > 10
    for address in found:
        assert address.startswith(f"{PREFIX}/api/v1/")
        assert client.get(HOST + address).status_code == 200, address


def test_a_painting_is_asked_for_and_fetched_under_the_prefix(client: TestClient, create) -> None:
    job: Json = create()
    assert "event: result" in client.get(f"/api/v1/jobs/{job['id']}/events").text
    done = client.get(f"/api/v1/jobs/{job['id']}").json()
    assert done["result"] == f"{PREFIX}/api/v1/jobs/{job['id']}/result.png"
    assert client.get(HOST + done["result"]).headers["content-type"] == "image/png"
    assert client.get(HOST + done["preview"]).status_code == 200


def test_a_proxy_may_take_the_prefix_off_itself(client: TestClient) -> None:
    for path in ("/healthz", "/api/v1/samples"):
        assert client.get(HOST + path).json() == client.get(path).json()


def test_the_cookie_goes_to_the_studio_alone(client: TestClient) -> None:
    assert f"Path={PREFIX}/;" in client.get("/api/v1/jobs").headers["set-cookie"]


def test_without_its_slash_the_prefix_leads_to_the_page(client: TestClient) -> None:
    answer = client.get(HOST + PREFIX, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (308, f"{PREFIX}/")


def test_a_path_that_only_begins_alike_is_another(client: TestClient) -> None:
    assert client.get(f"{HOST}{PREFIX}s/healthz").status_code == 404


def test_the_pages_of_camera_device_and_docs_ask_below_the_prefix(client: TestClient) -> None:
    """Their addresses are relative to the page's own."""
    for page in ("camera", "device", "docs"):
        text = client.get(f"/{page}").text
        found = re.findall(r'(?:src|href)="([^"#]+)"', text)
        assert found
        for address in found:
            assert not address.startswith("/"), address
            if address not in ("./", "camera", "device"):
                assert client.get(f"/{address}").status_code == 200, address
    assert client.get("/openapi.json").json()["servers"] == [{"url": PREFIX}]


@pytest.mark.parametrize("prefix", ["studio", "/studio/", "/", "//", "/a b", "/a?b"])
def test_a_prefix_that_cannot_be_is_refused(prefix: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NST_PREFIX", prefix)
    settings.cache_clear()
    with pytest.raises(Refusal, match="NST_PREFIX"):
        settings()
