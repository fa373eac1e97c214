"""Videos and video jobs in the studio's database; their log, queue and moves are those of every job."""

from sqlalchemy import delete as delete_from
from sqlalchemy import func, insert, select

from nst.errors import Refusal
from nst.jobs.records import line, rows
from nst.jobs.records.schema import jobs, videos
from nst.jobs.records.store import VIDEO, Store
from nst.jobs.video_models import StoredVideo, VideoJob


class VideoStore:
    """The part of the store that only videos need."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, video: StoredVideo, per_client: int) -> StoredVideo:
        """Keep a video. Raises `Refusal` (too_many_videos) when its owner has `per_client` already."""
        mine = select(func.count()).select_from(videos).where(videos.c.owner == video.owner)
        with self._store.write() as change:
            if (change.connection.scalar(mine) or 0) >= per_client:
                raise Refusal(
                    "too_many_videos",
                    f"You have {per_client} videos here already, the most that are kept. Delete one first.",
                    "file",
                )
            change.connection.execute(insert(videos).values(video.model_dump()))
        return video

    def video(self, owner: str, video_id: str) -> StoredVideo | None:
        found = select(videos).where(videos.c.id == video_id, videos.c.owner == owner)
        with self._store.read() as connection:
            row = connection.execute(found).first()
        return None if row is None else rows.video_of(row)

    def delete(self, owner: str, video_id: str) -> bool:
        mine = delete_from(videos).where(videos.c.id == video_id, videos.c.owner == owner)
        with self._store.write() as change:
            return change.connection.execute(mine).rowcount == 1

    def job(self, job_id: str, owner: str | None = None) -> VideoJob | None:
        """The job; none if there is no such video job, or it is not `owner`'s."""
        found = select(jobs).where(jobs.c.id == job_id, jobs.c.kind == VIDEO)
        if owner is not None:
            found = found.where(jobs.c.owner == owner)
        with self._store.read() as connection:
            row = connection.execute(found).first()
            return None if row is None else rows.video_job_of(row, line.positions(connection, [row]))

    def jobs(self, owner: str, limit: int, before: int | None) -> tuple[list[VideoJob], int | None]:
        """The owner's newest `limit` jobs (older than number `before`), and where the next page starts."""
        mine = select(jobs).where(jobs.c.owner == owner, jobs.c.kind == VIDEO)
        found = mine.order_by(jobs.c.number.desc()).limit(limit + 1)
        if before is not None:
            found = found.where(jobs.c.number < before)
        with self._store.read() as connection:
            page = connection.execute(found).all()
            places = line.positions(connection, page[:limit])
        following = page[limit - 1].number if len(page) > limit else None
        return [rows.video_job_of(row, places) for row in page[:limit]], following
