"""Wrong guesses at a password: each address has to wait, and longer after each one."""

from collections import OrderedDict
from dataclasses import dataclass

FREE = 3  # before anybody has to wait
FIRST_WAIT, LONGEST_WAIT = 1.0, 900.0  # seconds; twice as long with each guess
FORGOTTEN = 3600.0
MOST = 10_000  # addresses


@dataclass
class _Guesses:
    count: int = 0
    last: float = 0.0
    until: float = 0.0


class Attempts:
    """Times are a monotonic clock's, in seconds."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, _Guesses] = OrderedDict()

    def begin(self, who: str, now: float) -> float:
        """Seconds to wait; if none, a guess was counted, which `right` takes back."""
        guesses = self._known.get(who)
        if guesses is None or now - guesses.last > max(FORGOTTEN, guesses.until - guesses.last):
            guesses = _Guesses()
        if now < guesses.until:
            return guesses.until - now
        guesses.count += 1
        guesses.last = now
        if guesses.count >= FREE:
            guesses.until = now + min(FIRST_WAIT * 2.0 ** min(guesses.count - FREE, 30), LONGEST_WAIT)
        self._known[who] = guesses
        self._known.move_to_end(who)
        if len(self._known) > MOST:
            self._known.popitem(last=False)
        return 0.0

    def right(self, who: str) -> None:
        self._known.pop(who, None)
