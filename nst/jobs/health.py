"""Whether all that a studio stands on is in order."""

import logging

from nst.jobs.filing.files import Files
from nst.jobs.painters.worker import Worker
from nst.jobs.records.store import Store
from nst.jobs.troubles import in_short, of_storage

LOADING = "loading"  # what is said of an engine that will be there soon

log = logging.getLogger(__name__)


def wrong(store: Store, files: Files, worker: Worker, most_waiting: int) -> dict[str, str]:
    """What is wrong, by part, as `Studio.health` tells it."""
    found: dict[str, str] = {}
    try:
        store.check()
        if store.waiting() >= most_waiting:
            found["queue"] = "The queue is full."
    except Exception as error:
        refusal = of_storage(error)
        log.error("the store does not answer: %s", in_short(error), exc_info=refusal is None)
        found["store"] = refusal.message if refusal else "The database does not answer."
    try:
        files.check()
    except OSError as error:
        refusal = of_storage(error)
        log.error("the files cannot be written: %s", in_short(error), exc_info=refusal is None)
        found["files"] = refusal.message if refusal else "The data folder cannot be written."
    for part, reason in worker.waits_for.items():
        found.setdefault(part, reason)
    if not worker.is_alive:
        found["worker"] = "Nobody is painting."
    elif worker.trouble is None and not worker.is_ready:
        found["engine"] = LOADING
    if worker.trouble is not None:
        found["engine"] = worker.trouble
    return found
