"""How news of a painting reaches the page.

Over a websocket one callback streams for as long as the page is open; it asks the page which painting to
follow, and thereby learns whether the page is still there. Where there is no websocket, or it fell silent,
a clock in the browser (assets/live.js) asks for the news over HTTP. Both read the job's log after the last
event they know, and both send numbers and addresses, never pictures.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict, replace

from dash import ClientsideFunction, Dash, Input, Output, State, ctx, dcc, html
from dash.exceptions import WebsocketDisconnected
from sqlalchemy.exc import SQLAlchemyError

from components import changes, following, ids, losses, opening, views
from components.reading import Reading, Step
from components.sending import notice, send
from components.views import Update
from nst.api.clients import current_client
from nst.api.signing import verify
from nst.errors import Refusal
from nst.jobs.models import Job
from nst.jobs.studio import Studio
from nst.jobs.troubles import of_storage

TICK = 0.2  # seconds between two looks at a painting under way
IDLE_TICK = 0.5  # and while nothing is under way
BEAT_EVERY = 2.0  # seconds between two signs of life
PAGE_TIMEOUT = 10.0  # seconds a page may take to answer before it counts as gone
CLOCK_MS = 2000

AskPage = Callable[[str, str], Awaitable[object]]


def layout(token: str) -> html.Div:
    return html.Div(
        [
            dcc.Store(id=ids.CLIENT_TOKEN, data=token),
            dcc.Store(id=ids.FEED_BEAT),
            dcc.Store(id=ids.FEED_POLL),
            dcc.Store(id=ids.FEED_CURSOR),
            dcc.Interval(id=ids.FEED_CLOCK, interval=CLOCK_MS),
        ],
        hidden=True,
    )


def register(app: Dash, studio: Studio) -> None:
    _register_stream(app, studio)
    _register_poll(app, studio)


def _register_stream(app: Dash, studio: Studio) -> None:
    # Neither Output nor Input: Dash then starts it with the page and again after each reconnection.
    @app.callback(websocket=True, persistent=True)
    async def stream():
        websocket = ctx.websocket
        if websocket is None:
            return

        async def ask(element: str, prop: str) -> object:
            return await websocket.get_prop(element, prop, timeout=PAGE_TIMEOUT)

        try:
            owner = verify(str(await ask(ids.CLIENT_TOKEN, "data")))
            await Feed(studio, owner, ask).run()
        except (TimeoutError, WebsocketDisconnected, Refusal):
            return  # the page is gone, or older than the studio's secret; the clock takes over


def _register_poll(app: Dash, studio: Studio) -> None:
    app.clientside_callback(
        ClientsideFunction("pentimento", "watchFeed"),
        Output(ids.FEED_POLL, "data"),
        Output(ids.DISCONNECTED, "hidden"),
        Input(ids.FEED_CLOCK, "n_intervals"),
        Input(ids.FEED_BEAT, "data"),
    )

    @app.callback(
        Input(ids.FEED_POLL, "data"),
        State(ids.JOB, "data"),
        State(ids.FEED_CURSOR, "data"),
        prevent_initial_call=True,
    )
    async def poll(asked, job_id, cursor):
        send({ids.FEED_BEAT: {"data": asked}})
        if job_id is None:
            return
        before = resumed(cursor, job_id)
        try:
            job, reading = await asyncio.to_thread(look, studio, current_client(), before)
        except Refusal:
            send(opening.lost())
        except (OSError, SQLAlchemyError) as error:
            send(_silent(error))
        else:
            send(
                {**news(job, before, reading), ids.FEED_CURSOR: {"data": asdict(replace(reading, points=()))}}
            )


class Feed:
    """One page's stream."""

    def __init__(self, studio: Studio, owner: str, ask: AskPage) -> None:
        self._studio = studio
        self._owner = owner
        self._ask = ask
        self._reading: Reading | None = None
        self._sent: Update = {}
        self._is_over = True

    async def run(self) -> None:
        """Follow whatever painting the page shows, until the page no longer answers (`TimeoutError`)."""
        clock = asyncio.get_running_loop().time
        beat = float("-inf")
        while True:
            await self._turn_to(await self._ask(ids.JOB, "data"))
            if clock() - beat >= BEAT_EVERY:
                beat = clock()
                send({ids.FEED_BEAT: {"data": beat}})
            await asyncio.sleep(IDLE_TICK if self._is_over else TICK)

    async def _turn_to(self, job_id: object) -> None:
        """Tell the news of this painting; once it is over there are none."""
        if not isinstance(job_id, str):
            if self._reading is not None:
                send(views.EMPTY)  # again: news may have been on its way while the page was cleared
            self._reading, self._is_over = None, True
            return
        if self._reading is None or self._reading.job != job_id:
            self._reading, self._sent, self._is_over = Reading(job_id), {}, False
        if self._is_over:
            return
        before = self._reading
        try:
            job, self._reading = await asyncio.to_thread(look, self._studio, self._owner, before)
        except Refusal:
            self._reading, self._is_over = None, True
            send(opening.lost())
            return
        except (OSError, SQLAlchemyError) as error:
            said = _silent(error)
            send(said)
            self._sent |= said
            await asyncio.sleep(BEAT_EVERY)
            return
        self._is_over = job.is_finished
        update = news(job, before, self._reading)
        send({element: value for element, value in update.items() if self._sent.get(element) != value})
        self._sent |= update


def _silent(error: Exception) -> Update:
    """What to say of a painting that cannot be looked after now. Raises what is no trouble of the storage."""
    refusal = of_storage(error)
    if refusal is None:
        raise error
    return {ids.DETAIL: {"children": refusal.message}}


def look(studio: Studio, owner: str, reading: Reading) -> tuple[Job, Reading]:
    """The job's present state, and its log up to now.

    The job is read first: when it says that it is finished, all of its events are in the log already.
    """
    job = studio.job(owner, reading.job)
    while events := studio.events(owner, reading.job, after=reading.after):
        reading = reading.advanced(events)
    return job, reading


def news(job: Job, before: Reading, reading: Reading) -> Update:
    """What changes on the page between two readings: the whole graph at first, then only its new points."""
    update = views.painting(job, reading)
    update[ids.HISTORY_STAMP] = {"data": [job.id, job.state]}
    update |= losses.changed(job)
    update |= following.told(job)
    if before.after and reading.refused != before.refused and reading.refused is not None:
        update |= notice(reading.refused[1])
    if before.last is None:
        update[ids.LOSSES_PLACE] = {"children": losses.graph(reading.points, changes.told(job))}
    elif reading.points != before.points:
        update[ids.LOSSES_POINTS] = {"data": losses.points(job.id, reading.points_since(before))}
    return update


def resumed(cursor: dict | None, job_id: str) -> Reading:
    """The reading that the page kept since it last asked, if it was of this painting."""
    if not cursor or cursor["job"] != job_id:
        return Reading(job_id)
    last, refused = cursor["last"], cursor["refused"]
    return Reading(
        job_id, cursor["after"], Step(**last) if last else None, refused=tuple(refused) if refused else None
    )
