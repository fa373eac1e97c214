"""A painting's or a video's log as server-sent events, from any point on."""

import json
from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse
from starlette.responses import Response

from nst.api.shared import Client, TheStudio
from nst.jobs import metrics
from nst.jobs.models import Event

HEARTBEAT_SECONDS = 15.0

router = APIRouter(tags=["events"])


@router.get(
    "/video-jobs/{job_id}/events",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}}, 204: {"description": "There will be no more."}},
    name="follow_video",
)
@router.get(
    "/jobs/{job_id}/events",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}}, 204: {"description": "There will be no more."}},
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
        self._known: OrderedDict[tuple[str, int, int], str] = OrderedDict()

    def of(self, batch: Sequence[Event]) -> str:
        """An event never changes once it is in the log, so its number says it all."""
        key = batch[0].job, batch[0].seq, batch[-1].seq
        if key not in self._known:
            self._known[key] = "".join(map(_lines, batch))
            if len(self._known) > self.MOST:
                self._known.popitem(last=False)
        return self._known[key]


_texts = Texts()


def _lines(event: Event) -> str:
    return f"id: {event.seq}\nevent: {event.kind}\ndata: {json.dumps(event.data)}\n\n"
