"""What a client has here, page by page, and what of it may be thrown away."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Table, and_, or_, select
from sqlalchemy import delete as delete_from

from nst.errors import Refusal
from nst.jobs.filing.files import Files, image_key, thumbnail_key
from nst.jobs.ids import is_id
from nst.jobs.missing import missing, no_page
from nst.jobs.models import FINISHED, Group, Job, StoredImage
from nst.jobs.records import line, rows
from nst.jobs.records.schema import groups, images, jobs, videos
from nst.jobs.records.store import PICTURE, Store
from nst.jobs.records.uses import to_remove
from nst.jobs.video_models import StoredVideo

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PLACE = re.compile(r"([0-9]{1,17})-([0-9a-f]{32})")


class Gathered(NamedTuple):
    """A group, and those of its jobs that were not deleted, in order."""

    group: Group
    jobs: list[Job]


class Library:
    """Pages are newest first. Each comes with the `before` of the next one, if there is one.

    A `before` that cannot be one raises `Refusal("bad_page")`.
    """

    def __init__(self, store: Store, files: Files) -> None:
        self._store = store
        self._files = files

    def images(self, owner: str, limit: int, before: str | None) -> tuple[list[StoredImage], str | None]:
        with self._store.read() as connection:
            page, following = _page(connection, images, owner, limit, before)
        return [rows.image_of(row) for row in page], following

    def videos(self, owner: str, limit: int, before: str | None) -> tuple[list[StoredVideo], str | None]:
        with self._store.read() as connection:
            page, following = _page(connection, videos, owner, limit, before)
        return [rows.video_of(row) for row in page], following

    def groups(self, owner: str, limit: int, before: str | None) -> tuple[list[Gathered], str | None]:
        with self._store.read() as connection:
            page, following = _page(connection, groups, owner, limit, before)
            mine = select(jobs).where(jobs.c.owner == owner, jobs.c.group.in_([row.id for row in page]))
            members = connection.execute(mine.order_by(jobs.c.number)).all()
            places = line.positions(connection, members)
        found = [rows.job_of(row, places) for row in members]
        gathered = [
            Gathered(rows.group_of(row), [job for job in found if job.group == row.id]) for row in page
        ]
        return gathered, following

    def forget_image(self, owner: str, image_id: str) -> None:
        """Delete a picture. Finished paintings that were made with it stay.

        Raises:
            Refusal: `not_found`, or `in_use` while a painting that is not finished needs it.
        """
        if not is_id(image_id):
            missing("picture")
        unfinished = select(jobs).where(
            jobs.c.owner == owner, jobs.c.kind == PICTURE, jobs.c.state.not_in(FINISHED)
        )
        with self._store.write() as change:
            row = to_remove(change.connection, image_id)
            if row is None or row.owner != owner:
                missing("picture")
            if any(
                image_id in rows.job_of(job, {}).pictures for job in change.connection.execute(unfinished)
            ):
                raise Refusal(
                    "in_use",
                    "A painting that is not finished yet needs this picture. "
                    "Let it finish, or stop it, and delete the picture then.",
                )
            change.connection.execute(delete_from(images).where(images.c.id == image_id))
        if row.file == image_id:  # a sample's file is everybody's
            self._files.delete(image_key(image_id))
            self._files.delete(thumbnail_key(image_id))


def _page(
    connection: Connection, table: Table, owner: str, limit: int, before: str | None
) -> tuple[Sequence[Row[Any]], str | None]:
    """The owner's newest rows, older than `before`: when the last one of the page before came, and its id."""
    found = select(table).where(table.c.owner == owner)
    if before is not None:
        place = _PLACE.fullmatch(before)
        if place is None:
            no_page(table.name)
        moment, row_id = _EPOCH + timedelta(microseconds=int(place[1])), place[2]
        older = and_(table.c.created == moment, table.c.id < row_id)
        found = found.where(or_(table.c.created < moment, older))
    newest = found.order_by(table.c.created.desc(), table.c.id.desc()).limit(limit + 1)
    page = connection.execute(newest).all()
    if len(page) <= limit:
        return page, None
    last = page[limit - 1]
    return page[:limit], f"{(last.created - _EPOCH) // timedelta(microseconds=1)}-{last.id}"
