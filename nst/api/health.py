"""Is the process alive; can it do its work."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from nst.api.shared import TheStudio

router = APIRouter(tags=["health"])


@router.get("/healthz")
async def alive() -> dict[str, str]:
    """The process answers. Touches nothing."""
    return {"status": "ok"}


@router.get("/readyz", responses={503: {"description": "Something is wrong: `checks` says what."}})
def ready(studio: TheStudio) -> JSONResponse:
    """Store, files, queue, worker and engine are in order."""
    wrong = studio.health()
    checks = {part: wrong.get(part, "ok") for part in ("store", "files", "queue", "worker", "engine")}
    answer = {"status": "unavailable" if wrong else "ok", "checks": checks}
    return JSONResponse(answer, 503 if wrong else 200, {"Cache-Control": "no-store"})
