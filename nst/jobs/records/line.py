"""The line of waiting jobs, which is fair between clients.

Jobs wait in lanes, and a lane is painted before the next: those that had begun before new ones, single ones
before those of groups, pictures before videos. Within a lane each job has a turn, given when it is added: the
first of a client has the turn of the oldest that waits (or else is painted), the next ones one more each. So
clients take turns, however many jobs one of them has; of the same turn the older job is first. The next job
is found by an index, and however many clients come later, none of them keeps a job waiting for ever.
"""

from collections.abc import Sequence
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Row, Select, case, func, select, tuple_

from nst.jobs.records.schema import jobs

# Lanes in which a job had begun, and in which it had not.
_BEGUN = {"single": 0, "group": 1, "video": 4}
_NEW = {"single": 2, "group": 3, "video": 5}
_PLACE = (jobs.c.lane, jobs.c.turn, jobs.c.number)

Kind = Literal["single", "group", "video"]

# The lane in which a job waits when it comes back after it was begun.
BEGUN: ColumnElement[int] = case(
    *((jobs.c.lane == _NEW[kind], lane) for kind, lane in _BEGUN.items()), else_=jobs.c.lane
)


def first() -> Select[str]:
    """The id of the job that is next."""
    return select(jobs.c.id).where(jobs.c.state == "queued").order_by(*_PLACE).limit(1)


def length(*, grouped: bool) -> Select[int]:
    """Counts the queued jobs: those of groups, or all others. Each kind has limits of its own."""
    of_groups = jobs.c.lane.in_((_BEGUN["group"], _NEW["group"]))
    return select(func.count()).where(jobs.c.state == "queued", of_groups if grouped else ~of_groups)


def place_for(connection: Connection, owner: str, kind: Kind) -> dict[str, int]:
    """Lane and turn of a new job of this owner."""
    lane = _NEW[kind]
    these = jobs.c.lane.in_((lane, _BEGUN[kind]))
    highest = select(func.max(jobs.c.turn)).where(these)
    mine = highest.where(jobs.c.owner == owner, jobs.c.state.in_(("queued", "running")))
    painted = highest.where(jobs.c.state == "running")
    waiting = select(jobs.c.turn).where(jobs.c.state == "queued", jobs.c.lane == lane)
    waiting = waiting.order_by(jobs.c.number).limit(1)
    now = func.coalesce(waiting.scalar_subquery(), painted.scalar_subquery(), 0)
    following = func.coalesce(mine.scalar_subquery() + 1, 0)
    turn = connection.scalar(select(case((following > now, following), else_=now)))
    return {"lane": lane, "turn": turn or 0}


def positions(connection: Connection, found: Sequence[Row[Any]]) -> dict[str, int]:
    """Of those rows of jobs that wait: how many are painted before, and one. Asks nothing if none does."""
    waiting = [row for row in found if row.state == "queued"]
    if not waiting:
        return {}
    last = max((row.lane, row.turn, row.number) for row in waiting)
    # Of a long line, only what is in its index: to look at the rows as well takes three times as long.
    line = (
        select(jobs.c.number, func.row_number().over(order_by=_PLACE).label("place"))
        .where(jobs.c.state == "queued", tuple_(*_PLACE) <= last)
        .subquery()
    )
    ids = {row.number: row.id for row in waiting}
    known = select(line.c.number, line.c.place).where(line.c.number.in_(ids))
    return {ids[row.number]: row.place for row in connection.execute(known)}
