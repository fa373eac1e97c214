"""The studio: what the API and the page can do. Every picture and job belongs to the client who made it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from nst.errors import Refusal
from nst.gallery.catalogue import Sample
from nst.images import Pixels
from nst.jobs import events, forms, health
from nst.jobs.checks import check_change, check_spec
from nst.jobs.filing.files import job_key, stage_key
from nst.jobs.ids import is_id, new_id
from nst.jobs.instant.networks import Networks, tensorflow_networks
from nst.jobs.instant.previews import Previews
from nst.jobs.missing import missing, no_page, none_yet
from nst.jobs.models import FINISHED, Axis, Event, Group, Job, JobSpec, Steering, StoredImage
from nst.jobs.overview import Overview
from nst.jobs.painters.engine import Engine
from nst.jobs.painters.recovery import give_up
from nst.jobs.painters.video_work import PainterFor
from nst.jobs.painters.worker import tensorflow_engine
from nst.jobs.pictures import THUMBNAIL_SIDE, Pictures
from nst.jobs.records.idempotency import Request, Requests
from nst.jobs.records.library import Library
from nst.jobs.records.tokens import Tokens
from nst.jobs.records.wishes import Wishes
from nst.jobs.sweep import Sweep
from nst.jobs.videos import Videos
from nst.options import Options, parse_options
from nst.settings import Settings
from nst.video.painters import painter

__all__ = ["THUMBNAIL_SIDE", "Studio"]


class Studio:
    """All methods but `follow` wait for disk or database: call them from a thread, not on an event loop.

    Every method that takes an owner and an id raises `Refusal("not_found")` for an id that is not theirs.
    Making a studio raises `Refusal("data_dir_unusable")` where its folder cannot be made or written. A `warm`
    one loads the networks of its previews by itself, once its engine is there.
    """

    def __init__(
        self,
        settings: Settings,
        load: Callable[[], Engine] = tensorflow_engine,
        *,
        video_painter: PainterFor = painter,
        networks: Callable[[], Networks] = tensorflow_networks,
        warm: bool = False,
    ) -> None:
        self.settings = settings
        self._store, self._files, self._wake, self._worker = forms.choose(settings, load, video_painter)
        self._is_started = False
        self._logs = events.Logs(self._store)
        self.sweep = Sweep(self._store, self._files, settings)
        self._pictures = Pictures(self._store, self._files, self.sweep.make_room)
        self.previews = Previews(self._pictures, *forms.networks(settings, networks))
        self.library = Library(self._store, self._files)
        self.tokens = Tokens(self._store)
        self.overview = Overview(self._store, self._files, self._worker, self.sweep)
        self.requests = Requests(self._store)
        self._is_warm = warm
        self.videos = Videos(
            self._store, self._files, self._pictures, settings, self._worker.poke, self.sweep.make_room
        )
        self._wishes = Wishes(
            self._store,
            self.job,
            lambda job: give_up(self._store, self._files, job, "cancelled"),
            self._worker.poke,
            noun="painting",
            cancelled="was stopped",
        )

    def start(self) -> None:
        """Take up the jobs that an earlier process left, and start painting; nothing if already started.

        Raises:
            Refusal: `data_dir_in_use` when another process has the same folder.
        """
        if self._is_started:
            return
        self._worker.start()
        self._is_started = True
        self.sweep.start()
        self.previews.start(self._engine_is_settled if self._is_warm else None)

    def let_go(self) -> None:
        """End all that `follow`, and the step at hand. Does not wait."""
        self._wake.close()
        self._worker.hasten()

    def close(self) -> None:
        """Stop within about five seconds. The running job goes on at the next start."""
        self.let_go()
        if self._is_started:
            self.sweep.close()
            self._worker.close()
            self.previews.close()
        self._store.close()
        self._is_started = False

    def is_owner(self, owner: str) -> bool:
        return self._store.is_owner(owner)

    # Pictures, told of in `Pictures`

    def add_image(self, owner: str, stream: BinaryIO, passing: bool = False) -> tuple[StoredImage, list[str]]:
        return self._pictures.add(owner, stream, passing)

    def image(self, owner: str, image_id: str) -> StoredImage:
        return self._pictures.known(owner, image_id)

    def image_file(self, owner: str, image_id: str) -> Path:
        return self._pictures.file(owner, image_id)

    def thumbnail(self, owner: str, image_id: str) -> bytes:
        return self._pictures.thumbnail(owner, image_id)

    def grey(self, owner: str, image_id: str) -> Pixels:
        return self._pictures.grey(owner, image_id)

    def samples(self) -> Sequence[Sample]:
        return self._pictures.samples()

    def sample_thumbnail(self, name: str) -> bytes:
        return self._pictures.sample_thumbnail(name)

    def add_sample(self, owner: str, name: str) -> StoredImage:
        return self._pictures.add_sample(owner, name)

    # Jobs

    def submit(self, owner: str, spec: JobSpec, request: Request | None = None) -> Job:
        """Put a painting in the queue. Of requests that are the same, only the first is taken: `AlreadyMade`.

        Raises:
            Refusal: about a picture, a region or a change (not_found, empty_mask, nothing_to_paint,
                no_such_style, bad_blend), too_little_memory, or queue_full.
        """
        job = self._new_job(owner, spec)
        try:
            if spec.onward is not None:  # a copy of its own: the earlier painting may be deleted
                painted = self._painted(owner, spec.onward, "onward").read_bytes()
                self._files.write(job_key(job.id, "onward.png"), painted)
            limits = self.settings.queued_per_client, self.settings.queued_total
            self._store.add_job(job, *limits, request)
        except BaseException:
            self._files.delete(job_key(job.id))
            raise
        queued = self.job(owner, job.id)
        self._worker.poke()
        return queued

    def submit_group(
        self,
        owner: str,
        specs: Sequence[JobSpec],
        title: str | None = None,
        axes: Sequence[Axis] = (),
        request: Request | None = None,
    ) -> Group:
        """Put several paintings in the queue as one group: all of them, or none. `request` as in `submit`.

        Raises:
            Refusal: `group_too_large`, `queue_full`, or as from `submit`; one about a photograph names its
                place in `contents`, if there are several.
        """
        if len(specs) > self.settings.group_jobs:
            raise Refusal(
                "group_too_large",
                f"That would be {len(specs)} paintings; one group takes at most {self.settings.group_jobs}.",
                "vary" if axes else "contents",
            )
        group_id = new_id()
        members = []
        for index, spec in enumerate(specs):
            try:
                members.append(self._new_job(owner, spec, group_id))
            except Refusal as refusal:
                if refusal.field != "content" or axes:
                    raise
                raise Refusal(refusal.code, refusal.message, f"contents.{index}") from refusal
        group = Group(
            id=group_id,
            owner=owner,
            title=title,
            axes=list(axes),
            members=[job.id for job in members],
            created=datetime.now(UTC),
        )
        limits = self.settings.group_jobs, self.settings.queued_total
        self._store.add_group(group, members, *limits, request)
        self._worker.poke()
        return group

    def group(self, owner: str, group_id: str) -> tuple[Group, list[Job]]:
        """A group, and those of its jobs that were not deleted, in order."""
        found = self._store.group(owner, group_id) if is_id(group_id) else None
        if found is None:
            missing("group of paintings")
        return found[0], [self._told(job) for job in found[1]]

    def delete_group(self, owner: str, group_id: str) -> None:
        """Forget a group and all its jobs with their pictures."""
        for job in reversed(self.group(owner, group_id)[1]):
            with suppress(Refusal):  # somebody else deleted it meanwhile
                self.delete(owner, job.id)
        self._store.delete_group(owner, group_id)

    def go_on(
        self,
        owner: str,
        job_id: str,
        steps: int = 50,
        size: int | None = None,
        request: Request | None = None,
    ) -> Job:
        """Put a new painting in the queue, which goes on with a finished one as it was last steered.

        Raises:
            Refusal: `not_finished`, `no_result`, one about `steps` or `size`, or as from `submit`.
        """
        earlier = self.job(owner, job_id)
        if not earlier.is_finished:
            raise Refusal(
                "not_finished",
                "This painting is not finished yet. Let it finish, stop and keep it, or give it more steps.",
            )
        if not earlier.has_result:
            raise Refusal("no_result", "There is no picture of this painting to go on with. Start a new one.")
        spec = earlier.current
        options = spec.options.model_dump() | {"steps": steps, "size": size or spec.options.size}
        onward = {"options": parse_options(options), "onward": job_id, "init": None, "changes": []}
        return self.submit(owner, spec.model_copy(update=onward), request)

    def job(self, owner: str, job_id: str) -> Job:
        job = self._store.job(job_id, owner) if is_id(job_id) else None
        return self._told(job or missing("painting"))

    def jobs(self, owner: str, limit: int = 20, before: str | None = None) -> tuple[list[Job], str | None]:
        """The owner's jobs, newest first, and the `before` of the next page if there is one."""
        if before is not None and not (before.isascii() and before.isdigit() and len(before) < 10):
            no_page("paintings")
        found, following = self._store.jobs(owner, limit, None if before is None else int(before))
        return [self._told(job) for job in found], None if following is None else str(following)

    def cancel(self, owner: str, job_id: str) -> Job:
        """Stop and keep: the last picture becomes the result. A running job gives up the step it is at."""
        return self._wishes.cancel(owner, job_id)

    def expected_seconds(self, width: int, height: int, options: Options) -> float | None:
        """How long it takes to paint a photograph of this size on this machine; none while unknown."""
        return self._worker.expected_seconds(width, height, options)

    def pause(self, owner: str, job_id: str) -> Job:
        """Let a running job rest as soon as it can; others are painted meanwhile."""
        return self._wishes.pause(owner, job_id)

    def resume(self, owner: str, job_id: str) -> Job:
        """Put a paused job back at the front of the queue; it goes on from where it was."""
        return self._wishes.resume(owner, job_id)

    def steer(self, owner: str, job_id: str, change: Steering) -> Job:
        """Change a painting under way, from its next step on; one that waits or rests, when it is painted.

        The change outlives this process. `Job.current` has it at once, `Job.made` when it is in force.

        Raises:
            Refusal: `already_finished`, `too_many_changes`, or about the part that does not fit
                (not_found, empty_mask, nothing_to_paint, no_such_style, bad_blend).
        """
        job = self.job(owner, job_id)
        if job.is_finished:
            raise self._wishes.finished(job)
        check_change(self._pictures, owner, job.current, change)
        if job.current.changed(change) != job.current:
            if not self._store.want(job_id, change):
                raise self._wishes.finished(self.job(owner, job_id))
            self._worker.poke()
        return self.job(owner, job_id)

    def delete(self, owner: str, job_id: str) -> None:
        """Forget a job and all its pictures. One that is running gives up the step it is at."""
        job = self.job(owner, job_id)
        if not self._store.delete(owner, job.id):
            missing("painting")
        self._files.delete(job_key(job.id))
        self._worker.poke()

    def preview_file(self, owner: str, job_id: str) -> Path:
        """The newest preview, a JPEG with a long side of at most 768 pixels."""
        job = self.job(owner, job_id)
        return self._files.path(job_key(job.id, "preview.jpg")) or none_yet("painting", "preview picture")

    def result_file(self, owner: str, job_id: str) -> Path:
        """The finished (or stopped) painting, a PNG with its settings inside."""
        return self._painted(owner, job_id)

    def stage_file(self, owner: str, job_id: str, step: int) -> Path:
        """What was kept of the run after this step, a JPEG with a long side of at most 512 pixels."""
        job = self.job(owner, job_id)
        kept = any(stage.step == step for stage in job.stages)
        path = self._files.path(stage_key(job.id, step)) if kept else None
        return path or missing("stage of this painting")

    def _told(self, job: Job) -> Job:
        """The job as it is at this moment: until when it is kept, and what of the disk holds it up."""
        reason = next(iter(self._worker.waits_for.values()), None) if job.state == "running" else None
        return job.model_copy(update={"error": reason or job.error, "expires": self.sweep.expires(job)})

    # The log

    def is_finished(self, owner: str, job_id: str) -> bool:
        """Whether a painting or a video has come to its end, and its log with it."""
        state = self._store.state(job_id, owner) if is_id(job_id) else None
        return (state or missing("painting")) in FINISHED

    def events(self, owner: str, job_id: str, after: int = 0, limit: int = 1000) -> list[Event]:
        """The job's events with numbers above `after`, oldest first; of a painting or of a video."""
        self.is_finished(owner, job_id)
        entries = self._store.log(job_id, after, limit)
        return [] if entries is None else entries.events

    async def follow(
        self, owner: str, job_id: str, after: int = 0, quiet: float | None = None
    ) -> AsyncIterator[list[Event]]:
        """Batches of events as they happen, until the job is finished and all are read.

        With `quiet`, an empty batch comes after so many seconds without news.
        """
        await asyncio.to_thread(self.is_finished, owner, job_id)
        async for batch in events.follow(self._logs, self._wake, job_id, after, quiet):
            yield batch

    def health(self) -> dict[str, str]:
        """What is wrong, by part: store, files, queue, worker, engine. Empty when all is well.

        A full queue is told as well, although the studio is then at work and in order.
        """
        return health.wrong(self._store, self._files, self._worker, self.settings.queued_total)

    # Below: what the public methods share

    def _new_job(self, owner: str, spec: JobSpec, group: str | None = None) -> Job:
        """A job that is not in the queue yet, once all that it asks for was found good."""
        check_spec(self._pictures, owner, spec)
        self.sweep.make_room(owner, 0)
        content = self._pictures.known(owner, spec.content)
        self._worker.check(content.width, content.height, spec.options)
        job = Job(
            id=new_id(),
            owner=owner,
            group=group,
            spec=spec,
            state="queued",
            steps=spec.options.steps,
            changes=spec.changes,
            created=datetime.now(UTC),
        )
        return job.model_copy(update={"steps": job.current.options.steps})

    def _engine_is_settled(self) -> bool:
        return self._worker.is_ready or self._worker.trouble is not None

    def _painted(self, owner: str, job_id: str, field: str | None = None) -> Path:
        job = self._store.job(job_id, owner) if is_id(job_id) else None
        if job is None:
            missing("painting", field)
        path = self._files.path(job_key(job.id, "result.png")) if job.has_result else None
        return path or none_yet("painting", "result picture", field)
