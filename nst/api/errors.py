"""One shape for everything that goes wrong: `{"error": {"code", "message", "field"}}`."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.routing import Match

from nst.errors import Refusal
from nst.jobs.troubles import in_short, of_storage

log = logging.getLogger(__name__)

# Refusals not named here are about what was sent: 422.
_STATUS = {
    "bad_request": 400,
    "bad_token": 401,
    "unknown_host": 421,
    "internal_error": 500,
    "not_a_picture": 415,
    "not_a_video": 415,
    "unknown_codec": 415,
    "no_such_range": 416,
    "file_too_large": 413,
    "quota_full": 413,
    "request_too_large": 413,
    "broken_upload": 400,
    "not_found": 404,
    "already_finished": 409,
    "not_running": 409,
    "not_finished": 409,
    "no_result": 409,
    "too_many_changes": 409,
    "too_many_videos": 409,
    "too_many_tokens": 409,
    "in_use": 409,
    "superseded": 409,
    "replaced": 409,
    "disk_full": 507,
    "store_busy": 503,
    "store_damaged": 503,
    "store_away": 503,
    "closing": 503,
    "weights_missing": 503,
    "weights_damaged": 503,
    "unfit_processor": 503,
    "files_away": 503,
    "no_painter": 503,
    "queue_full": 429,
    "too_many_requests": 429,
    "not_json": 415,
    "foreign_origin": 403,
    "needs_cookie": 403,
}
_HTTP = {
    400: ("bad_request", "The request could not be read."),
    404: ("not_found", "There is nothing at this address."),
    405: ("method_not_allowed", "This address does not know that method."),
    413: ("request_too_large", "The request is larger than is accepted."),
}
_PASSING = ("store_busy", "store_away", "files_away", "disk_full")
_RETRY_SECONDS = 30  # a place in the queue comes free as often as that, more or less
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_WORDS = {
    "missing": "is missing",
    "extra_forbidden": "is not known",
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "finite_number": "must be a finite number",
    "int_parsing": "must be a whole number",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "int_parsing_size": "is too large a number",
    "float_parsing": "must be a number",
    "float_type": "must be a number",
    "bool_parsing": "must be true or false",
    "string_type": "must be a text",
    "string_too_short": "needs at least {min_length} letters",
    "string_too_long": "takes at most {max_length} letters",
    "string_pattern_mismatch": "has a sign in it that cannot be there",
    "literal_error": "must be {expected}",
    "list_type": "must be a list",
    "too_short": "needs at least {min_length}",
    "too_long": "takes at most {max_length}",
    "model_attributes_type": "must be an object with named values",
    "model_type": "must be an object with named values",
    "not_live": "cannot change while the picture is painted",
    "one_or_two": "must have one or two options, and as many values each as you want to see",
    "of_one_photograph": "belongs to one photograph; many are painted as wholes, so leave it out",
    "batch_or_grid": "must have either “contents”, or “content” and “vary”",
    "no_weight": "need at least one weight above 0",
}


_NOT_JSON = Refusal("not_json", "Send the request as JSON, with the header “Content-Type: application/json”.")


class Problem(BaseModel):
    code: str
    message: str
    field: str | None = None


class ErrorAnswer(BaseModel):
    error: Problem


# Shown in /docs for every route, instead of FastAPI's own shape of a validation error.
DOCUMENTED: dict[int | str, dict[str, Any]] = {
    422: {"model": ErrorAnswer, "description": "Something that was sent is not right."}
}


def error_response(
    status: int, code: str, message: str, field: str | None = None, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    problem = {"code": code, "message": message, "field": field}
    return JSONResponse({"error": problem}, status, {"Cache-Control": "no-store", **(headers or {})})


def status_of(code: str) -> int:
    """The HTTP status that goes with an error's code."""
    return _STATUS.get(code, 422)


def refused(refusal: Refusal) -> JSONResponse:
    status = status_of(refusal.code)
    headers = {"Retry-After": str(_RETRY_SECONDS)} if status == 429 or refusal.code in _PASSING else None
    return error_response(status, refusal.code, refusal.message, refusal.field, headers)


def install(server: FastAPI) -> None:
    @server.exception_handler(Refusal)
    async def on_refusal(_request: Request, error: Refusal) -> JSONResponse:
        return refused(error)

    @server.exception_handler(RequestValidationError)
    async def on_invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        complaints = error.errors()
        if complaints[0]["type"] == "model_attributes_type" and not _is_json(request):
            return refused(_NOT_JSON)
        return _invalid(complaints)

    @server.exception_handler(HTTPException)
    async def on_http(_request: Request, error: HTTPException) -> JSONResponse:
        code, message = _HTTP.get(error.status_code, ("http_error", "The request cannot be answered."))
        return error_response(error.status_code, code, message, headers=error.headers)

    @server.exception_handler(OSError)
    @server.exception_handler(SQLAlchemyError)
    async def on_storage(_request: Request, error: Exception) -> JSONResponse:
        refusal = of_storage(error)
        if refusal is None:
            raise error
        log.error("disk or database refuse: %s: %s", refusal.code, in_short(error))
        return refused(refusal)

    @server.exception_handler(Exception)
    async def on_failure(request: Request, error: Exception) -> JSONResponse:
        # The server logs the traceback itself; the client gets none of it.
        log.error("%s %s failed: %s", request.method, request.url.path, type(error).__name__)
        return error_response(500, "internal_error", "Something went wrong in the studio. Please try again.")


def install_last_route(server: FastAPI, *paths: str) -> None:
    """Answer what no route so far does under these paths, before the dashboard's catch-all route can."""
    others = tuple(server.routes)

    async def nothing_here(request: Request) -> JSONResponse:
        allowed = _allowed(request, others)
        if allowed:
            raise HTTPException(405, headers={"Allow": ", ".join(sorted(allowed))})
        raise HTTPException(404)

    for path in paths:
        server.add_route(path, nothing_here, methods=list(_METHODS), include_in_schema=False)


def _allowed(request: Request, routes: Sequence[Any]) -> set[str]:
    """The methods that some route knows for this path."""
    known = {
        method
        for method in _METHODS
        if any(route.matches({**request.scope, "method": method})[0] is Match.FULL for route in routes)
    }
    return known | {"HEAD"} if "GET" in known else known


def _is_json(request: Request) -> bool:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))


def _invalid(errors: Sequence[Any]) -> JSONResponse:
    first = errors[0]
    kind, context = first["type"], first.get("ctx", {})
    if kind == "json_invalid":
        return error_response(422, "invalid_json", "The request is not valid JSON.")
    field = _field(first["loc"])
    words = _WORDS.get(kind, "is not right")
    message = f"{_spoken(field)} {words.format_map(context)}."
    return error_response(422, "invalid_request", message, field)


def _spoken(field: str | None) -> str:
    """`styles.0.weight` -> `Styles 1 weight`."""
    parts = [str(int(part) + 1) if part.isdecimal() else part for part in (field or "the request").split(".")]
    words = " ".join(parts).replace("_", " ")
    return words[:1].upper() + words[1:]


def _field(location: Sequence[str | int]) -> str | None:
    """`('body', 'options', 'steps')` -> `steps`: options go by the names they have everywhere."""
    parts = [str(part) for part in location]
    if parts and parts[0] in ("body", "query", "path", "header", "cookie"):
        del parts[0]
    if len(parts) > 1 and parts[0] == "options":
        del parts[0]
    # A client can send any name at all, and even one that is no valid text.
    return ".".join(parts).encode("utf-8", "replace").decode()[:100] or None
