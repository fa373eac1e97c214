"""Images, jobs and their event log in one SQL database.

The log is the truth: each change of a job is written together with the event that tells of it, in one
transaction, and the event's number only grows. Changes of state are compare-and-set, so that of two who
want to move a job only one does, in whichever process they are. The statements are plain SQL for SQLite and
PostgreSQL; which database it is, is decided by the `Engine` that the store is given.
"""

import math
import os
import platform
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Semaphore
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from sqlalchemy import Connection, Engine, Row, func, insert, select, update
from sqlalchemy import delete as delete_from
from sqlalchemy.exc import IntegrityError
from sqlalchemy.exc import TimeoutError as NoTurn

from nst.errors import Refusal
from nst.jobs import metrics
from nst.jobs.ids import new_id
from nst.jobs.models import FINISHED, Event, Group, Job, Stage, State, StoredImage, Wish
from nst.jobs.records import line, rows
from nst.jobs.records.database import WRITES, alone, migrate
from nst.jobs.records.schema import events, groups, images, jobs, videos
from nst.jobs.records.transaction import Transaction
from nst.jobs.records.uses import hold, refuse_what_is_gone, used_by
from nst.jobs.steering import MOST_CHANGES, Change, Steering, in_force
from nst.jobs.video_models import VideoJob

if TYPE_CHECKING:
    from nst.jobs.records.idempotency import Request

PICTURE, VIDEO = "picture", "video"  # kinds of jobs
MOST_WRITERS = 64  # at a time, of this process on a database that takes many
TURN_SECONDS = 10.0  # that somebody may wait to write
EVERYTHING = 2**31 - 1  # larger than any event number
_FULL = "The studio is full at the moment. Please try again later."


@dataclass(frozen=True)
class Log:
    """Some entries of a job's log. `complete`: the job is finished and nothing comes after these."""

    events: list[Event]
    last: int
    complete: bool


class Orders(NamedTuple):
    """What the owner of a running job wants: to go on, pause or cancel, and to change; or it is gone."""

    wish: Wish | Literal["go", "gone"]
    wanted: Steering | None = None

    @classmethod
    def of(cls, row: Row[*tuple[Any, ...]] | None) -> "Orders":
        return cls("gone") if row is None else cls(row.asked or "go", rows.wanted_of(row))


