"""Previews over a real Redis: painted by whichever worker is there, or plainly refused."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import numpy as np
import pytest
from jobs.fake_engine import wait_until
from jobs.fake_networks import FakeNetworks
from servers import Redis

from nst.errors import Refusal
from nst.jobs.instant import preview_line
from nst.jobs.instant.networks import Networks
from nst.jobs.instant.preview_line import connection, pack, remote_networks, unpack
from nst.jobs.instant.preview_server import PreviewServer

pytestmark = pytest.mark.redis

ROOT = Path(__file__).resolve().parents[3]
PICTURE = np.random.default_rng(0).integers(0, 256, (48, 64, 3), np.uint8)
VECTOR = np.arange(3, dtype=np.float32)


@pytest.fixture
def serve(redis_here: Redis) -> Iterator[Callable[..., PreviewServer]]:
    servers: list[PreviewServer] = []

    def start(networks: FakeNetworks) -> PreviewServer:
        server = PreviewServer(connection(redis_here.url), networks.load)
        servers.append(server)
        server.start()
        wait_until(lambda: connection(redis_here.url).zcard("nst:preview:workers") >= len(servers))
        return server

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def remote(redis_here: Redis) -> Networks:
    return remote_networks(redis_here.url)


def leftovers(redis_here: Redis) -> set[bytes]:
    return set(connection(redis_here.url).keys("nst:preview:*")) - {b"nst:preview:workers"}


def refused(call: Callable[..., object], *arguments: object) -> Refusal:
    with pytest.raises(Refusal) as caught:
        call(*arguments)
    return caught.value


def test_a_message_comes_out_as_it_went_in() -> None:
    head, arrays = unpack(pack({"do": "paint", "size": 3}, PICTURE, VECTOR))
    assert head == {"do": "paint", "size": 3}
    for array, sent in zip(arrays, (PICTURE, VECTOR), strict=True):
        assert array.dtype == sent.dtype
        np.testing.assert_array_equal(array, sent)


def test_a_worker_does_what_the_networks_do(serve, remote: Networks, redis_here: Redis) -> None:
    networks = FakeNetworks()
    serve(networks)
    np.testing.assert_array_equal(remote.stylizer.vector(PICTURE), networks.vector(PICTURE))
    painted = remote.stylizer.paint(PICTURE, VECTOR)
    np.testing.assert_array_equal(painted, networks.paint(PICTURE, VECTOR))
    np.testing.assert_array_equal(remote.multistyle().sheet(PICTURE, 64), networks.sheet(PICTURE, 64))
    assert networks.loads == 1
    assert leftovers(redis_here) == set()


def test_without_a_worker_it_is_said_at_once(remote: Networks, redis_here: Redis) -> None:
    assert refused(remote.stylizer.vector, PICTURE).code == "no_painter"
    assert leftovers(redis_here) == set()


def test_without_redis_it_is_said_too_and_later_it_works(serve, remote: Networks, redis_here: Redis) -> None:
    serve(FakeNetworks())
    redis_here.stop()
    assert refused(remote.stylizer.vector, PICTURE).code == "no_painter"
    redis_here.start()
    wait_until(lambda: connection(redis_here.url).zcard("nst:preview:workers"))
    remote.stylizer.vector(PICTURE)


def test_what_the_networks_refuse_is_refused_in_the_same_words(serve, remote: Networks) -> None:
    trouble = Refusal("weights_missing", "The weights are not there.", "weights")
    serve(FakeNetworks(trouble))
    found = refused(remote.stylizer.vector, PICTURE)
    assert (found.code, found.message, found.field) == (trouble.code, trouble.message, trouble.field)


def test_a_failure_is_told_and_is_no_end(serve, remote: Networks, caplog) -> None:
    networks = FakeNetworks()
    serve(networks)
    assert refused(remote.multistyle().sheet, PICTURE, 63).code == "internal_error"
    assert "Traceback" in caplog.text
    remote.stylizer.vector(PICTURE)


def test_two_workers_share_the_work(serve, remote: Networks) -> None:
    meeting = [Event(), Event()]

    class Waiting(FakeNetworks):
        def paint(self, content: np.ndarray, vector: np.ndarray) -> np.ndarray:
            mine = meeting[int(vector[0])]
            mine.set()
            assert all(event.wait(20) for event in meeting), "both are painted at once"
            return content

    serve(Waiting())
    serve(Waiting())
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda number: remote.stylizer.paint(PICTURE, np.full(3, number)), range(2)))


VICTIM = """
import os, sys
sys.path[:0] = [{root!r}, {tests!r}]
from jobs.fake_networks import FakeNetworks
from nst.jobs.instant.preview_line import connection
from nst.jobs.instant.preview_server import PreviewServer
class Dying(FakeNetworks):
    def paint(self, content, vector):
        os._exit(1)
PreviewServer(connection({url!r}), Dying().load).start(lambda: False)
print("serving", flush=True)
sys.stdin.read()
"""


def test_what_a_worker_took_and_died_with_goes_to_another(
    serve, remote: Networks, redis_here: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preview_line, "DEAD_SECONDS", 2.0)
    script = VICTIM.format(root=str(ROOT), tests=str(ROOT / "tests"), url=redis_here.url)
    command = [sys.executable, "-c", script]
    with (
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as victim,
        ThreadPoolExecutor() as pool,
    ):
        assert victim.stdout.readline() == "serving\n"
        wait_until(lambda: connection(redis_here.url).zcard("nst:preview:workers"))
        painted = pool.submit(remote.stylizer.paint, PICTURE, VECTOR)
        assert victim.wait(20) == 1
        networks = FakeNetworks()
        serve(networks)
        np.testing.assert_array_equal(painted.result(30), networks.paint(PICTURE, VECTOR))
    assert leftovers(redis_here) == set()


def test_what_nobody_waits_for_any_more_is_not_painted(
    serve, remote: Networks, redis_here: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preview_line, "PATIENCE", 1.0)
    begun, leave = Event(), Event()

    class Slow(FakeNetworks):
        def vector(self, picture: np.ndarray) -> np.ndarray:
            begun.set()
            assert leave.wait(20)
            return super().vector(picture)

    networks = Slow()
    with ThreadPoolExecutor() as pool:
        serve(networks)
        assert begun.wait(20), "it warms up"
        late = pool.submit(remote.stylizer.paint, PICTURE, VECTOR)
        with pytest.raises(Refusal) as too_late:
            late.result(20)
        assert too_late.value.code == "queue_full"
        leave.set()
    monkeypatch.setattr(preview_line, "PATIENCE", 20.0)
    remote.stylizer.vector(PICTURE)
    assert networks.painted == [(64, 64, 3)], "only to warm up"


def test_the_line_has_an_end(
    serve, remote: Networks, redis_here: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(FakeNetworks())
    monkeypatch.setattr(preview_line, "MOST_IN_LINE", 0)
    assert refused(remote.stylizer.vector, PICTURE).code == "queue_full"
    assert leftovers(redis_here) == set()
