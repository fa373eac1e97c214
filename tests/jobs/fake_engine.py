"""An engine that paints nothing but the number of the step, as fast or as slowly as a test wants it to."""

import io
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import Event, Semaphore

import numpy as np
from PIL import Image

from nst import images
from nst.errors import Refusal
from nst.jobs.painting import Engine
from nst.options import Options

PATIENCE = 20.0  # seconds; only a test that fails waits so long


def wait_until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, "it never came to pass"
        time.sleep(0.005)


def picture(width: int = 64, height: int = 48, colour: tuple[int, int, int] = (200, 30, 30)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(out, "PNG")
    return out.getvalue()


@dataclass(frozen=True)
class FakeCheckpoint:
    index: int

    def to_bytes(self) -> bytes:
        return f"checkpoint {self.index}".encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> "FakeCheckpoint":
        return cls(int(data.removeprefix(b"checkpoint ")))


@dataclass(frozen=True)
class FakeStep:
    index: int
    steps: int
    width: int
    height: int
    loss: float
    scale: int = 0
    scales: int = 1
    seconds: float = 0.5
    seconds_left: float | None = None

    @property
    def losses(self) -> dict[str, float]:
        return {"total": self.loss, "content": 0.0, "style": self.loss, "tv": 0.0}

    @property
    def image(self) -> np.ndarray:
        return np.full((self.height, self.width, 3), self.index % 256, np.uint8)

    def checkpoint(self) -> FakeCheckpoint:
        return FakeCheckpoint(self.index)


class FakeEngine:
    """Runs freely, or after `hold()` one step for each that `step()` allows.

    `calls` are the arguments of the runs, without the worker's warming up; `failures` are raised instead of
    the step with that number. A size above `largest` is refused, where the engine is asked before.
    """

    def __init__(self, pace: float = 0.0) -> None:
        self.pace = pace
        self.calls: list[dict[str, object]] = []
        self.warmed = Event()
        self.failures: dict[int, BaseException] = {}
        self.largest = 4096
        self.loss: Callable[[int], float] = lambda index: 1 / index
        self._held = False
        self._allowed = Semaphore(0)

    def load(self) -> Engine:
        return Engine(self.run, FakeCheckpoint.from_bytes, self.check)

    def check(self, width: int, height: int, options: Options) -> None:
        if max(images.fitted(width, height, options.size)) > self.largest:
            raise Refusal("too_little_memory", f"A size of {self.largest} fits.", "size")

    def hold(self) -> None:
        self._held = True

    def step(self, count: int = 1) -> None:
        self._allowed.release(count)

    def let_go(self) -> None:
        self._held = False
        self._allowed.release()

    def run(
        self, content, styles, options: Options, *, blend=None, masks=(), init=None, resume=None
    ) -> Iterator[FakeStep]:
        if (options.size, options.steps) == (32, 1):
            self.warmed.set()
            yield FakeStep(1, 1, 32, 32, 1.0)
            return
        call = {"content": content, "styles": styles, "options": options, "blend": blend}
        self.calls.append(call | {"masks": masks, "init": init, "resume": resume})
        width, height = images.fitted(content.shape[1], content.shape[0], options.size)
        for index in range(1 + (resume.index if resume else 0), options.steps + 1):
            while self._held and not self._allowed.acquire(timeout=0.02):
                pass
            time.sleep(self.pace)
            if index in self.failures:
                raise self.failures[index]
            yield FakeStep(index, options.steps, width, height, self.loss(index))
