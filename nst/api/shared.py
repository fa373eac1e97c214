"""What every resource needs: the studio, who asks, and how long an answer may be kept."""

from typing import Annotated

from fastapi import Depends, Query, Request

from nst import logs
from nst.api.clients import current_client
from nst.jobs.ids import is_id
from nst.jobs.studio import Studio
from nst.settings import settings

# A picture under its own id never changes; only its owner's browser may keep it.
FOREVER = {"Cache-Control": "private, max-age=31536000, immutable"}
ASK_AGAIN = {"Cache-Control": "private, no-cache"}


def address(path: str) -> str:
    """Where something of the API is, as its answers tell it."""
    return f"{settings().prefix}/api/v1/{path}"


async def _studio(request: Request) -> Studio:
    studio: Studio = request.app.state.studio
    return studio


async def _client(request: Request) -> str:
    logs.client.set(client := current_client())
    job = request.path_params.get("job_id", "")
    if is_id(job):  # whatever else it is, somebody typed it
        logs.job_id.set(job)
    return client


TheStudio = Annotated[Studio, Depends(_studio)]
Client = Annotated[str, Depends(_client)]
Limit = Annotated[int, Query(ge=1, le=100, description="How many at most.")]
Before = Annotated[str | None, Query(description="Where the page begins: the `next` of the one before it.")]
