"""Wrong guesses at a password: each address has to wait, and longer after each one."""

import math
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


def in_words(seconds: float) -> tuple[str, dict[str, str]]:
    """What an answer says to who has to wait so long, and its headers."""
    whole = math.ceil(seconds)
    words = f"There were too many wrong passwords. Please try again in {whole} seconds."
    return words, {"Retry-After": str(whole)}


class Attempts:
    """Times are a monotonic clock's, in seconds. Of one thread."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, _Guesses] = OrderedDict()

    def wait(self, who: str, now: float) -> float:
        """Seconds until the next guess may be made."""
        return max(0.0, self._guesses(who, now).until - now)

    def begin(self, who: str, now: float) -> float:
        """Seconds to wait; if none, a guess was counted, which `right` takes back."""
        seconds = self.wait(who, now)
        if seconds:
            return seconds
        guesses = self._guesses(who, now)
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

    def _guesses(self, who: str, now: float) -> _Guesses:
        guesses = self._known.get(who)
        if guesses is None or now - guesses.last > max(FORGOTTEN, guesses.until - guesses.last):
            return _Guesses()
        return guesses
