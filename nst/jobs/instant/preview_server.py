"""The fast networks of a worker, lent to the web processes: a thread beside the painter's."""

import atexit
import logging
from collections.abc import Callable
from threading import Event, Thread
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from nst.errors import Refusal
from nst.jobs.instant.networks import Multistyle, Networks, tensorflow_networks, warm_up
from nst.jobs.instant.preview_line import Array, Taker, pack, refused
from nst.jobs.painters.worker import leave_behind
from nst.jobs.troubles import plain

_CLOSE_SECONDS = 1.0
_WAIT_SECONDS = 0.5

log = logging.getLogger(__name__)


class PreviewServer:
    """Answers what `PreviewLine` asks, one request after the other, until it is closed."""

    def __init__(self, redis: Redis, load: Callable[[], Networks] = tensorflow_networks) -> None:
        self._taker = Taker(redis)
        self._load = load
        self._networks: Networks | None = None
        self._multistyle: Multistyle | None = None
        self._closing = Event()
        self._thread = Thread(target=self._live, name="previews", daemon=True)
        self._may_warm: Callable[[], bool] = lambda: True

    def start(self, may_warm: Callable[[], bool] = lambda: True) -> None:
        """Load the networks once `may_warm` says so, or with the first request."""
        self._may_warm = may_warm
        self._taker.open()
        self._thread.start()

    def close(self) -> None:
        """Stop within about a second, and whatever still goes on when the process ends."""
        self._closing.set()
        self._taker.close()
        self._thread.join(_CLOSE_SECONDS)
        if self._thread.is_alive():
            atexit.register(leave_behind, self._thread)

    def _live(self) -> None:
        is_warm = False
        while not self._closing.is_set():
            try:
                if not is_warm and self._may_warm():
                    is_warm = True
                    self._warm_up()
                taken = self._taker.take(_WAIT_SECONDS)
                if taken is not None:
                    name, head, arrays = taken
                    self._taker.answer(name, self._answer(head, arrays))
            except RedisError as error:
                log.warning("Redis does not answer: %s", type(error).__name__)
                self._closing.wait(1)

    def _warm_up(self) -> None:
        try:
            warm_up(self._loaded().stylizer)
        except Exception:
            log.exception("the previews did not warm up")

    def _answer(self, head: dict[str, Any], arrays: list[Array]) -> bytes:
        try:
            return pack({}, self._made(head, arrays))
        except Refusal as refusal:
            return refused(refusal)
        except Exception as error:
            log.exception("a preview failed")
            return refused(Refusal("internal_error", plain(error)))

    def _made(self, head: dict[str, Any], arrays: list[Array]) -> Array:
        networks = self._loaded()
        match head["do"]:
            case "vector":
                return networks.stylizer.vector(arrays[0])
            case "paint":
                return networks.stylizer.paint(arrays[0], arrays[1])
            case "sheet":
                if self._multistyle is None:
                    self._multistyle = networks.multistyle()
                return self._multistyle.sheet(arrays[0], head["size"])
        raise ValueError(f"nobody knows how to {head['do']}")

    def _loaded(self) -> Networks:
        if self._networks is None:
            self._networks = self._load()
        return self._networks
