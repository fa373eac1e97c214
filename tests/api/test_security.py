import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from nst.api import allow_scripts

from .conftest import problem

HOST = "testserver"


@pytest.mark.parametrize("path", ["/healthz", "/docs", "/api/v1/nope", "/api/v1/jobs", "/openapi.json"])
def test_every_answer_is_guarded(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["x-frame-options"] == "SAMEORIGIN"
    assert headers["cross-origin-opener-policy"] == headers["cross-origin-resource-policy"] == "same-origin"
    assert "camera=(self)" in headers["permissions-policy"]
    assert "microphone=()" in headers["permissions-policy"]
    assert "strict-transport-security" not in headers
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'self'"
    assert policy["frame-ancestors"] == "'self'"
    assert policy["object-src"] == "'none'"
    assert "http" not in headers["content-security-policy"]


def test_who_came_over_https_comes_so_again(server: FastAPI) -> None:
    answer = TestClient(server, base_url="https://paint.example").get("/healthz")
    assert answer.headers["strict-transport-security"].startswith("max-age=31536000")


def test_once_scripts_are_named_no_others_run(server: FastAPI) -> None:
    client = TestClient(server)
    assert "script-src 'self' 'unsafe-inline';" in client.get("/healthz").headers["content-security-policy"]
    allow_scripts(server, ["'sha256-abc='", "'sha256-def='"])
    assert (
        "script-src 'self' 'sha256-abc=' 'sha256-def=';"
        in client.get("/healthz").headers["content-security-policy"]
    )


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": f"http://{HOST}.evil.example"},
        {"origin": f"http://{HOST}:8050"},
        {"origin": f"http://evil.example@{HOST}:99999"},
        {"origin": ""},
        {"sec-fetch-site": "cross-site"},
    ],
)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/v1/images"),
        ("POST", "/api/v1/jobs"),
        ("DELETE", "/api/v1/jobs/x"),
        ("POST", "/api/v1/jobs/x/cancel"),
        ("POST", "/api/v1/samples/x"),
        ("PATCH", "/api/v1/jobs/x"),
    ],
)
def test_a_change_from_another_site_is_refused(
    client: TestClient, method: str, path: str, headers: dict
) -> None:
    answer = client.request(method, path, headers=headers)
    assert answer.status_code == 403
    assert problem(answer)["code"] == "foreign_origin"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("host", "headers"),
    [
        (HOST, {}),
        (HOST, {"origin": f"http://{HOST}"}),
        (HOST, {"origin": f"https://{HOST}"}),
        (HOST, {"origin": f"https://{HOST}:443", "sec-fetch-site": "same-origin"}),
        ("localhost:8050", {"origin": "http://localhost:8050"}),
        ("[::1]:8050", {"origin": "http://[::1]:8050"}),
        ("Paint.Example", {"origin": "https://paint.example"}),
    ],
)
def test_a_change_from_our_own_page_or_a_program_is_carried_out(
    client: TestClient, host: str, headers: dict
) -> None:
    answer = client.post("/api/v1/samples/nothing", headers={"host": host, **headers})
    assert answer.status_code == 404


def test_reading_is_free(client: TestClient) -> None:
    assert client.get("/api/v1/jobs", headers={"origin": "https://evil.example"}).status_code == 200
