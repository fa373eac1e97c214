"""What the studio keeps: how many bytes, whose, what may go first; and its removal, row before files.

The bytes are columns of the rows, looked up once: nothing here walks through the files to count them.
"""

import heapq
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, Table, delete, exists, func, or_, select, update

from nst.jobs.filing.files import Files, image_key, job_key, thumbnail_key, video_key
from nst.jobs.models import FINISHED, State
from nst.jobs.records import rows
from nst.jobs.records.schema import groups, images, jobs, uses, videos
from nst.jobs.records.store import EVERYTHING, Store
from nst.jobs.records.transaction import Transaction
from nst.jobs.records.uses import hold, to_remove, used_by

Kind = Literal["job", "image", "video"]

_UNFINISHED: tuple[State, ...] = ("queued", "running", "paused", "interrupted")
_BATCH = 100


class Item(NamedTuple):
    """Something that may be removed. `since`: when a job finished, or the other came."""

    since: datetime
    kind: Kind
    id: str
    bytes: int


class Ages(NamedTuple):
    """What came, or finished, before these moments may go, unless something that stays uses it."""

    jobs: datetime
    videos: datetime
    images: datetime
    passing: datetime  # images made on the way to something else


class Stock:
    """Of any thread. Every method waits for the database, some for the files."""

    def __init__(self, store: Store, files: Files) -> None:
        self._store = store
        self._files = files

    def bytes(self, owner: str | None = None) -> int:
        """All that is known of, or what is one owner's."""
        with self._store.read() as connection:
            return sum(
                int(connection.scalar(_of(owner, table, select(func.sum(column)))) or 0)
                for table, column in ((jobs, jobs.c.bytes), (images, images.c.bytes), (videos, videos.c.size))
            )

    def look(self, under_way: bool = False) -> None:
        """Find the bytes of what was not looked at yet, and, if so wished, of jobs under way."""
        wanted: ColumnElement[bool] = jobs.c.bytes.is_(None)
        if under_way:
            wanted = or_(wanted, jobs.c.state.in_(_UNFINISHED))
        with self._store.read() as connection:
            changed = connection.execute(select(jobs).where(wanted)).all()
            unknown = connection.execute(
                select(images.c.id, images.c.file).where(images.c.bytes.is_(None), images.c.sample.is_(None))
            ).all()
        for row in changed:
            size = self._files.size(job_key(row.id))
            with self._store.write() as change:
                # Only while it is at the same point: what it becomes is looked at then.
                same = jobs.c.id == row.id, jobs.c.state == row.state
                there = change.connection.execute(update(jobs).where(*same).values(bytes=size)).rowcount
                if there:  # jobs from before there was a list of uses
                    hold(change.connection, row.id, used_by(rows.any_job_of(row, {})))
        for row in unknown:
            size = self._files.size(image_key(row.file)) + self._files.size(thumbnail_key(row.file))
            with self._store.write() as change:
                change.connection.execute(update(images).where(images.c.id == row.id).values(bytes=size))

    def oldest(self, ages: Ages, owner: str | None = None) -> Iterator[Item]:
        """What may be removed, oldest first. What is not removed is not seen again."""
        kinds: tuple[Kind, ...] = ("job", "image", "video")
        yield from heapq.merge(*(self._of_kind(kind, ages, owner) for kind in kinds))

    def remove(self, item: Item) -> bool:
        """Remove it, if still nothing that stays uses it."""
        with self._store.write() as change:
            if item.kind == "job":
                keys = _without_job(change, item.id)
            elif item.kind == "image":
                keys = _without_image(change.connection, item.id)
            else:
                keys = _without_video(change.connection, item.id)
        for key in keys:
            self._files.delete(key)
        return bool(keys)

    def remove_orphans(self, before: float) -> int:
        """Remove files that no row knows and that are older than that (Unix time); how many."""
        count = 0
        for folder, column in (("jobs", jobs.c.id), ("videos", videos.c.id), ("images", images.c.file)):
            found = dict(self._files.names(folder))
            with self._store.read() as connection:
                known = set(connection.scalars(select(column)))
            # A sample is written once and taken by many, also by who is about to.
            samples = {name.partition(".")[0] for name in found if name.startswith("sample-")}
            for name, changed in found.items():
                if changed < before and name.partition(".")[0] not in known | samples:
                    self._files.delete(f"{folder}/{name}")
                    count += 1
        return count

    def _of_kind(self, kind: Kind, ages: Ages, owner: str | None) -> Iterator[Item]:
        """Read batch by batch, so that what became free meanwhile is seen."""
        after = None
        while True:
            found = _removable(kind, ages, owner).limit(_BATCH)
            if after is not None:
                moment, name = found.selected_columns[0], found.selected_columns[1]
                later = or_(moment > after.since, (moment == after.since) & (name > after.id))
                found = found.where(later)
            with self._store.read() as connection:
                rows_found = connection.execute(found).all()
            batch = [Item(since, kind, name, size or 0) for since, name, size in rows_found]
            yield from batch
            if len(batch) < _BATCH:
                return
            after = batch[-1]


