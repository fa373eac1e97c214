"""What OpenAPI is told beyond what types say: refusals, pictures, who may ask, and examples."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from fastapi.routing import APIRoute

from nst.api.clients import COOKIE
from nst.api.errors import ErrorAnswer, status_of
from nst.jobs.records.idempotency import FIELD as KEY

Responses = dict[int | str, dict[str, Any]]

_ERROR = {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorAnswer"}}}
_RETRY = {
    "Retry-After": {"description": "Seconds to wait before the next try.", "schema": {"type": "integer"}}
}
_CHALLENGE = {"WWW-Authenticate": {"schema": {"type": "string"}}}
_REPLAYED = {
    "Idempotent-Replayed": {
        "description": "That this was made by an earlier request with the same key.",
        "schema": {"type": "string", "const": "true"},
    }
}
_PART = {
    "Content-Range": {
        "description": "Where the part lies, such as `bytes 0-1023/4096`; for one beyond it, `bytes */4096`.",
        "schema": {"type": "string"},
    }
}
_HEADERS = {401: _CHALLENGE, 416: _PART, 429: _RETRY, 503: _RETRY, 507: _RETRY}
_RANGE = {
    "name": "Range",
    "in": "header",
    "required": False,
    "description": "For a part of the file; with `If-Range`, if that is the same. Others are ignored.",
    "schema": {"type": "string"},
    "example": "bytes=0-1023",
}
_SECURITY = {
    "cookie": {
        "type": "apiKey",
        "in": "cookie",
        "name": COOKIE,
        "description": "Comes with the first answer to whoever has none; browsers keep it.",
    },
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "For programs: from `POST /api/v1/tokens`. It acts for the client who made it.",
    },
}
_TAGS = {
    "images": "Pictures and masks, and what of them is selected.",
    "samples": "Pictures that come with the studio.",
    "jobs": "Paintings, from the queue to the wall.",
    "exports": "Paintings to take home.",
    "groups": "Many paintings that are asked for at once.",
    "events": "What happens, as it happens.",
    "videos": "Clips, and the jobs that paint them.",
    "previews": "Pictures in a moment.",
    "tokens": "For programs that act for you.",
    "studio": "What is taken here, and how long it takes.",
    "health": "Is it well?",
}
# What any request may be answered with, whatever it asks for.
_ANY = ("unknown_host", "internal_error")
_ANY_OF_THE_API = (
    "bad_token",
    "too_many_requests",
    "store_busy",
    "store_away",
    "store_damaged",
    "files_away",
    "closing",
)
_ANY_CHANGE = ("foreign_origin", "disk_full")
_ANY_JSON = ("not_json", "invalid_json", "bad_request", "request_too_large")


def refusals(*codes: str) -> Responses:
    """The errors of a route, by status, for `responses`."""
    by_status: defaultdict[int, list[str]] = defaultdict(list)
    for code in codes:
        by_status[status_of(code)].append(code)
    return {
        status: {"model": ErrorAnswer, "description": ", ".join(f"`{code}`" for code in codes)}
        for status, codes in by_status.items()
    }


def binary(*media_types: str, description: str = "The file.") -> Responses:
    """An answer that is no JSON, for `responses`."""
    content = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in media_types}
    return {200: {"description": description, "content": content}}


def stored(media_type: str) -> Responses:
    """A file of which a part can be asked for, for `responses`."""
    parts = binary(
        media_type, "multipart/byteranges", description="The part that `Range` asks for, or several."
    )
    return binary(media_type) | {206: parts[200]} | refusals("no_such_range")


def name_of(route: APIRoute) -> str:
    """The operation's name in clients that are made from the schema, such as `jobs_cancel`."""
    return f"{route.tags[0]}_{route.name}" if route.tags else route.name


def completed(schema: dict[str, Any], examples: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The schema with what holds for every operation. `examples` are requests and answers, by operation."""
    schema["components"]["securitySchemes"] = _SECURITY
    schema["security"] = [{}, *({name: []} for name in _SECURITY)]
    schema["tags"] = [{"name": name, "description": text} for name, text in _TAGS.items()]
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            _complete(operation, _common(path, method, operation))
            _exemplify(operation, examples.get(operation["operationId"], {}))
    return schema


def _common(path: str, method: str, operation: Mapping[str, Any]) -> list[str]:
    body = operation.get("requestBody", {}).get("content", {})
    asked = [
        parameter
        for parameter in operation.get("parameters", ())
        if parameter["in"] != "path" or parameter["schema"]["type"] != "string"
    ]
    codes = list(_ANY)
    if path.startswith("/api/"):
        codes += _ANY_OF_THE_API
    if method != "get":
        codes += _ANY_CHANGE
    if "application/json" in body:
        codes += _ANY_JSON
    if body or asked:
        codes += ["invalid_request"]
    if "{" in path:
        codes += ["not_found"]
    return codes


def _complete(operation: dict[str, Any], codes: list[str]) -> None:
    answers = operation["responses"]
    if (
        "422" in answers
        and not answers["422"]["description"].startswith("`")
        and "invalid_request" not in codes
    ):
        del answers["422"]  # it takes nothing that could be wrong
    for status, answer in refusals(*codes).items():
        known = answers.setdefault(str(status), {"description": "", "content": _ERROR})
        told = [known["description"]] if known["description"].startswith("`") else []
        more = [one for one in answer["description"].split(", ") if one not in "".join(told)]
        known["description"] = ", ".join([*told, *more])
    for wanted, headers in _HEADERS.items():
        if str(wanted) in answers:
            answers[str(wanted)]["headers"] = headers
    if "206" in answers:
        operation.setdefault("parameters", []).append(_RANGE)
    if any(parameter["name"] == KEY for parameter in operation.get("parameters", ())):
        answers["202"]["headers"] = _REPLAYED


def _exemplify(operation: dict[str, Any], examples: Mapping[str, Any]) -> None:
    if "request" in examples:
        operation["requestBody"]["content"]["application/json"]["examples"] = {
            name: {"summary": name, "value": value} for name, value in examples["request"].items()
        }
    if "answer" in examples:
        for status in ("200", "201", "202"):
            if status in operation["responses"]:
                operation["responses"][status]["content"]["application/json"]["example"] = examples["answer"]
