"""A studio that is slow where a test wants it to be: `python -m durable.slow_studio`.

A painting's step `LONG_STEP` takes a minute, as one at print size may, and a video half a second a frame.
"""

import time
from collections.abc import Iterator, Sequence

from inputs.studio_process import serve
from jobs.fake_engine import FakeEngine
from video.painters import Negative

from nst.images import Pixels
from nst.video.styling import Before

LONG_STEP = 400


class LongStep(FakeEngine):
    def wait_for_leave(self, index: int) -> None:
        super().wait_for_leave(index)
        if index == LONG_STEP:
            time.sleep(60)


class SlowNegative(Negative):
    def paint(self, frames: Sequence[Pixels], before: Before | None) -> Iterator[Pixels]:
        for painted in super().paint(frames, before):
            time.sleep(0.5)
            yield painted


if __name__ == "__main__":
    serve(LongStep(pace=0.01).load, SlowNegative)
