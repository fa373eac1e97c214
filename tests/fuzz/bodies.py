"""Bodies of requests that mean no good, to everything of the API that takes one."""

import http.client
import json
import re
import socket
from collections.abc import Callable
from typing import Any, NamedTuple

from hypothesis import given
from hypothesis import strategies as st
from jobs.fake_engine import PATIENCE

from fuzz.host import Host
from fuzz.strange import damaged, encoded, texts

KINDS = (
    *("application/json", "application/json", "application/json", "application/json; charset=utf-16"),
    *("APPLICATION/JSON", "application/merge-patch+json", "text/plain", "application/x-www-form-urlencoded"),
    *("multipart/form-data", "multipart/form-data; boundary=x", "multipart/form-data; boundary=" + "y" * 300),
    *("image/png", "", "/", "application/json; boundary", "é", "multipart/form-data; boundary=\x7f"),
)
CODES = re.compile(r"[a-z_]+")


class Request(NamedTuple):
    """`cut` is how many bytes of the body are left out at its end, though they were announced."""

    method: str
    path: str
    kind: str
    body: bytes
    is_chunked: bool
    cut: int


class Operation(NamedTuple):
    method: str
    path: str
    examples: list[Any]


def asking(host: Host) -> Callable[[], None]:
    """A property: whatever is sent, the answer is one of ours and comes in time."""
    found = operations(host)
    assert len(found) > 15

    @given(request=st.sampled_from(found).flatmap(requests))
    def ask(request: Request) -> None:
        check(host, request)

    return ask


def operations(host: Host) -> list[Operation]:
    """All that take a body, by the schema; with the ids of what is there."""
    paths = host.browser.get("/openapi.json").json()["paths"]
    return [
        Operation(method.upper(), _filled(path, host.known), _examples(operation, host.known))
        for path, methods in paths.items()
        for method, operation in methods.items()
        if method in ("post", "put", "patch")
    ]


def requests(operation: Operation) -> st.SearchStrategy[Request]:
    text = st.one_of(damaged(operation.examples), texts()) if operation.examples else texts()
    form = st.builds(
        _form, st.sampled_from(("file", "x", "")), st.sampled_from(("a.png", "\0", "../x")), st.binary()
    )
    return st.builds(
        Request,
        method=st.just(operation.method),
        path=st.just(operation.path),
        kind=st.sampled_from(KINDS),
        body=st.one_of(encoded(text), encoded(text), st.binary(max_size=2000), form),
        is_chunked=st.booleans(),
        cut=st.just(0) | st.integers(0, 100),
    )


def check(host: Host, request: Request) -> None:
    """Raise where the answer is a failure, or not in our shape, or there is none."""
    with socket.create_connection(host.address, timeout=PATIENCE) as connection:
        try:
            connection.sendall(_written(host, request))
            if request.cut:
                connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # refused before it had said everything; the answer is there
        answer = http.client.HTTPResponse(connection, method=request.method)
        try:
            answer.begin()
            body = answer.read()
        except (http.client.RemoteDisconnected, ConnectionResetError):
            assert request.cut, f"no answer to {request}"
        else:
            _check_answer(answer.status, answer.headers.get_content_type(), body, request)
    host.is_well()


def _check_answer(status: int, kind: str, body: bytes, request: Request) -> None:
    assert status < 500, (status, body, request)
    if status >= 400:
        assert kind == "application/json", (kind, request)
        problem = json.loads(body)["error"]
        assert problem.keys() == {"code", "message", "field"}, (problem, request)
        assert CODES.fullmatch(problem["code"]), (problem, request)
        assert problem["message"].endswith("."), (problem, request)
        assert "Traceback" not in problem["message"], (problem, request)


def _written(host: Host, request: Request) -> bytes:
    head = [
        f"{request.method} {request.path} HTTP/1.1",
        "Host: localhost",
        f"Cookie: {host.cookie}",
        "Connection: close",
    ]
    if request.kind:
        head.append(f"Content-Type: {request.kind}")
    body = request.body
    if request.is_chunked:
        head.append("Transfer-Encoding: chunked")
        half = len(body) // 2
        body = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:half], body[half:]) if part)
        body += b"0\r\n\r\n"
    else:
        head.append(f"Content-Length: {len(body)}")
    whole = "\r\n".join(head).encode("latin-1", "replace") + b"\r\n\r\n" + body
    return whole[: len(whole) - min(request.cut, len(body))]


def _form(name: str, file: str, data: bytes) -> bytes:
    """A form of the boundary `x`, as an upload is."""
    head = f'--x\r\nContent-Disposition: form-data; name="{name}"; filename="{file}"\r\n\r\n'
    return head.encode() + data + b"\r\n--x--\r\n"


def _filled(path: str, known: dict[str, str]) -> str:
    if "/video-jobs/" in path:
        known = known | {"job_id": known["video_job_id"]}
    return re.sub(r"{(\w+)}", lambda name: known[name[1]], path)


def _examples(operation: Any, known: dict[str, str]) -> list[Any]:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    return [_real(example["value"], known) for example in content.get("examples", {}).values()]


def _real(value: Any, known: dict[str, str], field: str = "") -> Any:
    """With the names of what is there."""
    if isinstance(value, dict):
        return {name: _real(one, known, name) for name, one in value.items()}
    if isinstance(value, list):
        return [_real(one, known, field.removesuffix("s")) for one in value]
    if field in ("size", "steps"):
        return 64
    return known.get(field, value) if isinstance(value, str) and field != "name" else value
