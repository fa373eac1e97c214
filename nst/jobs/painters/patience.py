"""How a painter bears with a disk or a database that refuse: it waits, or does without, and says so."""

import logging
from collections.abc import Callable
from contextlib import suppress
from threading import Event
from typing import Literal, TypeVar

from nst.jobs.troubles import in_short, of_storage

RETRY_SECONDS = 2.0

Part = Literal["store", "files"]
T = TypeVar("T")

log = logging.getLogger(__name__)


class Closing(Exception):
    """The studio closes, and what was to be written could not be."""


class Unwanted(Exception):
    """Nobody wants any more what could not be written."""


class Patience:
    """Of one job at the easel. `troubles` says by part what refuses, in a sentence, while it does."""

    def __init__(self, closing: Event) -> None:
        self.troubles: dict[Part, str] = {}
        self._closing = closing

    def insist(self, part: Part, act: Callable[[], T], is_wanted: Callable[[], bool] = lambda: True) -> T:
        """Do it, as soon as disk or database take it. It must be something that may be done twice.

        Raises:
            Closing, Unwanted: it was not done. Whatever else `act` raises goes through.
        """
        while True:
            try:
                done = act()
            except Exception as error:
                if not self._is_trouble(part, error):
                    raise
            else:
                self.troubles.pop(part, None)
                return done
            if self._closing.wait(RETRY_SECONDS):
                raise Closing
            if not self._still(is_wanted):
                raise Unwanted

    def attempt(self, part: Part, act: Callable[[], object]) -> bool:
        """Do it if disk or database take it now; whether they did."""
        try:
            act()
        except Exception as error:
            if not self._is_trouble(part, error):
                raise
            return False
        self.troubles.pop(part, None)
        return True

    @staticmethod
    def _still(is_wanted: Callable[[], bool]) -> bool:
        with suppress(Exception):  # the database may be what refuses
            return is_wanted()
        return True

    def _is_trouble(self, part: Part, error: Exception) -> bool:
        refusal = of_storage(error)
        if refusal is None:
            return False
        if part not in self.troubles:  # once, not every second of an hour
            log.warning("the painter bears with the %s: %s: %s", part, refusal.code, in_short(error))
        self.troubles[part] = refusal.message
        return True
