"""What a page is told of a painting: what follows from two readings of its log. All pure."""

from components import changes, following, ids, losses, views
from components.reading import Reading
from components.sending import notice
from components.views import Update
from nst.jobs.models import Job
from nst.jobs.troubles import of_storage


def between(before: Reading, job: Job, reading: Reading) -> Update:
    """What is to be set on the page after `before`: the whole graph at first, then only its new points."""
    update = views.painting(job, reading)
    update[ids.HISTORY_STAMP] = {"data": [job.id, job.state]}
    update |= losses.changed(job)
    update |= following.told(job)
    if before.after and reading.refused != before.refused and reading.refused is not None:
        update |= notice(reading.refused[1])
    if before.last is None:
        update[ids.LOSSES_PLACE] = {"children": losses.graph(reading.points, changes.told(job))}
    elif reading.points != before.points:
        update[ids.LOSSES_POINTS] = {"data": losses.points(reading.points_since(before))}
    return update


def trouble(error: Exception) -> Update:
    """What to say of a painting that cannot be looked after now. Raises what is no trouble of the storage."""
    refusal = of_storage(error)
    if refusal is None:
        raise error
    return {ids.DETAIL: {"children": refusal.message}}
