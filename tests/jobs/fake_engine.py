"""An engine that paints nothing but the number of the step, as fast or as slowly as a test wants it to."""

import io
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import Event, Semaphore

import numpy as np
from PIL import Image

from nst import images
from nst.errors import Interrupted, Refusal
from nst.jobs.painters.engine import Engine
from nst.jobs.painters.speed import TRIAL
from nst.options import Options

PATIENCE = 20.0  # seconds; only a test that fails waits so long


def wait_until(true: Callable[[], object], patience: float = PATIENCE, pause: float = 0.005) -> None:
    deadline = time.monotonic() + patience
    while not true():
        assert time.monotonic() < deadline, "it never came to pass"
        time.sleep(pause)


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
    ends_scale: bool = False

    @property
    def losses(self) -> dict[str, float]:
        return {"total": self.loss, "content": 0.0, "style": self.loss, "tv": 0.0}

    @property
    def image(self) -> np.ndarray:
        return np.full((self.height, self.width, 3), self.index % 256, np.uint8)

    def enlarged(self, long_side: int | None = None) -> np.ndarray:
        return self.image

    def checkpoint(self) -> FakeCheckpoint:
        return FakeCheckpoint(self.index)


class FakeEngine:
    """Runs freely, or after `hold()` one step for each that `step()` allows.

    `calls` are the arguments of the runs, without the worker's warming up; `steered` is what they were told
    on the way, after which step. `failures` are raised instead of the step with that number, `refusal` when
    a run is steered. A size above `largest` is refused, where the engine is asked before. `scale` says how
    many scales there are, and on which a step is; `seconds` how long after its beginning a run took a step.
    Its steps are short, and finished whatever happens, unless it `gives_up`.
    """

    def __init__(self, pace: float = 0.0) -> None:
        self.pace = pace
        self.calls: list[dict[str, object]] = []
        self.steered: list[tuple[int, dict[str, object]]] = []
        self.refusal: Refusal | None = None
        self.scale: Callable[[int], tuple[int, int]] = lambda index: (1, 0)
        self.warmed = Event()
        self.failures: dict[int, BaseException] = {}
        self.largest = 4096
        self.seconds: Callable[[int], float] = lambda index: 0.5
        self.loss: Callable[[int], float] = lambda index: 1 / index
        self.gives_up = False
        self.unwanted = Event()
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
        self,
        content,
        styles,
        options: Options,
        *,
        blend=None,
        masks=(),
        guides=(),
        init=None,
        onward=None,
        resume=None,
    ) -> "FakeRun":
        if (options.size, options.steps) == (32, 1):
            self.warmed.set()
            return FakeRun(self, options, (32, 32), 0)
        if options == TRIAL and len(content) == 192:  # how fast is it?
            return FakeRun(self, options, (32, 32), 0)
        call = {"content": content, "styles": styles, "options": options, "blend": blend, "masks": masks}
        self.calls.append(call | {"guides": guides, "init": init, "onward": onward, "resume": resume})
        size = images.fitted(content.shape[1], content.shape[0], options.size)
        return FakeRun(self, options, size, resume.index if resume else 0)

    def wait_for_leave(self, index: int) -> None:
        while self._held and not self._allowed.acquire(timeout=0.02):
            if self.gives_up and self.unwanted.is_set():
                self.unwanted.clear()
                raise Interrupted
        time.sleep(self.pace)
        if index in self.failures:
            raise self.failures[index]


class FakeRun(Iterator[FakeStep]):
    """Steps until `options.steps`, whatever they have become; remembers what it was told and when."""

    def __init__(self, engine: FakeEngine, options: Options, size: tuple[int, int], index: int) -> None:
        self._engine = engine
        self._size = size
        self._index = index
        self.options = options

    def __next__(self) -> FakeStep:
        if self._index >= self.options.steps:
            raise StopIteration
        if self._size != (32, 32):
            self._engine.wait_for_leave(self._index + 1)
        self._index += 1
        index, (scales, scale) = self._index, self._engine.scale(self._index)
        loss = self._engine.loss(index)
        seconds = self._engine.seconds(index)
        return FakeStep(index, max(index, self.options.steps), *self._size, loss, scale, scales, seconds)

    def steer(self, *, blend=None, masks=None, guides=None, **options: object) -> None:
        if self._engine.refusal is not None:
            raise self._engine.refusal
        told = {"blend": blend, "masks": masks, "guides": guides, **options}
        self._engine.steered.append((self._index, {k: v for k, v in told.items() if v is not None}))
        self.options = Options(**self.options.model_dump() | options)

    def interrupt(self) -> None:
        self._engine.unwanted.set()

    def close(self) -> None:
        self._index = self.options.steps
