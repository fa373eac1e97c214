"""What is kept of a finished job's log: enough steps for a curve, and whatever is said only once."""

from datetime import datetime
from math import ceil

from sqlalchemy import Connection, and_, delete, func, or_, select, update

from nst.jobs.records.schema import events, jobs
from nst.jobs.records.store import Store

MOST = 150  # steps, evenly; besides them the last one and those beside a change


def thin_one(store: Store, before: datetime) -> bool:
    """Thin the log of a job that was finished before this moment; false if there is no such log left."""
    whole = select(jobs.c.id, jobs.c.step).where(jobs.c.finished < before, ~jobs.c.thinned)
    following = whole.order_by(jobs.c.finished).limit(1).with_for_update(skip_locked=True)
    with store.write() as change:
        job = change.connection.execute(following).first()
        if job is not None:
            _thin(change.connection, job.id, job.step)
            change.connection.execute(update(jobs).where(jobs.c.id == job.id).values(thinned=True))
    return job is not None


def _thin(connection: Connection, job_id: str, steps: int) -> None:
    """Forget most of many steps, all but the first of what was painted twice, and all previews but the last.

    The first and the last step stay, those on both sides of a change, and one of each so many. Numbers stay
    as they are: who has read up to one that is gone goes on with what follows it.
    """
    kind, seq = events.c.kind, events.c.seq
    part = events.c.data["step"].as_integer() // max(ceil(steps / MOST), 1)
    is_preview = kind == "preview"  # in between steps, and no neighbour of a change
    log = (
        select(
            kind,
            seq,
            func.row_number().over(partition_by=(kind, part), order_by=seq).label("in_part"),
            func.row_number().over(partition_by=kind, order_by=seq.desc()).label("from_end"),
            func.lag(kind).over(partition_by=is_preview, order_by=seq).label("before"),
            func.lead(kind).over(partition_by=is_preview, order_by=seq).label("after"),
        )
        .where(events.c.job == job_id)
        .subquery()
    )
    step = and_(
        log.c.kind == "step",
        log.c.in_part > 1,
        log.c.before.is_distinct_from("change"),
        log.c.after.is_distinct_from("change"),
    )
    surplus = select(log.c.seq).where(or_(step, log.c.kind == "preview"), log.c.from_end > 1)
    connection.execute(delete(events).where(events.c.job == job_id, seq.in_(surplus)))
