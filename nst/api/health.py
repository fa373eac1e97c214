"""Is the process alive; can it do its work."""

from asyncio import Task, create_task, shield
from collections.abc import Callable
from time import monotonic
from typing import Literal

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from pydantic import BaseModel

HOLDS = 0.5  # seconds that what was seen is told, however many ask
PARTS = ("store", "files", "queue", "worker", "engine", "server")

router = APIRouter(tags=["health"])


class Readiness(BaseModel):
    """Each of the `checks` is `ok`, or a word or a sentence about what is wrong."""

    status: Literal["ok", "unavailable"]
    checks: dict[str, str]


class Lookout:
    """One look serves all who ask while it goes on, or soon after: anybody may ask, as often as they like."""

    def __init__(self, look: Callable[[], dict[str, str]]) -> None:
        """`look` says what is wrong, and may wait for disk or database."""
        self._look = look
        self._looking: Task[dict[str, str]] | None = None
        self._holds_until = 0.0

    async def wrong(self) -> dict[str, str]:
        if self._looking is None or (self._looking.done() and monotonic() >= self._holds_until):
            self._looking = create_task(self._looked())
        return await shield(self._looking)  # of those who wait for it, one may go

    async def _looked(self) -> dict[str, str]:
        seen = await run_in_threadpool(self._look)
        self._holds_until = monotonic() + HOLDS
        return seen


@router.get("/healthz")
async def alive() -> dict[str, str]:
    """The process answers. Touches nothing."""
    return {"status": "ok"}


@router.get(
    "/readyz",
    response_model=Readiness,
    responses={503: {"model": Readiness, "description": "Something is wrong: `checks` says what."}},
)
async def ready(request: Request) -> JSONResponse:
    """Store, files, worker and engine are in order, and the engine is loaded: a job can start.

    A full queue is told, but is not a 503: the studio works, and its page can be seen.
    """
    lookout: Lookout = request.app.state.lookout
    wrong = dict(await lookout.wrong())
    if request.app.state.loop_watch.is_hopeless:
        wrong["server"] = "The server is asked for more than it can answer."
    checks = {part: wrong.get(part, "ok") for part in PARTS}
    is_ready = not wrong.keys() - {"queue"}
    answer = {"status": "ok" if is_ready else "unavailable", "checks": checks}
    return JSONResponse(answer, 200 if is_ready else 503, {"Cache-Control": "no-store"})
