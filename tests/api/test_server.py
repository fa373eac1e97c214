from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from fastapi.testclient import TestClient
from jobs.fake_engine import wait_until
from starlette.types import ASGIApp, Receive, Scope, Send

from nst.api import serve_page

from .conftest import problem


class Rude:
    """A middleware that reads everything and answers by itself, added after the API was made."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"mine"})


def test_the_guards_stay_outermost(server: FastAPI) -> None:
    server.add_middleware(Rude)
    with TestClient(server) as client:
        answer = client.get("/")
        assert answer.text == "mine"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "set-cookie" in answer.headers
        assert client.post("/", content=bytes(2_000_000)).status_code == 413
        assert client.post("/", headers={"origin": "https://evil.example"}).status_code == 403


def test_the_page_answers_at_its_own_addresses_and_nowhere_else(server: FastAPI) -> None:
    @server.get("/")
    async def page() -> HTMLResponse:
        return HTMLResponse("<p>page")

    serve_page(server, "/jobs/[^/]+")

    @server.get("/{path:path}")
    async def dashboard() -> str:
        return "the catch-all of a dashboard"

    client = TestClient(server)
    for path in ("/", "/jobs/abc", "/jobs/%3Cscript%3E"):
        assert client.get(path).text == "<p>page"
        assert client.head(path).status_code == 200
    for path in ("/metrics", "/jobs", "/jobs/a/b", "/favicon.ico", "/wp-login.php", "/healthz/x"):
        answer = client.get(path)
        assert answer.status_code == 404, path
        assert problem(answer)["code"] == "not_found"
    assert client.post("/healthz").status_code == 405


def test_the_studio_lives_as_long_as_the_server(server: FastAPI) -> None:
    for _ in range(2):
        with TestClient(server) as client:
            wait_until(lambda: client.get("/readyz").json()["checks"]["worker"] == "ok")
        after = TestClient(server)
        wait_until(
            lambda after=after: after.get("/readyz").json()["checks"]["worker"] == "Nobody is painting."
        )
