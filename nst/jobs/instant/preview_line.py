"""The fast networks of another process, asked over Redis.

A request waits in one line for whichever worker is free. It has an end: what nobody took by then is gone, and
so is what a worker took and did not answer because it died; then the request is put into the line once more.
No clock but Redis's own counts.
"""

import io
import json
import struct
from collections.abc import Mapping
from threading import Event, Thread
from typing import Any

import numpy as np
from redis import Redis
from redis.exceptions import RedisError

from nst.errors import Refusal
from nst.images import Pixels
from nst.jobs.ids import new_id
from nst.jobs.instant.networks import Networks, Vector

PATIENCE = 30.0  # seconds; a worker's loading of its networks is in it
MOST_IN_LINE = 64
BEAT_SECONDS = 1.0
DEAD_SECONDS = 5.0  # without a beat
_LOOK_SECONDS = 1.0  # between looks at whether somebody is at it
_ANSWER_SECONDS = 30  # that an answer waits for who asked
_LINE, _WORKERS = "nst:preview:line", "nst:preview:workers"

Array = np.ndarray


def connection(url: str) -> Redis:
    """For one thread at a time or several; nothing is sent until something is asked."""
    return Redis.from_url(url, socket_connect_timeout=2, socket_timeout=5, health_check_interval=30)


def remote_networks(url: str) -> Networks:
    """Networks whose work is done by the workers that serve the Redis at `url`."""
    line = PreviewLine(connection(url))
    return Networks(_RemoteStylizer(line), lambda: _RemoteMultistyle(line))


class PreviewLine:
    """The end of the line where requests are put."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def ask(self, do: str, *arrays: Array, **options: Any) -> Array:
        """What a worker makes of the arrays. Waits.

        Raises:
            Refusal: `no_painter` when there is none, or Redis is gone; queue_full; as the networks do.
        """
        try:
            return self._answered(pack({"do": do, **options}, *arrays))
        except RedisError as error:
            raise _no_painter() from error

    def _answered(self, request: bytes) -> Array:
        if not self._redis.zcount(_WORKERS, _now(self._redis) - DEAD_SECONDS, "+inf"):
            raise _no_painter()
        if self._redis.llen(_LINE) >= MOST_IN_LINE:
            raise _busy("Many previews are being painted. Try again in a few seconds.")
        name = new_id()
        self._redis.set(_asked(name), request, px=int(1000 * PATIENCE))
        self._put(name)
        try:
            return self._wait(name)
        finally:
            self._redis.delete(_asked(name), _taken(name), _answer(name))

    def _put(self, name: str) -> None:
        with self._redis.pipeline() as pipe:
            pipe.rpush(_LINE, name)
            pipe.expire(_LINE, int(2 * PATIENCE))
            pipe.execute()

    def _wait(self, name: str) -> Array:
        tries = 2
        for _ in range(int(PATIENCE / _LOOK_SECONDS)):
            found = self._redis.blpop([_answer(name)], timeout=_LOOK_SECONDS)
            if found is not None:
                return _opened(_raw(found[1]))
            if self._is_lost(name):
                tries -= 1
                if not tries:
                    raise _no_painter()
                self._redis.delete(_taken(name))
                self._put(name)
        raise _busy("The preview took too long. Try again in a few seconds.")

    def _is_lost(self, name: str) -> bool:
        """Whether it is neither in the line nor with a worker that lives."""
        worker = self._redis.get(_taken(name))
        if worker is None:
            return self._redis.lpos(_LINE, name) is None and not self._redis.exists(_answer(name))
        beat = self._redis.zscore(_WORKERS, worker)
        return beat is None or beat < _now(self._redis) - DEAD_SECONDS


class Taker:
    """The end of the line where a worker takes requests. Beats while it is `open`, in a thread of its own."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._name = new_id()
        self._closing = Event()
        self._beat = Thread(target=self._live, name="preview beat", daemon=True)

    def open(self) -> None:
        self._beat.start()

    def close(self) -> None:
        self._closing.set()
        self._beat.join(BEAT_SECONDS)

    def take(self, seconds: float) -> tuple[str, dict[str, Any], list[Array]] | None:
        """The next request: its name, what to do, with what; none if there is none in so many seconds."""
        found = self._redis.blpop([_LINE], timeout=seconds)
        if found is None:
            return None
        name = _raw(found[1]).decode()
        request = self._redis.get(_asked(name))
        if request is None:  # who asked has gone
            return None
        self._redis.set(_taken(name), self._name, px=int(1000 * PATIENCE))
        return name, *unpack(_raw(request))

    def answer(self, name: str, answer: bytes) -> None:
        with self._redis.pipeline() as pipe:
            pipe.rpush(_answer(name), answer)
            pipe.expire(_answer(name), _ANSWER_SECONDS)
            pipe.delete(_asked(name), _taken(name))
            pipe.execute()

    def _live(self) -> None:
        while True:
            try:
                now = _now(self._redis)
                self._redis.zadd(_WORKERS, {self._name: now})
                self._redis.zremrangebyscore(_WORKERS, "-inf", now - 2 * DEAD_SECONDS)
                if self._closing.wait(BEAT_SECONDS):
                    self._redis.zrem(_WORKERS, self._name)
                    return
            except RedisError:
                if self._closing.wait(BEAT_SECONDS):
                    return


def pack(head: Mapping[str, Any], *arrays: Array) -> bytes:
    """One message: what it is about, and its arrays as they lie in memory."""
    words = json.dumps(head).encode()
    out = io.BytesIO()
    out.write(struct.pack("<I", len(words)) + words)
    for array in arrays:
        np.save(out, array, allow_pickle=False)
    return out.getvalue()


def unpack(message: bytes) -> tuple[dict[str, Any], list[Array]]:
    source = io.BytesIO(message)
    (length,) = struct.unpack("<I", source.read(4))
    head = json.loads(source.read(length))
    arrays = []
    while source.tell() < len(message):
        arrays.append(np.load(source, allow_pickle=False))
    return head, arrays


def refused(refusal: Refusal) -> bytes:
    """The answer that raises this refusal where it was asked for."""
    return pack({"code": refusal.code, "message": refusal.message, "field": refusal.field})


def _opened(answer: bytes) -> Array:
    head, arrays = unpack(answer)
    if head:
        raise Refusal(head["code"], head["message"], head["field"])
    return arrays[0]


class _RemoteStylizer:
    def __init__(self, line: PreviewLine) -> None:
        self._line = line

    def vector(self, picture: Pixels) -> Vector:
        return self._line.ask("vector", picture)

    def paint(self, content: Pixels, vector: Vector) -> Pixels:
        return self._line.ask("paint", content, vector)


class _RemoteMultistyle:
    def __init__(self, line: PreviewLine) -> None:
        self._line = line

    def sheet(self, photograph: Pixels, size: int = 256) -> np.ndarray:
        return self._line.ask("sheet", photograph, size=size)


def _now(redis: Redis) -> float:
    seconds, micros = redis.time()
    return float(seconds) + micros / 1e6


def _raw(value: bytes | str) -> bytes:
    """What Redis gave, on a connection that decodes nothing."""
    assert isinstance(value, bytes)
    return value


def _asked(name: str) -> str:
    return f"nst:preview:asked:{name}"


def _taken(name: str) -> str:
    return f"nst:preview:taken:{name}"


def _answer(name: str) -> str:
    return f"nst:preview:answer:{name}"


def _busy(message: str) -> Refusal:
    return Refusal("queue_full", message)


def _no_painter() -> Refusal:
    words = "Nobody is there to paint previews at the moment. Try again in a minute."
    return Refusal("no_painter", words)
