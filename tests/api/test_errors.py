import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from nst.api import errors
from nst.errors import Refusal

from .conftest import problem


@pytest.mark.parametrize(
    "path", ["/api", "/api/", "/api/v1", "/api/v1/nope", "/api/v2/jobs", "/api/v1/jobs/a/b/c"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_an_unknown_address_is_a_json_404(client: TestClient, method: str, path: str) -> None:
    answer = client.request(method, path)
    assert answer.status_code == 404
    assert problem(answer)["code"] == "not_found"


def test_the_last_route_comes_before_one_that_takes_everything(server: FastAPI) -> None:
    """As the dashboard's does, which joins later."""

    @server.get("/{path:path}")
    async def page() -> str:
        return "page"

    client = TestClient(server)
    assert client.get("/anything").json() == "page"
    assert client.get("/api/v1/nope").status_code == 404
    assert client.get("/api/v1/jobs/x/cancel").status_code == 405
    assert problem(client.get("/api/v1/jobs/x/cancel"))["code"] == "method_not_allowed"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/api/v1/jobs/x", "DELETE, GET, HEAD, PATCH"),
        ("PUT", "/api/v1/jobs", "GET, HEAD, POST"),
        ("GET", "/api/v1/preview", "POST"),
        ("DELETE", "/api/v1/samples", "GET, HEAD"),
    ],
)
def test_an_unknown_method_is_a_json_405(client: TestClient, method: str, path: str, allowed: str) -> None:
    answer = client.request(method, path)
    assert answer.status_code == 405
    assert answer.headers["allow"] == allowed
    assert problem(answer)["code"] == "method_not_allowed"


def test_a_failure_of_ours_shows_no_trace(server: FastAPI) -> None:
    @server.get("/broken")
    def broken() -> None:
        raise ZeroDivisionError("secret detail")

    answer = TestClient(server, raise_server_exceptions=False).get("/broken")
    assert answer.status_code == 500
    assert problem(answer)["code"] == "internal_error"
    assert "secret" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_refusal_without_a_status_of_its_own_is_a_422(server: FastAPI) -> None:
    @server.get("/refused")
    def refuse() -> None:
        raise Refusal("something_new", "No.", "steps")

    answer = TestClient(server).get("/refused")
    assert answer.status_code == 422
    assert problem(answer) == {"code": "something_new", "message": "No.", "field": "steps"}


def test_the_schema_documents_our_shape_of_error(client: TestClient) -> None:
    schema = client.get("/openapi.json").json()
    create = schema["paths"]["/api/v1/jobs"]["post"]["responses"]
    assert create["422"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/ErrorAnswer"
    }
    assert "HTTPValidationError" not in schema["components"]["schemas"]
    assert not any("rest" in path for path in schema["paths"])


@pytest.mark.parametrize("code", [code for code, status in errors._STATUS.items() if status == 429])
def test_who_asks_too_much_is_told_when_to_come_back(code: str) -> None:
    answer = errors.refused(Refusal(code, "Too much."))
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0