class Store:
    """Safe from many threads and processes. `announce(job, seq)` is called after each commit to a log.

    `worker` is the name under which this store claims jobs; a running job is changed by who claimed it alone.
    """

    def __init__(self, engine: Engine, announce: Callable[[str, int], None]) -> None:
        self.worker = f"{platform.node()[:64]}-{os.getpid()}-{new_id()[:8]}"
        self._engine = engine
        self._writer = engine.execution_options(**{WRITES: True})
        # SQLite has one writer at a time, and waiting here is cheaper than in the database.
        self._writing = Semaphore(1 if engine.dialect.name == "sqlite" else MOST_WRITERS)
        self._announce = announce
        migrate(engine)

    def close(self) -> None:
        self._engine.dispose()

    def check(self) -> None:
        """Raise whatever the database raises when it cannot be read."""
        with self.read() as connection:
            connection.execute(select(func.count()).select_from(images))

    def is_owner(self, owner: str) -> bool:
        """Whether anything here is theirs."""
        with self.read() as connection:
            return any(
                connection.execute(select(table.c.owner).where(table.c.owner == owner).limit(1)).first()
                for table in (images, jobs, videos)
            )

    # Images

    def add_image(
        self,
        image: StoredImage,
        file: str,
        sample: str | None = None,
        size: int | None = None,
        passing: bool = False,
    ) -> StoredImage:
        """Keep an image, of so many bytes; of a sample that the owner already has, the first one.

        One in `passing` is not kept for long unless a job uses it.
        """
        row = {**image.model_dump(), "file": file, "sample": sample, "bytes": size, "passing": passing}
        try:
            with self.write() as change:
                change.connection.execute(insert(images).values(row))
        except IntegrityError:
            if sample is not None and (known := self.sample_image(image.owner, sample)):
                return known
            raise
        return image

    def image(self, owner: str, image_id: str) -> tuple[StoredImage, str] | None:
        """The image and the name of its file."""
        found = select(images).where(images.c.id == image_id, images.c.owner == owner)
        with self.read() as connection:
            row = connection.execute(found).first()
        return None if row is None else (rows.image_of(row), row.file)

    def sample_image(self, owner: str, sample: str) -> StoredImage | None:
        found = select(images).where(images.c.owner == owner, images.c.sample == sample)
        with self.read() as connection:
            row = connection.execute(found).first()
        return None if row is None else rows.image_of(row)

    # Jobs

    def add_job(
        self, job: Job | VideoJob, per_client: int, total: int, request: "Request | None" = None
    ) -> None:
        """Put a new job at the end of the queue, and keep the key of the `request` for it.

        Raises:
            Refusal: `queue_full` when `per_client` jobs of its owner or `total` jobs wait already;
                `not_found` when a picture that it is painted with is gone.
            AlreadyMade: the same request came before.
        """
        waiting = line.length(grouped=False)
        with self.write() as change:
            alone(change.connection, "queue")
            if request is not None:
                request.keep(change.connection, job.id)
            mine = change.connection.scalar(waiting.where(jobs.c.owner == job.owner)) or 0
            if mine >= per_client:
                raise Refusal(
                    "queue_full",
                    f"{mine} of your paintings are waiting already; that is the most one visitor can have. "
                    "Wait for one to start, or cancel one.",
                )
            if (change.connection.scalar(waiting) or 0) >= total:
                raise Refusal("queue_full", _FULL)
            if isinstance(job, Job):  # a video has a copy of its picture already
                refuse_what_is_gone(change.connection, job.pictures)
            _add(change, job)

    def add_group(
        self,
        group: Group,
        members: Sequence[Job],
        per_client: int,
        total: int,
        request: "Request | None" = None,
    ) -> None:
        """Put all jobs of a new group at the end of the queue, or none of them; `request` as in `add_job`.

        Raises:
            Refusal: `queue_full` when more than `per_client` jobs of its owner's groups would wait, or
                `total` jobs of groups wait already; `not_found` as from `add_job`.
            AlreadyMade: the same request came before.
        """
        waiting = line.length(grouped=True)
        with self.write() as change:
            alone(change.connection, "queue")
            if request is not None:
                request.keep(change.connection, group.id)
            mine = change.connection.scalar(waiting.where(jobs.c.owner == group.owner)) or 0
            if mine + len(members) > per_client:
                raise Refusal(
                    "queue_full",
                    f"{mine} paintings of your groups are waiting already; {per_client} is the most. "
                    f"Ask for these {len(members)} when some are done, or cancel a group.",
                )
            if (change.connection.scalar(waiting) or 0) >= total:
                raise Refusal("queue_full", _FULL)
            refuse_what_is_gone(change.connection, {one for job in members for one in job.pictures})
            change.connection.execute(insert(groups).values(group.model_dump(mode="python")))
            for job in members:
                _add(change, job)

    def group(self, owner: str, group_id: str) -> tuple[Group, list[Job]] | None:
        """The owner's group and those of its jobs that are still there, in order."""
        found = select(groups).where(groups.c.id == group_id, groups.c.owner == owner)
        members = select(jobs).where(jobs.c.owner == owner, jobs.c.group == group_id)
        with self.read() as connection:
            row = connection.execute(found).first()
            if row is None:
                return None
            there = connection.execute(members.order_by(jobs.c.number)).all()
            places = line.positions(connection, there)
        return rows.group_of(row), [rows.job_of(one, places) for one in there]

    def delete_group(self, owner: str, group_id: str) -> None:
        """Forget a group, not its jobs."""
        with self.write() as change:
            change.connection.execute(
                delete_from(groups).where(groups.c.id == group_id, groups.c.owner == owner)
            )

    def job(self, job_id: str, owner: str | None = None) -> Job | None:
        """The job; none if there is no such job, or it is not `owner`'s."""
        found = select(jobs).where(jobs.c.id == job_id, jobs.c.kind == PICTURE)
        if owner is not None:
            found = found.where(jobs.c.owner == owner)
        with self.read() as connection:
            row = connection.execute(found).first()
            return None if row is None else rows.job_of(row, line.positions(connection, [row]))

    def has_waiting_picture(self) -> bool:
        waiting = select(func.count()).where(jobs.c.state == "queued", jobs.c.kind == PICTURE)
        with self.read() as connection:
            return bool(connection.scalar(waiting))

    def state(self, job_id: str, owner: str) -> State | None:
        """Where a job of any kind stands; none if it is not `owner`'s."""
        found = select(jobs.c.state).where(jobs.c.id == job_id, jobs.c.owner == owner)
        with self.read() as connection:
            state: State | None = connection.scalar(found)
        return state

    def jobs(self, owner: str, limit: int, before: int | None) -> tuple[list[Job], int | None]:
        """The owner's newest `limit` jobs (older than number `before`), and where the next page starts."""
        mine = select(jobs).where(jobs.c.owner == owner, jobs.c.kind == PICTURE)
        found = mine.order_by(jobs.c.number.desc()).limit(limit + 1)
        if before is not None:
            found = found.where(jobs.c.number < before)
        with self.read() as connection:
            page = connection.execute(found).all()
            places = line.positions(connection, page[:limit])
        following = page[limit - 1].number if len(page) > limit else None
        return [rows.job_of(row, places) for row in page[:limit]], following

    def waiting(self) -> int:
        """How many jobs wait, those of groups not counted."""
        with self.read() as connection:
            return connection.scalar(line.length(grouped=False)) or 0

    def claim(self) -> Job | VideoJob | None:
        """Take the next job of the queue to paint, if there is one, be it a picture or a video."""
        with self.write() as change:
            # Of several who claim at once, each is given another one.
            following = change.connection.scalar(line.first().with_for_update(skip_locked=True))
            if following is None:
                return None
            now = datetime.now(UTC)
            begun = func.coalesce(jobs.c.started, now)
            row = change.move(following, ("queued",), "running", started=begun, lane=line.BEGUN)
        if row is None:
            return None
        metrics.job_begun(row, now)
        return rows.any_job_of(row, {})

    def move(
        self,
        job_id: str,
        sources: tuple[State, ...],
        target: State,
        *,
        error: str | None = None,
        result: tuple[int, int] | None = None,
        crashed: bool = False,
    ) -> bool:
        """Bring a job from one of `sources` to `target`; false if it was in none of them.

        Args:
            error: a sentence for the owner, told with the state.
            result: width and height of a result picture that is there; its event comes before the state's.
            crashed: count one more crash.
        """
        values: dict[str, Any] = {}
        if target != "interrupted":  # what was asked before a crash is still asked after it
            values["asked"] = None
        if target in FINISHED:
            values["finished"] = datetime.now(UTC)
            values["bytes"] = None  # to be looked at once more
            values["wanted"] = None
        if result is not None:
            values |= {"has_result": True, "width": result[0], "height": result[1]}
        if crashed:
            values["crashes"] = jobs.c.crashes + 1
        with self.write() as change:
            moved = change.move(job_id, sources, target, result=result is not None, error=error, **values)
            return moved is not None

    def forget_crashes(self, job_id: str) -> None:
        """Count them anew: the job has come further than it was."""
        with self.write() as change:
            change.connection.execute(
                update(jobs).where(jobs.c.id == job_id, jobs.c.crashes > 0).values(crashes=0)
            )

    def ask(self, job_id: str, wish: Wish | None) -> bool:
        """Leave a wish for whoever paints the job; false if nobody does. A cancel outranks a pause."""
        wished = update(jobs).where(jobs.c.id == job_id, jobs.c.state == "running")
        if wish != "cancel":
            wished = wished.where(jobs.c.asked.is_distinct_from("cancel"))
        with self.write() as change:
            return change.connection.execute(wished.values(asked=wish)).rowcount == 1

    def want(self, job_id: str, change: Steering) -> bool:
        """Leave a change for whoever paints the job; false if there is no step left that it could act on.

        Raises:
            Refusal: `too_many_changes`, or `not_found` when a picture that it brings is gone.
        """
        with self.write() as writing:
            row = writing.locked(job_id)
            if row is None or row.state in FINISHED or (row.state == "running" and row.step >= row.steps):
                return False
            refuse_what_is_gone(writing.connection, change.pictures)
            if len(row.changes) >= MOST_CHANGES:
                raise Refusal(
                    "too_many_changes",
                    f"This painting was changed {MOST_CHANGES} times; no more can be kept with it. "
                    "Let it finish, and go on from there.",
                )
            before = rows.wanted_of(row)
            wanted = change if before is None else before.then(change)
            values: dict[str, Any] = {"wanted": wanted.model_dump(mode="json")}
            if row.state != "running" and "steps" in wanted.live:  # with no step to come that would tell
                values["steps"] = wanted.at(row.step).live["steps"]
            writing.connection.execute(update(jobs).where(jobs.c.id == job_id).values(values))
            hold(writing.connection, job_id, change.pictures)
        return True

    def record_step(self, job_id: str, data: dict[str, Any]) -> Orders:
        """Log a step (see `Event`) and say what comes next."""
        losses = {name: value for name, value in data.get("losses", {}).items() if math.isfinite(value)}
        data = {**data, "losses": losses}
        with self.write() as change:
            row = change.advance(
                job_id,
                ("running",),
                [("step", data)],
                step=data["step"],
                steps=data["steps"],
                losses=losses,
                width=data["width"],
                height=data["height"],
                seconds_left=data.get("seconds_left"),
            )
        return Orders.of(row)

    def orders(self, job_id: str) -> Orders:
        """What its owner wants of a job that runs here."""
        here = jobs.c.id == job_id, jobs.c.state == "running", jobs.c.worker == self.worker
        with self.read() as connection:
            return Orders.of(connection.execute(select(jobs.c.asked, jobs.c.wanted).where(*here)).first())

    def record_change(self, job_id: str, change: Change) -> Job | None:
        """Log a change that is in force from now on, and keep it; the job, or none if it is not running."""
        with self.write() as writing:
            row = writing.locked(job_id)
            if row is None:
                return None
            known = [Change.model_validate(one) for one in row.changes]
            changes = known if change in known else in_force([*known, change], EVERYTHING)
            row = writing.advance(
                job_id,
                ("running",),
                [("change", {"step": change.after, "changed": change.changed})],
                changes=[one.model_dump(mode="json") for one in changes],
                wanted=rows.left_of(row, change),
                steps=change.live.get("steps", row.steps),
            )
        return None if row is None else rows.job_of(row, {})

    def record_refused_change(self, job_id: str, change: Change, reason: str) -> None:
        """Log that a wanted change cannot be made, and why."""
        with self.write() as writing:
            row = writing.locked(job_id)
            told = {"step": change.after, "changed": change.changed, "refused": reason}
            if row is not None:
                writing.advance(job_id, ("running",), [("change", told)], wanted=rows.left_of(row, change))

    def record_stages(self, job_id: str, stages: list[Stage]) -> None:
        kept = [stage.model_dump(mode="json") for stage in stages]
        with self.write() as change:
            change.connection.execute(update(jobs).where(jobs.c.id == job_id).values(stages=kept))

    def record_preview(self, job_id: str) -> bool:
        """Log that a new preview picture is there; false if the job is gone or not running."""
        with self.write() as change:
            row = change.locked(job_id)
            if row is not None:
                seq = row.preview_seq + 1
                row = change.advance(job_id, ("running",), [("preview", {"seq": seq})], preview_seq=seq)
        return row is not None

    def delete(self, owner: str, job_id: str) -> bool:
        mine = delete_from(jobs).where(jobs.c.id == job_id, jobs.c.owner == owner)
        with self.write() as change:
            deleted = change.connection.execute(mine).rowcount == 1
            if deleted:
                change.told.append((job_id, EVERYTHING))
        return deleted

    # The log

    def log(self, job_id: str, after: int, limit: int) -> Log | None:
        """At most `limit` entries with a number above `after`; none if there is no such job."""
        with self.read() as connection:
            job = connection.execute(select(jobs.c.state, jobs.c.seq).where(jobs.c.id == job_id)).first()
            if job is None:
                return None
            # A reader who claims to know more than there is has read everything, no more.
            after = min(after, job.seq)
            newer = select(events).where(events.c.job == job_id, events.c.seq > after)
            following = connection.execute(newer.order_by(events.c.seq).limit(limit)).all()
        entries = [Event.model_validate(row._mapping) for row in following]
        last = entries[-1].seq if entries else after
        return Log(entries, last, complete=job.state in FINISHED and last >= job.seq)

    # For what else is kept in the same database

    @contextmanager
    def read(self) -> Iterator[Connection]:
        with self._engine.begin() as connection:
            yield connection

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """As one of few writers. Raises SQLAlchemy's `TimeoutError` after `TURN_SECONDS`."""
        if not self._writing.acquire(timeout=TURN_SECONDS):
            raise NoTurn("others have been writing all the time")
        try:
            yield
        finally:
            self._writing.release()

    @contextmanager
    def write(self) -> Iterator["Transaction"]:
        """Logs that were added to are announced when all is written."""
        with self._turn(), self._writer.begin() as connection:
            change = Transaction(connection, self.worker)
            yield change
        for job, seq in change.told:
            self._announce(job, seq)
        for row, state in change.moved:
            metrics.job_moved(row, state)


def _add(change: Transaction, job: Job | VideoJob) -> None:
    row: dict[str, Any] = {"kind": VIDEO}
    if isinstance(job, Job):
        row = {"group": job.group, "changes": [one.model_dump(mode="json") for one in job.changes]}
    row |= {"id": job.id, "owner": job.owner, "spec": job.spec.model_dump(mode="json")}
    row |= {"state": job.state, "steps": job.steps, "created": job.created}
    kind: line.Kind = "video" if isinstance(job, VideoJob) else "group" if job.group else "single"
    row |= line.place_for(change.connection, job.owner, kind)
    change.connection.execute(insert(jobs).values(row))
    hold(change.connection, job.id, used_by(job))
    change.move(job.id, (job.state,), job.state)
