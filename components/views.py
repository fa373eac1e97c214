"""What the page says about a painting: from a job and its log to words, numbers and pictures. All pure.

An update is a mapping from element id to the properties to set on it. The page's `data-state` attribute is
"empty" or the job's state; the style sheet shows and hides panels by it.
"""

from components import controls, ids, result, urls
from components.reading import Reading
from nst.jobs.models import Job

Update = dict[str, dict[str, object]]

EMPTY: Update = {
    ids.PAGE: {"data-state": "empty"},
    ids.PICTURE: {"src": "", "alt": ""},
    ids.BEFORE: {"src": ""},
    ids.STATUS: {"children": "The easel is empty"},
    ids.DETAIL: {"children": "Choose a photograph and a painting, then press Start."},
    ids.PROGRESS: {"value": "0"},
    ids.STOP: {"children": "Cancel"},
    ids.PAUSE: {"children": "Pause"},
    ids.PAUSE_OBSTACLE: {"data": None},
    ids.ONWARD_OBSTACLES: {"data": [None, None]},
    ids.RESULT: {"data": None},
    ids.ANNOUNCER: {"children": ""},
}


def painting(job: Job, reading: Reading) -> Update:
    """Everything but the loss curves and the list of recent paintings."""
    return {
        ids.PAGE: {"data-state": job.state},
        ids.PICTURE: {"src": picture_url(job), "alt": f"The painting, step {job.step} of {job.steps}"},
        ids.BEFORE: {"src": urls.image(job.spec.content)},
        ids.STATUS: {"children": status(job)},
        ids.DETAIL: {"children": detail(job, reading)},
        ids.PROGRESS: {"value": f"{percent(job):g}"},
        ids.STOP: {"children": "Stop and keep" if job.step else "Cancel"},
        ids.PAUSE: {"children": "Resume" if job.state == "paused" else "Pause"},
        ids.PAUSE_OBSTACLE: {"data": pause_obstacle(job)},
        ids.ONWARD_OBSTACLES: {"data": onward_obstacles(job)},
        ids.RESULT: {"data": result.known(job)},
        ids.ANNOUNCER: {"children": announcement(job)},
    }


def picture_url(job: Job) -> str:
    """What hangs on the canvas: the result, the newest preview, or the photograph that it starts from."""
    if job.has_result:
        return urls.result(job.id)
    if job.preview_seq:
        return urls.preview(job.id, job.preview_seq)
    return urls.thumbnail(job.spec.content)


def percent(job: Job) -> float:
    return 100.0 if job.state == "done" else round(100 * job.step / job.steps, 1)


def status(job: Job) -> str:
    """The line under the canvas."""
    match job.state:
        case "queued":
            return queue_place(job.position)
        case "running" if job.asked == "cancel":
            return "Stopping …"
        case "running" if job.asked == "pause":
            return "Pausing …"
        case "running" if not job.step:
            return "Setting up the easel"
        case "running":
            return f"Painting, step {job.step} of {job.steps}"
        case "paused":
            return f"Paused at step {job.step} of {job.steps}"
        case "interrupted":
            return "Interrupted"
        case "done":
            return "Finished"
        case "cancelled":
            return "Stopped and kept" if job.has_result else "Stopped"
        case "failed":
            return "This painting could not be finished"


def detail(job: Job, reading: Reading) -> str:
    """The smaller line below: size, pass and time left, or what to do next."""
    match job.state:
        case "queued":
            return "It starts by itself. You may close this page; the painting will be here when you return."
        case "running" if job.error is not None:
            return f"{job.error} The painting goes on by itself then."
        case "running" if not job.step:
            return "The first brushstrokes appear in a few seconds."
        case "running":
            return _progress_detail(reading)
        case "paused":
            return "The picture so far is kept. Press Resume to go on."
        case "interrupted":
            return "The studio was restarted. The painting goes on by itself in a moment."
        case "done":
            return finished_detail(job)
        case "cancelled" if job.has_result:
            return f"Stopped at step {job.step} of {job.steps}. {finished_detail(job)}"
        case "cancelled":
            return "It was stopped before the first brushstroke, so there is nothing to keep."
        case "failed":
            return job.error or "Something went wrong in the studio. Press Start to try again."


def pause_obstacle(job: Job) -> str | None:
    """Why a painting under way can neither rest nor go on just now, as a sentence."""
    match job.state:
        case "queued" | "interrupted":
            return "Only a painting that is being painted can pause; this one waits for its turn."
        case "running" if job.asked == "cancel":
            return "The painting is stopping."
        case "running" if job.asked == "pause":
            return "The painting is pausing."
    return None


def onward_obstacles(job: Job) -> list[str | None]:
    """Why a finished painting cannot have more epochs, or be twice as large; none where it can."""
    if not job.has_result:
        reason = "There is no picture of this painting to go on with."
        return [reason, reason]
    twice, (_, most) = 2 * job.current.options.size, controls.limits("size")
    too_large = f"Twice its size is {twice:,} pixels; a painting can have {most:,.0f}."
    return [None, too_large if twice > most else None]


def finished_detail(job: Job) -> str:
    """How large it became, and how long it took, with its rests."""
    parts = []
    if job.width and job.height:
        parts.append(f"{job.width} × {job.height} pixels")
    if job.started and job.finished:
        parts.append(f"{_took((job.finished - job.started).total_seconds())} from start to finish")
    return " · ".join(parts)


def announcement(job: Job) -> str:
    """What a screen reader says: every change of state, and a running job's progress in tenths."""
    if job.state == "running" and job.step:
        return f"Painting, {int(percent(job) // 10) * 10} percent done."
    return f"{status(job)}."


def queue_place(position: int | None) -> str:
    """1 -> "Next in line", 2 -> "2nd in line", 11 -> "11th in line"."""
    if position is None:
        return "Waiting in line"
    if position == 1:
        return "Next in line"
    ending = "th" if position % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(position % 10, "th")
    return f"{position}{ending} in line"


def duration(seconds: float) -> str:
    """A span of time as a person says it: "less than 5 s", "about" is left to the caller."""
    if seconds < 5:
        return "less than 5 s"
    if seconds < 90:
        return f"{5 * round(seconds / 5)} s"
    if seconds < 90 * 60:
        return f"{round(seconds / 60)} min"
    return f"{round(seconds / 3600, 1):g} h"


def _progress_detail(reading: Reading) -> str:
    parts = []
    if reading.last is not None:
        last = reading.last
        parts.append(f"{last.width} × {last.height} pixels")
        if last.scales > 1:
            parts.insert(0, f"Pass {last.scale + 1} of {last.scales}")
        if last.seconds_left is not None:
            left = duration(last.seconds_left)
            parts.append(f"{left} left" if left.startswith("less") else f"about {left} left")
    return " · ".join(parts)


def _took(seconds: float) -> str:
    minutes, left = divmod(max(1, round(seconds)), 60)
    if not minutes:
        return f"{left} s"
    if minutes < 60:
        return f"{minutes} min {left} s"
    return f"{minutes // 60} h {minutes % 60} min"
