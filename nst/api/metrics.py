"""`/metrics`: what this process has done, and how the studio stands, as Prometheus reads it."""

import ipaddress
from collections.abc import Iterator
from datetime import UTC, datetime
from secrets import compare_digest

from fastapi import APIRouter, Request
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from nst.api.shared import TheStudio
from nst.errors import Refusal
from nst.jobs import metrics
from nst.jobs.overview import Overview
from nst.jobs.studio import Studio

_LOCAL_NAMES = ("localhost", "127.0.0.1", "[::1]")
_PASSED_ON = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")

router = APIRouter(include_in_schema=False)


@router.get("/metrics")
def figures(request: Request, studio: TheStudio) -> Response:
    """Whoever may not read them is told that there is nothing here."""
    if not _may_read(request, studio):
        raise Refusal("not_found", "There is nothing at this address.")
    body = generate_latest(_Everything(studio.overview))
    return Response(body, media_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})


def _may_read(request: Request, studio: Studio) -> bool:
    match studio.settings.metrics:
        case "local":
            return is_local(request)
        case "token":
            token, given = (
                studio.settings.metrics_token.get_secret_value(),
                request.headers.get("authorization", ""),
            )
            return token != "" and compare_digest(given.encode(), f"Bearer {token}".encode())
        case _:
            return False


def is_local(request: Request) -> bool:
    """Whether a program on this machine asks: neither through a proxy, nor a browser by another name."""
    try:
        is_loopback = ipaddress.ip_address(request.client.host if request.client else "").is_loopback
    except ValueError:
        return False
    host = request.headers.get("host", "")
    name = host if host.endswith("]") else host.rpartition(":")[0] or host
    return is_loopback and name in _LOCAL_NAMES and not any(one in request.headers for one in _PASSED_ON)


class _Everything(Collector):
    """The process's figures, then the studio's."""

    def __init__(self, overview: Overview) -> None:
        self._overview = overview

    def collect(self) -> Iterator[Metric]:
        yield from metrics.REGISTRY.collect()
        yield from self._queue()
        yield from self._disk()
        yield from self._worker()

    def _queue(self) -> Iterator[Metric]:
        depth = GaugeMetricFamily(
            "pentimento_queue_jobs", "Jobs that are not finished.", labels=("kind", "state")
        )
        oldest = GaugeMetricFamily(
            "pentimento_queue_oldest_seconds", "Age of the oldest job that waits.", labels=("kind",)
        )
        for standing in self._overview.queue():
            depth.add_metric((standing.kind, standing.state), standing.jobs)
            if standing.state == "queued":
                oldest.add_metric((standing.kind,), (datetime.now(UTC) - standing.oldest).total_seconds())
        yield depth
        yield oldest

    def _disk(self) -> Iterator[Metric]:
        disk = self._overview.disk()
        yield GaugeMetricFamily("pentimento_data_bytes", "What the studio keeps.", disk.used)
        if disk.quota is not None:
            yield GaugeMetricFamily("pentimento_quota_bytes", "What that may come to.", disk.quota)
        yield GaugeMetricFamily("pentimento_disk_free_bytes", "Free on the disk written to.", disk.free)
        yield GaugeMetricFamily("pentimento_disk_bytes", "Size of the disk written to.", disk.total)

    def _worker(self) -> Iterator[Metric]:
        workers = self._overview.workers()
        for name, words, those in (
            ("workers", "Workers that were heard of lately.", workers),
            ("workers_ready", "Those whose engine is warm.", [one for one in workers if one.ready]),
            ("workers_painting", "Those that have a job.", [one for one in workers if one.job]),
            ("workers_failing", "Those that get no engine.", [one for one in workers if one.trouble]),
        ):
            yield GaugeMetricFamily(f"pentimento_{name}", words, len(those))
