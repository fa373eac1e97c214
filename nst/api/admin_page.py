"""The admin page's tables, as HTML. Every text goes through `escape`: a reason may quote somebody."""

from collections.abc import Iterable
from html import escape
from typing import Any

_UNITS = ("bytes", "kB", "MB", "GB", "TB")
_CLIENTS = 12  # that have most jobs waiting


def rendered(state: dict[str, Any]) -> str:
    """What stands on the page, from what `standing` found."""
    return "\n".join(
        (
            _health(state),
            _queue(state["queue"], state["waiting_per_client"]),
            _running(state["running"], state["newest"]),
            _workers(state["workers"]),
            _disk(state["disk"]),
            _server(state),
            _failures(state["failures"]),
        )
    )


def _health(state: dict[str, Any]) -> str:
    rows = [(_wrong(part), escape(what)) for part, what in state["wrong"].items()]
    failing = sum(worker["trouble"] is not None for worker in state["workers"])
    if failing and "engine" not in state["wrong"]:
        rows.append((_wrong("workers"), f"{failing} of {len(state['workers'])} cannot paint."))
    if rows:
        title = "Something is wrong"
    elif state["loading"]:
        title, rows = "Getting ready", [("engine", "is being loaded; jobs wait for it.")]
    else:
        title = "All is well"
    return _section(title, _table((), rows) + f"<p>Seen at {_moment(state['time'])}</p>")


def _queue(queue: list[dict[str, Any]], per_client: list[int]) -> str:
    if not queue:
        return _section("Queue", "<p>Nobody waits.</p>")
    rows = [
        (one["kind"], one["state"], _number(one["jobs"]), _duration(one["oldest_seconds"])) for one in queue
    ]
    text = _table(("kind", "state", "jobs", "oldest"), rows)
    if per_client:
        most = ", ".join(map(str, per_client[:_CLIENTS])) + (", …" if len(per_client) > _CLIENTS else "")
        text += f"<p>Waiting jobs of {len(per_client)} clients, each: {most}</p>"
    return _section("Queue", text)


def _running(running: list[dict[str, Any]], newest: dict[str, int]) -> str:
    rows = [(f"<code>{one['job']}</code>", f"{one['step']} of {one['steps']}") for one in running]
    text = _table(("job", "step"), rows) if rows else "<p>Nothing is painted.</p>"
    counts = ", ".join(f"{count} {state}" for state, count in newest.items())
    return _section(
        "Painting", text + (f"<p>Of the newest {sum(newest.values())} jobs: {counts}</p>" if counts else "")
    )


def _workers(workers: list[dict[str, Any]]) -> str:
    if not workers:
        return _section("Workers", "<p>Nobody is there.</p>")
    rows = [
        (
            f"<code>{escape(one['name'])}</code>",
            escape(one["machine"]),
            _moment(one["since"] or ""),
            _doing(one),
        )
        for one in workers
    ]
    return _section("Workers", _table(("name", "machine", "since", "what it does"), rows), "wide")


def _doing(worker: dict[str, Any]) -> str:
    if worker["trouble"] is not None:
        return _wrong(worker["trouble"])
    if worker["job"] is not None:
        return f"paints <code>{worker['job']}</code>"
    return "is ready" if worker["ready"] else "gets ready"


def _wrong(words: str) -> str:
    return f'<span class="wrong">{escape(words)}</span>'


def _disk(disk: dict[str, Any]) -> str:
    taken = disk["total"] - disk["free"]
    meter = (
        f'<meter min="0" max="{disk["total"]}" high="{disk["total"] * 9 // 10}" value="{taken}" '
        f'aria-label="Share of the disk that is taken">{taken * 100 // max(1, disk["total"])} %</meter>'
    )
    names = (
        ("used", "what the studio keeps"),
        ("quota", "that it may keep"),
        ("free", "free"),
        ("total", "in all"),
    )
    rows = [(name, "no limit" if disk[key] is None else _bytes(disk[key])) for key, name in names]
    return _section("Disk", meter + _table((), rows))


def _server(state: dict[str, Any]) -> str:
    rows = [
        ("open event streams", _number(state["open"]["event_streams"])),
        ("open websockets", _number(state["open"]["websockets"])),
        ("memory", _bytes(state["memory"])),
        *((escape(name), escape(number)) for name, number in state["versions"].items()),
    ]
    return _section("Server", _table((), rows))


def _failures(failures: list[dict[str, Any]]) -> str:
    rows = [
        (_moment(one["time"] or ""), one["kind"], f"<code>{one['job']}</code>", escape(one["reason"] or ""))
        for one in failures
    ]
    text = _table(("when", "kind", "job", "what its owner was told"), rows) if rows else "<p>None.</p>"
    return _section("Newest failures", text, "wide")


def _section(title: str, text: str, kind: str = "") -> str:
    opening = f'<section class="{kind}">' if kind else "<section>"
    return f"{opening}<h2>{title}</h2>{text}</section>"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Rows of cells that are HTML already; the first of each names it."""
    rows = list(rows)
    columns = "".join(
        f'<th scope="col"{_kind(cell)}>{name}</th>'
        for name, cell in zip(head, rows[0] if rows else head, strict=False)
    )
    lines = (
        f'<tr><th scope="row">{first}</th>' + "".join(_cell(cell) for cell in others) + "</tr>"
        for first, *others in rows
    )
    names = f"<thead><tr>{columns}</tr></thead>" if head else ""
    return f"<table>{names}<tbody>{''.join(lines)}</tbody></table>"


def _cell(text: str) -> str:
    return f"<td{_kind(text)}>{text}</td>"


def _kind(text: str) -> str:
    """A number is written at the end of its column, under the others."""
    return ' class="number"' if text[:1].isdigit() and len(text) < 12 else ""


def _moment(text: str) -> str:
    """`2026-01-31T12:00:00+00:00` as people write it."""
    return escape(text.replace("T", " ").replace("+00:00", " UTC"))


def _number(count: int) -> str:
    return f"{count:,}".replace(",", " ")


def _bytes(count: int) -> str:
    amount, unit = float(count), 0
    while amount >= 1000 and unit < len(_UNITS) - 1:
        amount, unit = amount / 1000, unit + 1
    return f"{amount:.3g} {_UNITS[unit]}" if amount < 1000 else f"{amount:.0f} {_UNITS[unit]}"


def _duration(seconds: int) -> str:
    """`3 h 5 min`: the two largest units."""
    parts: list[str] = []
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min"), (1, "s")):
        if seconds >= size or (size == 1 and not parts):
            parts.append(f"{seconds // size} {unit}")
            seconds %= size
    return " ".join(parts[:2])
