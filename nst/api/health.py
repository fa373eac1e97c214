"""Is the process alive; can it do its work."""

from typing import Literal

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from nst.api.shared import TheStudio

PARTS = ("store", "files", "queue", "worker", "engine", "server")

router = APIRouter(tags=["health"])


class Readiness(BaseModel):
    """Each of the `checks` is `ok`, or a word or a sentence about what is wrong."""

    status: Literal["ok", "unavailable"]
    checks: dict[str, str]


@router.get("/healthz")
async def alive() -> dict[str, str]:
    """The process answers. Touches nothing."""
    return {"status": "ok"}


@router.get(
    "/readyz",
    response_model=Readiness,
    responses={503: {"model": Readiness, "description": "Something is wrong: `checks` says what."}},
)
def ready(request: Request, studio: TheStudio) -> JSONResponse:
    """Store, files, worker and engine are in order, and the engine is loaded: a job can start.

    A full queue is told, but is not a 503: the studio works, and its page can be seen.
    """
    wrong = studio.health()
    if request.app.state.loop_watch.is_hopeless:
        wrong["server"] = "The server is asked for more than it can answer."
    checks = {part: wrong.get(part, "ok") for part in PARTS}
    is_ready = not wrong.keys() - {"queue"}
    answer = {"status": "ok" if is_ready else "unavailable", "checks": checks}
    return JSONResponse(answer, 200 if is_ready else 503, {"Cache-Control": "no-store"})
