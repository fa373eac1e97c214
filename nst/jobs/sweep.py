"""Keeping the studio within its room: the oldest things that nothing needs go first.

Never removed are samples, jobs that are not finished, what any job uses, and what is young: whoever has just
made something finds it again. What is as old as `keep_days` goes by itself; sooner, only where there is no
room.
"""

import logging
import time
from datetime import UTC, datetime, timedelta
from threading import Event, Lock, Thread

from nst.errors import Refusal
from nst.jobs.filing.files import Files, Folder
from nst.jobs.models import Job
from nst.jobs.records.stock import Ages, Stock
from nst.jobs.records.store import Store
from nst.jobs.records.thinning import thin_one
from nst.jobs.troubles import of_storage
from nst.settings import Settings

YOUNG = timedelta(days=1)  # jobs, videos, and masks that nobody uses
FRESH = timedelta(hours=1)  # pictures that no job uses yet
FOLLOWED = timedelta(minutes=1)  # after a job's end: by then those who follow it have read its log
ROUND_SECONDS = 600.0
_ORPHANS_SECONDS = 86_400.0
_SHARE = 0.5  # of the disk for the studio, and of that for one visitor, where no quota is set

log = logging.getLogger(__name__)


class Sweep:
    """`start` gives it a thread of its own; the rest may be called from any thread."""

    def __init__(self, store: Store, files: Files, settings: Settings) -> None:
        self.stock = Stock(store, files)
        self._store = store
        self._files = files
        self._settings = settings
        self._sweeping = Lock()
        self._closing = Event()
        self._thread: Thread | None = None
        self._orphans_after = float("-inf")
        # Then the folder has one studio at a time.
        self._is_alone = settings.mode == "single" and isinstance(files, Folder)
        self._since = time.time()

    def start(self) -> None:
        self._closing = Event()
        self._thread = Thread(target=self._live, args=(self._closing,), name="sweep", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop after the thing that is being removed."""
        self._closing.set()
        if self._thread is not None:
            self._thread.join(1.0)

    @property
    def quota(self) -> int | None:
        """Bytes that all of the studio may take; none if as many as there are."""
        if self._settings.disk_quota_bytes:
            return self._settings.disk_quota_bytes
        if not isinstance(self._files, Folder):  # an object store grows with what is put into it
            return None
        return int(self._files.disk().total * _SHARE)

    @property
    def share(self) -> int | None:
        """Bytes that one visitor's things may take; none if as many as there are."""
        if self._settings.client_quota_bytes:
            return self._settings.client_quota_bytes
        most = self.quota
        return None if most is None else int(most * _SHARE)

    def expires(self, job: Job) -> datetime | None:
        """When a finished painting is removed; None where age is no reason."""
        days = self._settings.keep_days
        return job.finished + timedelta(days=days) if days and job.finished is not None else None

    def make_room(self, owner: str, size: int) -> None:
        """Remove what is old, the owner's own first, until so many bytes more are within the quotas.

        Raises:
            Refusal: `quota_full` when the owner's own things are too many, `disk_full` when all are.
        """
        self.stock.look()
        mine, most = self.share, self.quota
        if mine is not None and not self._shrink(mine - size, owner):
            raise Refusal(
                "quota_full",
                f"Your pictures, paintings and videos may take {mine / 2**20:,.0f} MB here, and this would "
                "be more. Delete some that you do not need any more, and try again.",
                "file",
            )
        if most is not None and not self._shrink(most - size, first=owner):
            raise Refusal(
                "disk_full",
                "The studio has no room for more pictures at the moment. Try again later.",
                "file",
            )

    def round(self) -> None:
        """Remove what is too old, and the oldest things until all is within its quota; thin logs."""
        now = datetime.now(UTC)
        self.stock.look(under_way=True)
        days = self._settings.keep_days
        old = now - timedelta(days=days) if days else datetime.min.replace(tzinfo=UTC)
        self._remove(Ages(jobs=old, videos=old, images=old, passing=now - YOUNG))
        if self.quota is not None:
            self._shrink(self.quota)
        if time.monotonic() >= self._orphans_after:
            self._orphans_after = time.monotonic() + _ORPHANS_SECONDS
            self._remove_orphans()
        while not self._closing.is_set() and thin_one(self._store, now - FOLLOWED):
            pass

    def _live(self, closing: Event) -> None:
        while not closing.is_set():
            try:
                self.round()
            except Exception as error:
                if of_storage(error) is None:
                    log.exception("the sweep stumbled")
            closing.wait(ROUND_SECONDS)

    def _shrink(self, most: int, owner: str | None = None, first: str | None = None) -> bool:
        """Remove what is oldest until at most so many bytes are left; whether they are.

        `owner`: of one owner's things. `first`: of everybody's, but of this owner's as long as any may go.
        """
        if self.stock.bytes(owner) <= most:
            return True
        now = datetime.now(UTC)
        ages = Ages(jobs=now - YOUNG, videos=now - YOUNG, images=now - FRESH, passing=now - FRESH)
        with self._sweeping:
            for whose in dict.fromkeys((first or owner, owner)):
                excess = self.stock.bytes(owner) - most
                if excess > 0:
                    self._remove(ages, whose, excess)
            return self.stock.bytes(owner) <= most

    def _remove(self, ages: Ages, owner: str | None = None, excess: int | None = None) -> None:
        count = removed = 0
        while True:  # a job that went has left pictures that only it used
            before = count
            for item in self.stock.oldest(ages, owner):
                if self._closing.is_set() or (excess is not None and removed >= excess):
                    break
                if self.stock.remove(item):
                    count += 1
                    removed += item.bytes
            if count == before or (excess is not None and removed >= excess):
                break
        if count:
            log.warning("swept %d old things, %d bytes", count, removed)

    def _remove_orphans(self) -> None:
        # What is younger may be on its way from an upload into the database; what a studio that is alone
        # finds when it comes is nobody's any more.
        before = max(time.time() - FRESH.total_seconds(), self._since if self._is_alone else 0.0)
        self._files.clear(before)
        count = self.stock.remove_orphans(before)
        if count:
            log.warning("removed %d files that nothing knows", count)
