"""Painting on other machines. Celery carries one message, "there is work"; what work, the database says.

So the order of the queue, leases and wishes hold whatever happens to messages: one that is lost costs the few
seconds until a worker looks by itself, one too many finds nothing to do.
"""

import logging
import time
from collections.abc import Callable
from queue import SimpleQueue
from threading import Lock, Thread

from celery import Celery
from celery.signals import worker_shutting_down

from nst.jobs.painters.leased_worker import LeasedWorker
from nst.jobs.painters.speed import expected, rates_of
from nst.jobs.painters.worker import Worker
from nst.jobs.records.leases import Leases, LiveWorker
from nst.options import Options

WORK = "pentimento.work"
_QUEUE = "pentimento"
_AWAY_SECONDS = 5.0  # for which a broker that failed is not tried again
_CLOSE_SECONDS = 1.0  # in which what is to be told is told
_STALE_SECONDS = 1.0  # for which what is known of the workers is good enough
_MESSAGE_SECONDS = 60  # older messages are of no use: the workers have looked by then

log = logging.getLogger(__name__)


def broker(redis_url: str) -> Celery:
    app = Celery("pentimento", broker=redis_url, set_as_current=False)
    app.conf.update(
        accept_content=["json"],
        task_serializer="json",
        task_ignore_result=True,
        task_default_queue=_QUEUE,
        # A job is safe in the database, not in its message.
        task_queues={_QUEUE: {"exchange": _QUEUE, "no_ack": True}},
        worker_prefetch_multiplier=1,
        worker_enable_remote_control=False,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        worker_cancel_long_running_tasks_on_connection_loss=True,  # there are none, but False warns of it
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={
            "global_keyprefix": "pentimento:",
            "socket_connect_timeout": 1.0,
            "socket_timeout": 3.0,  # more than the second for which a worker asks to be kept waiting
        },
    )
    return app


class CeleryWorker(Worker):
    """The workers as a web process sees them: through their heartbeats."""

    def __init__(self, app: Celery, leases: Leases) -> None:
        self._app = app
        self._leases = leases
        self._pokes: SimpleQueue[bool] = SimpleQueue()
        self._telling: Thread | None = None
        self._looking = Lock()
        self._looked = float("-inf")
        self._live: list[LiveWorker] = []

    def start(self) -> None:
        """Workers start by themselves. They are told of work in a thread: nobody waits for that."""
        self._telling = Thread(target=self._tell, name="tell", daemon=True)
        self._telling.start()

    def close(self) -> None:
        self._pokes.put(False)
        if self._telling is not None:
            self._telling.join(_CLOSE_SECONDS)
        self._app.close()

    def poke(self) -> None:
        self._pokes.put(True)

    @property
    def is_alive(self) -> bool:
        return bool(self._workers())

    @property
    def is_ready(self) -> bool:
        return any(worker.is_ready for worker in self._workers())

    @property
    def trouble(self) -> str | None:
        if self.is_ready:
            return None
        return next((worker.trouble for worker in self._workers() if worker.trouble), None)

    def check(self, width: int, height: int, options: Options) -> None:
        """Whichever worker takes the job sees for itself."""

    def expected_seconds(self, width: int, height: int, options: Options) -> float | None:
        """As the slowest of the workers that know would take."""
        told = [
            expected(rates_of(worker.speed.get("rates", {})), width, height, options)
            for worker in self._workers()
        ]
        return max((seconds for seconds in told if seconds is not None), default=None)

    def _tell(self) -> None:
        away_until = float("-inf")
        # Twice, for a connection that was there before Redis was restarted is found dead by its use.
        once_more = {"max_retries": 1, "interval_start": 0, "interval_max": 0}
        while self._pokes.get():
            if time.monotonic() < away_until:
                continue
            try:
                self._app.send_task(WORK, expires=_MESSAGE_SECONDS, retry=True, retry_policy=once_more)
            except Exception as error:
                problem = type(error).__name__
                log.warning("workers could not be told of work; they look by themselves: %s", problem)
                away_until = time.monotonic() + _AWAY_SECONDS

    def _workers(self) -> list[LiveWorker]:
        with self._looking:
            if time.monotonic() - self._looked >= _STALE_SECONDS:
                self._live = self._leases.live()
                self._looked = time.monotonic()
            return self._live


def serve(app: Celery, painter: LeasedWorker, closed: Callable[[], None]) -> int:
    """Paint until told to stop; the exit status. `closed` is called when the painter has put its job back."""

    def work() -> None:
        painter.poke()
        painter.wait_until_idle()  # meanwhile messages go to workers that have time

    def stop(**_: object) -> None:
        painter.close_soon()

    app.task(name=WORK)(work)
    worker_shutting_down.connect(stop, weak=False)
    painter.start()
    try:
        worker = app.Worker(
            pool="solo",
            concurrency=1,
            loglevel="WARNING",
            quiet=True,
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=True,
        )
        worker.start()
        return int(worker.exitcode or 0)
    finally:
        painter.close()
        closed()
