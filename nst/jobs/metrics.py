"""What this process has done so far, in figures for Prometheus. `/metrics` shows them.

One registry a process, as Prometheus counts: where workers are processes of their own, each has its figures.
What is true of the studio as a whole (its queue, its disk) is looked up when it is asked for, in
`nst/api/metrics.py`. No label is a person, a picture or a job.
"""

from datetime import datetime
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

from nst.options import Options

REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)

_STEP_SECONDS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)
_WAIT_SECONDS = (0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600, 14400, 86400)
_HTTP_SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_LAG_SECONDS = (0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
_SMALLEST_BUCKET = 64  # pixels

STEP = Histogram(
    "pentimento_step_seconds",
    "From one step of a painting to the next, by the power of two that its long side stays within.",
    ("size", "precision"),
    buckets=_STEP_SECONDS,
    registry=REGISTRY,
)
WAIT = Histogram(
    "pentimento_wait_seconds",
    "From asking for a job to its beginning.",
    ("kind",),
    buckets=_WAIT_SECONDS,
    registry=REGISTRY,
)
JOBS = Counter("pentimento_jobs", "Jobs that came to this state.", ("kind", "state"), registry=REGISTRY)
CACHE_LOOKUPS = Counter(
    "pentimento_cache_lookups", "What was looked for in a cache.", ("cache",), registry=REGISTRY
)
CACHE_MISSES = Counter(
    "pentimento_cache_misses", "What was not there and had to be made.", ("cache",), registry=REGISTRY
)
HTTP_REQUESTS = Counter(
    "pentimento_http_requests",
    "Requests answered, by the pattern of their address.",
    ("method", "route", "status"),
    registry=REGISTRY,
)
HTTP_SECONDS = Histogram(
    "pentimento_http_seconds",
    "From a request to the beginning of its answer.",
    ("method", "route"),
    buckets=_HTTP_SECONDS,
    registry=REGISTRY,
)
EVENT_STREAMS = Gauge("pentimento_event_streams", "Event streams that are open.", registry=REGISTRY)
WEBSOCKETS = Gauge("pentimento_websockets", "Websockets that are open.", ("route",), registry=REGISTRY)
LOOP_LAG = Histogram(
    "pentimento_event_loop_lag_seconds",
    "How much later than asked for the server's event loop woke up.",
    buckets=_LAG_SECONDS,
    registry=REGISTRY,
)


def job_moved(row: Any, state: str) -> None:
    """A job, whose row this is, has come to `state`."""
    JOBS.labels(kind_of(row), state).inc()


def job_begun(row: Any, now: datetime) -> None:
    """A job was taken from the queue at `now`; what it waits for after it has begun is not counted."""
    if row.started == now:
        WAIT.labels(kind_of(row)).observe(max(0.0, (now - row.created).total_seconds()))


def kind_of(row: Any) -> str:
    """`picture`, `group` (one picture of several that were asked for together) or `video`."""
    return "group" if row.group is not None else str(row.kind)


def step_taken(width: int, height: int, options: Options, seconds: float) -> None:
    STEP.labels(_size(max(width, height)), options.precision).observe(seconds)


def looked_up(cache: str, *, known: bool) -> None:
    CACHE_LOOKUPS.labels(cache).inc()
    if not known:
        CACHE_MISSES.labels(cache).inc()


def style_target_looked_up(known: bool) -> None:
    looked_up("style_targets", known=known)


def _size(side: int) -> str:
    """`512` for a long side of 257 to 512 pixels."""
    return str(max(_SMALLEST_BUCKET, 1 << (side - 1).bit_length()))
