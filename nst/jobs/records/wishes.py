"""What a person may wish of a job, whatever it paints: that it stops, rests, or goes on.

A job may move on between a look at it and the wish: each is tried until it was taken, or is out of place.
"""

from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from nst.errors import Refusal
from nst.jobs.models import State, Wish
from nst.jobs.records.store import Store

WAITING: tuple[State, ...] = ("queued", "paused", "interrupted")


class AnyJob(Protocol):
    """What paintings and videos have in common."""

    @property
    def id(self) -> str: ...
    @property
    def state(self) -> State: ...
    @property
    def asked(self) -> Wish | None: ...
    @property
    def is_finished(self) -> bool: ...


J = TypeVar("J", bound=AnyJob)


class Wishes(Generic[J]):
    """All methods raise what `find` raises of an unknown job, and `already_finished`."""

    def __init__(
        self,
        store: Store,
        find: Callable[[str, str], J],
        give_up: Callable[[J], bool],
        poke: Callable[[], None],
        *,
        noun: str,
        cancelled: str,
    ) -> None:
        """`give_up` cancels a job that nobody paints, unless it moved. `noun` and `cancelled` are words."""
        self._store = store
        self._find = find
        self._give_up = give_up
        self._poke = poke
        self._noun = noun
        self._ends = {"done": "is finished", "failed": "has failed", "cancelled": cancelled}

    def cancel(self, owner: str, job_id: str) -> J:
        """Stop a job. A running one stops as soon as it can."""
        while True:
            job = self._find(owner, job_id)
            if job.state == "cancelled":
                return job
            if job.is_finished:
                raise self.finished(job)
            moved = self._store.ask(job.id, "cancel") if job.state == "running" else self._give_up(job)
            if moved:
                return self._taken(owner, job_id)

    def pause(self, owner: str, job_id: str) -> J:
        """Let a running job rest as soon as it can; others are painted meanwhile. Raises `not_running`."""
        while True:
            job = self._find(owner, job_id)
            if job.is_finished:
                raise self.finished(job)
            if job.state in ("queued", "interrupted"):
                raise Refusal(
                    "not_running", f"This {self._noun} waits for its turn; only a running one can pause."
                )
            if job.state == "paused" or job.asked == "cancel" or self._store.ask(job.id, "pause"):
                return self._taken(owner, job_id)

    def resume(self, owner: str, job_id: str) -> J:
        """Put a paused job back at the front of the queue; it goes on from where it was."""
        while True:
            job = self._find(owner, job_id)
            if job.is_finished:
                raise self.finished(job)
            if job.state == "paused":
                moved = self._store.move(job.id, ("paused",), "queued")
            elif job.state == "running" and job.asked == "pause":
                moved = self._store.ask(job.id, None)
            else:
                moved = True
            if moved:
                return self._taken(owner, job_id)

    def finished(self, job: J) -> Refusal:
        """What to say of a wish that comes too late."""
        end = self._ends.get(job.state, "is at its end")
        return Refusal("already_finished", f"This {self._noun} {end} already.")

    def _taken(self, owner: str, job_id: str) -> J:
        self._poke()
        return self._find(owner, job_id)
