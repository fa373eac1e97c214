"""How the studio answers while it paints: page loads and the event loop's lag."""

from functools import partial
from statistics import median, quantiles

from rich.console import Console
from rich.table import Table

from bench.server import Client, studio, wait

SIZES = (256, 512)
PAGES = ("/healthz", "/", "/_dash-layout")
LOADS = 50


def report(console: Console) -> None:
    """Prints page-load times during the finest scale of a job, and the event loop's lag."""
    table = Table(title="Studio: one job painting in the background")
    for column in ("what", "median", "95%", "worst", "unit"):
        table.add_column(column, justify="left" if column in ("what", "unit") else "right")
    with studio() as lags:
        client = Client()
        client.seconds_to_ready()
        for size in SIZES:
            job, _ = client.first_picture(size, steps=400)
            wait(partial(_has_width, client, job, size))  # the finest scale
            for path in PAGES:
                times = [client.seconds(path) for _ in range(LOADS)]
                assert client.job(job)["state"] == "running"
                table.add_row(f"GET {path} at size {size}", *_spread(times), "ms")
            client.cancel(job)
    table.add_row("event loop's lag over the whole run", *_spread(lags()), "ms")
    console.print(table)


def _spread(seconds: list[float]) -> tuple[str, str, str]:
    tail = quantiles(seconds, n=20)[-1] if len(seconds) > 5 else max(seconds)
    return tuple(f"{value * 1e3:.1f}" for value in (median(seconds), tail, max(seconds)))  # type: ignore[return-value]


def _has_width(client: Client, job: str, width: int) -> bool:
    return bool(client.job(job)["width"] == width)
