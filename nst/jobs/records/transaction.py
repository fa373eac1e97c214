"""Writing to the database: a job changes together with its log, or not at all."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, or_, select, true, update

from nst.jobs.models import State
from nst.jobs.records.schema import events, jobs


class Transaction:
    """One transaction's writing: which logs it added to, and which jobs it brought to which state."""

    def __init__(self, connection: Connection, worker: str) -> None:
        """`worker` is who claims, and who may change what runs."""
        self.connection = connection
        self.worker = worker
        self.told: list[tuple[str, int]] = []
        self.moved: list[tuple[Row[Any], State]] = []

    def locked(self, job_id: str) -> Row[Any] | None:
        """The job's row, which nobody else changes until this transaction ends."""
        return self.connection.execute(select(jobs).where(jobs.c.id == job_id).with_for_update()).first()

    def advance(
        self,
        job_id: str,
        sources: tuple[State, ...],
        entries: list[tuple[str, dict[str, Any]]],
        *,
        whoever: bool = False,
        **values: Any,
    ) -> Row[Any] | None:
        """Change a job that is in one of `sources` and log `entries`; none if it is in none of them.

        One that another worker runs counts as in none of them, unless it does not matter by `whoever`.
        """
        mine = true() if whoever else or_(jobs.c.state != "running", jobs.c.worker == self.worker)
        changed = (
            update(jobs)
            .where(jobs.c.id == job_id, jobs.c.state.in_(sources), mine)
            .values(seq=jobs.c.seq + len(entries), **values)
            .returning(*jobs.c)
        )
        row = self.connection.execute(changed).first()
        if row is None:
            return None
        first, now = row.seq - len(entries) + 1, datetime.now(UTC)
        for seq, (kind, data) in enumerate(entries, first):
            entry = {"job": job_id, "seq": seq, "kind": kind, "data": data, "created": now}
            self.connection.execute(insert(events).values(entry))
        self.told.append((job_id, row.seq))
        return row

    def move(
        self,
        job_id: str,
        sources: tuple[State, ...],
        target: State,
        *,
        result: bool = False,
        error: str | None = None,
        **values: Any,
    ) -> Row[Any] | None:
        told: dict[str, Any] = {"state": target} if error is None else {"state": target, "error": error}
        values["error"] = error
        values["worker"] = self.worker if target == "running" else None
        entries: list[tuple[str, dict[str, Any]]] = [("result", {})] if result else []
        row = self.advance(job_id, sources, [*entries, ("state", told)], state=target, **values)
        if row is not None:
            self.moved.append((row, target))
        return row