def _removable(kind: Kind, ages: Ages, owner: str | None) -> Select[Any]:
    if kind == "job":
        found = _of(owner, jobs, select(jobs.c.finished, jobs.c.id, jobs.c.bytes))
        found = found.where(jobs.c.state.in_(FINISHED), jobs.c.finished < ages.jobs)
        return found.order_by(jobs.c.finished, jobs.c.id)
    if kind == "video":
        found = _of(owner, videos, select(videos.c.created, videos.c.id, videos.c.size))
        found = found.where(videos.c.created < ages.videos, _unused_video())
        return found.order_by(videos.c.created, videos.c.id)
    found = _of(owner, images, select(images.c.created, images.c.id, images.c.bytes))
    found = found.where(images.c.sample.is_(None), _unused_image())
    made_before = or_(images.c.created < ages.images, images.c.passing & (images.c.created < ages.passing))
    return found.where(made_before).order_by(images.c.created, images.c.id)


def _of(owner: str | None, table: Table, found: Select[Any]) -> Select[Any]:
    return found if owner is None else found.where(table.c.owner == owner)


def _unused_image() -> ColumnElement[bool]:
    """By any job, be it finished: its pictures can be used again."""
    return ~exists().where(uses.c.id == images.c.id)


def _unused_video() -> ColumnElement[bool]:
    """By any job that is not finished: a finished one has its own video."""
    return ~exists().where(uses.c.id == videos.c.id, jobs.c.id == uses.c.job, jobs.c.state.in_(_UNFINISHED))


def _without_job(change: Transaction, job_id: str) -> list[str]:
    """Forget a finished job, and its group with the last one; the keys of its files, none if it must stay."""
    mine = jobs.c.id == job_id, jobs.c.state.in_(FINISHED)
    gone = change.connection.execute(delete(jobs).where(*mine).returning(jobs.c.owner, jobs.c.group)).first()
    if gone is None:
        return []
    if gone.group is not None:
        left = exists().where(jobs.c.owner == gone.owner, jobs.c.group == gone.group)
        change.connection.execute(delete(groups).where(groups.c.id == gone.group, ~left))
    change.told.append((job_id, EVERYTHING))
    return [job_key(job_id)]


def _without_image(connection: Connection, image_id: str) -> list[str]:
    to_remove(connection, image_id)
    unused = images.c.id == image_id, _unused_image(), images.c.sample.is_(None)
    file = connection.scalar(delete(images).where(*unused).returning(images.c.file))
    return [] if file is None else [thumbnail_key(file), image_key(file)]


def _without_video(connection: Connection, video_id: str) -> list[str]:
    gone = connection.execute(delete(videos).where(videos.c.id == video_id, _unused_video()))
    return [video_key(video_id)] if gone.rowcount else []
