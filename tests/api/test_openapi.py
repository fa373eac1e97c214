"""Whoever reads /openapi.json alone knows all of the API."""

from collections.abc import Iterator

import jsonschema
import pytest
from fastapi.testclient import TestClient

from .conftest import Json

Operation = tuple[str, str, Json]


@pytest.fixture
def schema(client: TestClient) -> Json:
    return client.get("/openapi.json").json()


@pytest.fixture
def operations(schema: Json) -> list[Operation]:
    return list(_operations(schema))


def _operations(schema: Json) -> Iterator[Operation]:
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def test_every_operation_has_a_name_of_its_own_and_says_what_it_does(operations: list[Operation]) -> None:
    names = [operation["operationId"] for _, _, operation in operations]
    assert len(set(names)) == len(names) > 50
    for _, path, operation in operations:
        assert operation["description"].endswith("."), path
        assert operation["tags"], path


def test_every_error_has_our_shape_and_names_its_codes(operations: list[Operation]) -> None:
    shape = {"$ref": "#/components/schemas/ErrorAnswer"}
    for method, path, operation in operations:
        answers = operation["responses"]
        errors = {status: answer for status, answer in answers.items() if status >= "400"}
        for status, answer in errors.items():
            if (path, status) == ("/readyz", "503"):
                continue
            assert answer["content"]["application/json"]["schema"] == shape, (method, path, status)
            assert answer["description"].startswith("`"), (method, path, status)
        if path.startswith("/api/"):
            assert {"401", "421", "500", "503"} <= errors.keys(), (method, path)
            assert ("403" in errors) == (method != "get"), (method, path)
            assert "{" not in path or "404" in errors, (method, path)
        if "429" in errors:
            assert "Retry-After" in errors["429"]["headers"], (method, path)


def test_every_answer_that_is_no_json_has_its_media_type(operations: list[Operation]) -> None:
    endings = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp"}
    endings |= {"zip": "application/zip", "mp4": "video/mp4", "/events": "text/event-stream"}
    seen = 0
    for method, path, operation in operations:
        for ending, kind in endings.items():
            if path.endswith(ending) and method == "get":
                assert list(operation["responses"]["200"]["content"]) == [kind], path
                seen += 1
    assert seen >= 13


def test_who_may_ask_is_told(schema: Json) -> None:
    schemes = schema["components"]["securitySchemes"]
    assert (schemes["cookie"]["in"], schemes["cookie"]["name"]) == ("cookie", "nst_client")
    assert schemes["token"]["scheme"] == "bearer"
    assert schema["security"] == [{}, {"cookie": []}, {"token": []}]


def test_headers_are_told(operations: list[Operation]) -> None:
    taken = {
        (method, path): {
            one["name"].lower() for one in operation.get("parameters", ()) if one["in"] == "header"
        }
        for method, path, operation in operations
    }
    for path in ("jobs", "groups", "video-jobs", "jobs/{job_id}/continue"):
        assert taken["post", f"/api/v1/{path}"] == {"idempotency-key"}
    assert taken["get", "/api/v1/jobs/{job_id}/events"] == {"last-event-id"}
    in_parts = {path for method, path, operation in operations if "206" in operation["responses"]}
    assert len(in_parts) == 4
    for path in in_parts:
        assert taken["get", path] == {"range"}, path


def test_every_request_and_answer_in_json_has_an_example_that_is_right(
    schema: Json, operations: list[Operation]
) -> None:
    without = {"/healthz", "/readyz", "/api/v1/limits"}  # which need none: they are to be asked
    for method, path, operation in operations:
        if path in without:
            continue
        body = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if body is not None:
            assert body["examples"], (method, path)
            for example in body["examples"].values():
                check(schema, body["schema"], example["value"])
        for status, answer in operation["responses"].items():
            content = answer.get("content", {}).get("application/json")
            if content is not None and status < "400":
                assert "example" in content, (method, path)
                check(schema, content["schema"], content["example"])


def check(schema: Json, part: Json, example: object) -> None:
    whole = {**part, "components": schema["components"]}
    jsonschema.validate(example, whole, cls=jsonschema.Draft202012Validator)


def test_what_takes_nothing_has_no_error_about_it(schema: Json) -> None:
    assert "422" not in schema["paths"]["/api/v1/samples"]["get"]["responses"]
    assert "422" in schema["paths"]["/api/v1/jobs/{job_id}/stages/{step}.jpg"]["get"]["responses"]
