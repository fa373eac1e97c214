"""Jobs that nobody paints any more: taken up again from their checkpoint, or given up with what there is."""

import logging

from nst.jobs.filing.files import Files
from nst.jobs.models import Job, State
from nst.jobs.painters.results import discard_progress, keep_last
from nst.jobs.painters.video_work import discard_work
from nst.jobs.records.leases import Leases
from nst.jobs.records.store import Store
from nst.jobs.records.wishes import WAITING
from nst.jobs.troubles import CRASHES
from nst.jobs.video_models import VideoJob

MOST_CRASHES = 2

log = logging.getLogger(__name__)


def recover(store: Store, files: Files, leases: Leases) -> None:
    """Put the jobs that a dead worker was painting, or handed back, to the front of the queue."""
    for job, crashes in leases.abandoned():
        if job.state == "running":
            if not leases.take(job):
                continue
            log.warning("job %s was running when its worker stopped", job.id)
            crashes += 1
        if job.asked == "cancel":
            give_up(store, files, job, "cancelled")
        elif crashes >= MOST_CRASHES:
            give_up(store, files, job, "failed", CRASHES)
        else:
            store.move(job.id, ("interrupted",), "paused" if job.asked == "pause" else "queued")


def give_up(store: Store, files: Files, job: Job | VideoJob, state: State, error: str | None = None) -> bool:
    """Finish a job that nobody is painting, with the last picture that was saved of it."""
    kept = keep_last(files, job) if isinstance(job, Job) else None
    moved = store.move(job.id, WAITING, state, error=error, result=kept)
    if moved:
        discard_progress(files, job.id)
        discard_work(files, job.id)
    return moved
