"""How late the server's event loop is: whatever holds it up, holds up everybody."""

import asyncio
from collections import deque

from nst.jobs import metrics

BEAT = 0.25  # seconds between two looks
HOPELESS = 1.0  # seconds late
_SO_OFTEN = 10


class LoopWatch:
    """Wakes up again and again on the loop that is served from, and notes how late."""

    def __init__(self) -> None:
        self._newest: deque[float] = deque(maxlen=_SO_OFTEN)

    async def run(self) -> None:
        """Until cancelled."""
        clock = asyncio.get_running_loop().time
        while True:
            due = clock() + BEAT
            await asyncio.sleep(BEAT)
            self.note(max(0.0, clock() - due))

    def note(self, lag: float) -> None:
        self._newest.append(lag)
        metrics.LOOP_LAG.observe(lag)

    @property
    def is_hopeless(self) -> bool:
        """Whether it was late by more than `HOPELESS` seconds ten times on end: too much is asked of it."""
        return len(self._newest) == _SO_OFTEN and min(self._newest) > HOPELESS
