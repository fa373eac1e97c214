"""How news of a painting reaches the page.

Over a websocket one callback streams for as long as the page is open. The page tells it when it turns to
another painting, and is asked now and then all the same, which shows whether it is still there. All pages
that show one painting share one look at it (`components.broadcast`). Where there is no websocket, or it fell
silent, a clock in the browser (assets/live.js) asks for the news over HTTP. Both send numbers and addresses,
never pictures.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import ExitStack, suppress
from dataclasses import asdict, replace

from dash import ClientsideFunction, Dash, Input, Output, State, ctx, dcc, html
from dash.exceptions import WebsocketDisconnected
from sqlalchemy.exc import SQLAlchemyError

from components import ids, news, opening, views
from components.broadcast import Broadcast, Broadcasts
from components.reading import Reading, Step
from components.sending import send
from nst.api.clients import current_client
from nst.api.signing import verify
from nst.errors import Refusal
from nst.jobs.ids import new_id
from nst.jobs.models import Job
from nst.jobs.studio import Studio

BEAT_EVERY = 2.0  # seconds between two signs of life, and two questions to the page
PAGE_TIMEOUT = 10.0  # seconds a page may take to answer before it counts as gone
CLOCK_MS = 2000

AskPage = Callable[[str, str], Awaitable[object]]


def layout(token: str) -> html.Div:
    return html.Div(
        [
            dcc.Store(id=ids.CLIENT_TOKEN, data=token),
            dcc.Store(id=ids.FEED_NAME),
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
    broadcasts = Broadcasts(studio)
    feeds: dict[str, Feed] = {}  # by the name that each gave its page

    # Neither Output nor Input: Dash then starts it with the page and again after each reconnection.
    @app.callback(websocket=True, persistent=True)
    async def stream():
        websocket = ctx.websocket
        if websocket is None:
            return

        async def ask(element: str, prop: str) -> object:
            return await websocket.get_prop(element, prop, timeout=PAGE_TIMEOUT)

        name = new_id()
        try:
            owner = verify(str(await ask(ids.CLIENT_TOKEN, "data")))
            feeds[name] = Feed(broadcasts, owner, ask)
            send({ids.FEED_NAME: {"data": name}})
            await feeds[name].run()
        except (TimeoutError, WebsocketDisconnected, Refusal):
            return  # the page is gone, or older than the studio's secret; the clock takes over
        finally:
            feeds.pop(name, None)

    # Over the same websocket, and so to the process where the page's stream is.
    @app.callback(
        Input(ids.JOB, "data"), State(ids.FEED_NAME, "data"), websocket=True, prevent_initial_call=True
    )
    async def turn(job_id, name):
        if feed := feeds.get(str(name)):
            feed.turn(job_id)


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
            send(news.trouble(error))
        else:
            cursor = asdict(replace(reading, points=()))
            send({**news.between(before, job, reading), ids.FEED_CURSOR: {"data": cursor}})


class Feed:
    """One page's stream. It ends when the page no longer answers."""

    def __init__(self, broadcasts: Broadcasts, owner: str, ask: AskPage) -> None:
        self._broadcasts = broadcasts
        self._owner = owner
        self._ask = ask
        self._stir = asyncio.Event()
        self._turned: list[object] = []  # to what, as the page told by itself
        self._shown: str | None = None
        self._broadcast: Broadcast | None = None
        self._listening = ExitStack()
        self._told = 0  # the number of the news that the page has
        self._picture: object = None  # the address of the one that it shows
        self._picture_due: float | None = None  # when it may show a newer one, if there is one

    def turn(self, job_id: object) -> None:
        """The page shows another painting, or none."""
        self._turned.append(job_id)
        self._stir.set()

    async def run(self) -> None:
        """Follow whatever painting the page shows, until the page no longer answers (`TimeoutError`)."""
        clock = asyncio.get_running_loop().time
        with self._listening:
            while True:
                self._turn_to(await self._ask(ids.JOB, "data"))
                send({ids.FEED_BEAT: {"data": clock()}})
                with suppress(TimeoutError):
                    async with asyncio.timeout(BEAT_EVERY):
                        await self._tell_on()

    async def _tell_on(self) -> None:
        while True:
            self._stir.clear()
            for job_id in self._turned:
                self._turn_to(job_id)
            self._turned.clear()
            self._tell()
            await self._stir.wait()

    def _turn_to(self, job_id: object) -> None:
        shown = job_id if isinstance(job_id, str) else None
        if shown == self._shown:
            return
        self._leave()
        self._shown, self._told, self._picture, self._picture_due = shown, 0, None, None
        if shown is None:
            send(views.EMPTY)  # again: news may have been on its way while the page was cleared
        else:
            heard = self._broadcasts.heard(self._owner, shown, self._stir)
            self._broadcast = self._listening.enter_context(heard)

    def _tell(self) -> None:
        """Tell what the page does not know yet; once the painting is over there is no more."""
        if self._broadcast is None:
            return
        is_over = self._broadcast.is_over()
        if self._broadcast.number != self._told:
            send(self._broadcast.since(self._told))
            self._told = self._broadcast.number
        self._show(self._broadcast)
        if is_over:
            self._leave()

    def _show(self, broadcast: Broadcast) -> None:
        """The newest picture, if it is this page's turn to fetch it."""
        if broadcast.picture is None or broadcast.picture["src"] == self._picture:
            return
        loop, seconds = asyncio.get_running_loop(), broadcast.picture_seconds()
        if self._picture_due is None:
            self._picture_due = loop.time() + seconds
            loop.call_later(seconds, self._stir.set)
        if self._picture is None or not seconds or loop.time() >= self._picture_due:
            send({ids.PICTURE: broadcast.picture})
            self._picture, self._picture_due = broadcast.picture["src"], None

    def _leave(self) -> None:
        self._listening.close()
        self._broadcast = None


def look(studio: Studio, owner: str, reading: Reading) -> tuple[Job, Reading]:
    """The job's present state, and its log up to now.

    The job is read first: when it says that it is finished, all of its events are in the log already.
    """
    job = studio.job(owner, reading.job)
    while events := studio.events(owner, reading.job, after=reading.after):
        reading = reading.advanced(events)
    return job, reading


def resumed(cursor: dict | None, job_id: str) -> Reading:
    """The reading that the page kept since it last asked, if it was of this painting."""
    if not cursor or cursor["job"] != job_id:
        return Reading(job_id)
    last, refused = cursor["last"], cursor["refused"]
    return Reading(
        job_id, cursor["after"], Step(**last) if last else None, refused=tuple(refused) if refused else None
    )
