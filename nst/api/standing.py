"""What the admin page shows, as plain data."""

import platform
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from nst.jobs import metrics
from nst.jobs.health import LOADING
from nst.jobs.studio import Studio

_PACKAGES = ("tensorflow-cpu", "tensorflow", "dash", "fastapi", "sqlalchemy")


def standing(studio: Studio, own_version: str, *, is_late: bool) -> dict[str, Any]:
    """Queue, workers, disk, failures and versions of a studio. Of people there are only numbers."""
    now = datetime.now(UTC)
    overview = studio.overview
    wrong = studio.health()
    is_loading = wrong.get("engine") == LOADING
    if is_loading:
        del wrong["engine"]
    if is_late:
        wrong["server"] = "The server is asked for more than it can answer."
    return {
        "time": _moment(now),
        "loading": is_loading,
        "wrong": wrong,
        "queue": [
            {
                "kind": one.kind,
                "state": one.state,
                "jobs": one.jobs,
                "oldest_seconds": round((now - one.oldest).total_seconds()),
            }
            for one in overview.queue()
        ],
        "waiting_per_client": overview.waiting_per_client(),
        "running": [
            {"job": one.job, "kind": one.kind, "step": one.step, "steps": one.steps}
            for one in overview.running()
        ],
        "workers": [one._asdict() | {"since": _moment(one.since)} for one in overview.workers()],
        "newest": overview.newest(),
        "failures": [
            {"job": one.job, "kind": one.kind, "time": _moment(one.finished), "reason": one.reason}
            for one in overview.failures()
        ],
        "disk": overview.disk()._asdict(),
        "open": {"event_streams": _value("event_streams"), "websockets": _value("websockets")},
        "memory": _value("process_resident_memory_bytes"),
        "versions": {"pentimento": own_version, "python": platform.python_version()} | _versions(),
    }


def _moment(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat(timespec="seconds")


def _value(name: str) -> int:
    """A gauge of this process, over all its labels."""
    full = name if name.startswith("process_") else f"pentimento_{name}"
    return int(
        sum(
            sample.value
            for family in metrics.REGISTRY.collect()
            if family.name == full
            for sample in family.samples
        )
    )


def _versions() -> dict[str, str]:
    found = {}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except ModuleNotFoundError:  # one of the two builds of TensorFlow; a web process has neither
            continue
    return found
