"""A painting's or a video's log as server-sent events, from any point on."""

import json
from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse
from starlette.responses import Response

from nst.api.openapi import Responses
from nst.api.shared import Client, TheStudio
from nst.jobs import metrics
from nst.jobs.models import Event

HEARTBEAT_SECONDS = 15.0

router = APIRouter(tags=["events"])

_EXAMPLE = """\
id: 1
event: state
data: {"state": "queued"}

id: 2
event: state
data: {"state": "running"}

id: 3
event: step
data: {"step": 1, "steps": 300, "scale": 0, "scales": 4, "width": 64, "height": 48, "seconds": 0.2, \
"seconds_left": null, "losses": {"total": 9.1, "content": 0.0, "style": 9.0, "tv": 0.1}}

id: 4
event: preview
data: {"seq": 1}

"""
_EVENT = {
    "type": "object",
    "required": ["id", "event", "data"],
    "properties": {
        "id": {"type": "string", "pattern": "^[0-9]+$"},
        "event": {"enum": ["state", "step", "change", "preview", "result"]},
        "data": {"type": "string", "contentMediaType": "application/json"},
    },
}
_STREAM: Responses = {
    200: {
        "description": "`state` (with `error` when it failed), `step`, `change` (`step`, `changed`, and "
        "`refused` when it could not be made), `preview` (there is a new picture), `result` (the result is "
        "there). In silence a comment comes every 15 seconds.",
        "content": {"text/event-stream": {"schema": _EVENT, "example": _EXAMPLE}},
    },
    204: {"description": "There will be no more: the job is finished, and you have all of it."},
}


@router.get(
    "/video-jobs/{job_id}/events",
    response_class=StreamingResponse,
    responses=_STREAM,
    name="follow_video",
)
@router.get(
    "/jobs/{job_id}/events",
    response_class=StreamingResponse,
    responses=_STREAM,
)
async def follow(
    request: Request,
    studio: TheStudio,
    client: Client,
    job_id: str,
    after: Annotated[int, Query(ge=0, description="Only events with larger numbers.")] = 0,
    last_event_id: Annotated[str | None, Header(description="As `after`; browsers send it.")] = None,
) -> Response:
    """Events as they happen: `id` only grows, `event` is a kind of news, `data` is JSON.

    The stream ends when the painting is finished. Asked for what comes after that, the answer is 204, upon
    which a browser's EventSource stops asking.
    """
    if last_event_id is not None and last_event_id.isascii() and last_event_id.isdigit():
        after = int(last_event_id[:18])
    is_finished = await run_in_threadpool(studio.is_finished, client, job_id)
    if after and is_finished and not await run_in_threadpool(studio.events, client, job_id, after, 1):
        return Response(status_code=204)

    async def stream() -> AsyncIterator[str]:
        with metrics.EVENT_STREAMS.track_inprogress():
            async for batch in studio.follow(client, job_id, after, quiet=HEARTBEAT_SECONDS):
                yield _texts.of(batch) if batch else ": still here\n\n"

    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(stream(), media_type="text/event-stream", headers=headers)


class Texts:
    """Batches of events as they are sent: written out once, however many follow the same job."""

    MOST = 64

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, int, int, int], str] = OrderedDict()

    def of(self, batch: Sequence[Event]) -> str:
        """An event never changes while it is in the log, so the numbers and the count say it all."""
        key = batch[0].job, batch[0].seq, batch[-1].seq, len(batch)
        if key not in self._known:
            self._known[key] = "".join(map(_lines, batch))
            if len(self._known) > self.MOST:
                self._known.popitem(last=False)
        return self._known[key]


_texts = Texts()


def _lines(event: Event) -> str:
    return f"id: {event.seq}\nevent: {event.kind}\ndata: {json.dumps(event.data)}\n\n"
