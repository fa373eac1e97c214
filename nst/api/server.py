"""The FastAPI application: routes, errors, and the guards around them. The dashboard joins it later."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI
from starlette.types import ASGIApp

from nst.api import (
    about,
    admin,
    camera,
    device,
    docs,
    errors,
    events,
    examples,
    exports,
    groups,
    health,
    images,
    jobs,
    metrics,
    previews,
    quotas,
    samples,
    selection,
    tokens,
    turns,
    videos,
)
from nst.api.bearer import Bearer
from nst.api.callbacks import CallbackBody
from nst.api.clients import ClientCookie
from nst.api.door import Door
from nst.api.head import Head
from nst.api.limits import BodyLimit
from nst.api.lingering import Lingering
from nst.api.loop import LoopWatch
from nst.api.measure import Measure, RouteName
from nst.api.openapi import completed, name_of
from nst.api.pace import WebsocketPace
from nst.api.pages import PageAddresses
from nst.api.password import Password
from nst.api.prefix import Prefix
from nst.api.rates import in_redis
from nst.api.security import Security
from nst.jobs.studio import Studio

VERSION = "1.0.0"
_SUMMARY = "Neural style transfer: two pictures in, a painting out, watched while it appears."
_DESCRIPTION = """\
1. `POST /api/v1/images` with each picture; keep the ids and the cookie.
2. `POST /api/v1/jobs` with the ids and options.
3. Follow `GET /api/v1/jobs/ID/events` (server-sent events) or ask `GET /api/v1/jobs/ID` now and then.
4. `GET /api/v1/jobs/ID/result.png`.

A client is known by its cookie `nst_client`, which comes with the first answer; what one client makes, no
other can see. Errors have one shape: `{"error": {"code", "message", "field"}}`.
"""


class Server(FastAPI):
    """FastAPI whose guards stay outermost, whatever else is added to the application afterwards."""

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            self.openapi_schema = completed(super().openapi(), examples.of_operations())
        return self.openapi_schema

    def build_middleware_stack(self) -> ASGIApp:
        named = RouteName(super().build_middleware_stack())
        inner = PageAddresses(CallbackBody(named), self.state.page_patterns)
        studio: Studio = self.state.studio
        settings = studio.settings
        redis = settings.redis_url.get_secret_value()
        shared = in_redis(redis) if redis else None
        bounded = quotas.by_client(BodyLimit(inner, *self.state.upload_limits), settings, shared)
        inside: ASGIApp = ClientCookie(bounded, studio.is_owner)
        if self.state.password is not None:
            inside = Door(inside, self.state.password, settings.prefix)
        known = Bearer(inside, studio.tokens.owner_of)
        reached = WebsocketPace(Head(quotas.by_address(known, settings, shared)))
        secured = Security(reached, self.state.script_hashes, settings.host_names)
        measured = Lingering(Measure(secured, settings.log_requests))
        return Prefix(measured, settings.prefix) if settings.prefix else measured


def create_api(studio: Studio) -> FastAPI:
    """The API on `studio`, which starts and stops with the application."""
    loop_watch = LoopWatch()

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await asyncio.to_thread(studio.start)
        watching = asyncio.create_task(loop_watch.run())
        try:
            yield
        finally:
            watching.cancel()
            await asyncio.to_thread(studio.close)

    server = Server(
        title="Pentimento",
        version=VERSION,
        summary=_SUMMARY,
        description=_DESCRIPTION,
        docs_url=None,  # docs.py serves the page without a content delivery network
        redoc_url=None,
        lifespan=lifespan,
        responses=errors.DOCUMENTED,
        servers=[{"url": studio.settings.prefix}] if studio.settings.prefix else None,
        generate_unique_id_function=name_of,
    )
    server.state.studio = studio
    server.state.loop_watch = loop_watch
    server.state.upload_limits = (studio.settings.max_upload_bytes, studio.settings.max_video_bytes)
    server.state.lines = turns.lines()
    server.state.lookout = health.Lookout(studio.health)
    private = studio.settings.password.get_secret_value()
    server.state.password = Password(private) if private else None
    server.state.script_hashes = []
    server.state.page_patterns = []
    errors.install(server)
    docs.install(server)
    device.install(server)
    camera.install(server)
    admin.install(server, studio)
    v1 = APIRouter(prefix="/api/v1")
    for resource in (
        images,
        selection,
        samples,
        jobs,
        exports,
        groups,
        events,
        videos,
        previews,
        camera,
        tokens,
        about,
    ):
        v1.include_router(resource.router)
    server.include_router(v1)
    server.include_router(health.router)
    server.include_router(metrics.router)
    errors.install_last_route(server, "/api", "/api/{rest:path}")
    return server


def serve_page(server: FastAPI, *patterns: str) -> None:
    """Answer with the page at paths that match a pattern, and with 404 at all that are still unknown.

    Call it once the page is at `/`, before the first request. The dashboard by itself would answer everything
    with its page.
    """
    server.state.page_patterns.extend(patterns)
    errors.install_last_route(server, "/{rest:path}")


def allow_scripts(server: FastAPI, hashes: Iterable[str]) -> None:
    """Let pages run the inline scripts with these hashes ('sha256-...' in quotes), and no others.

    Call it once the page is complete, before the first request: `allow_scripts(server, app.csp_hashes())`.
    Until then every inline script runs.
    """
    server.state.script_hashes.extend(hashes)
