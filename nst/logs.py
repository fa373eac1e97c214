"""What the studio says about itself while it runs: one way for all lines, on stderr, as text or as JSON.

A line about a job carries the job's id. It has no file's name and no address in it, and says nothing of who
asked, unless `NST_LOG_CLIENTS` is set; and then a digest stands for a client, whose id would be a key.
"""

import hashlib
import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TextIO

from pythonjsonlogger.core import RESERVED_ATTRS
from pythonjsonlogger.json import JsonFormatter

from nst.settings import Settings

REQUESTS = logging.getLogger("nst.requests")  # one line each, of as many as NST_LOG_REQUESTS asks for

job_id: ContextVar[str | None] = ContextVar("job_id", default=None)
client: ContextVar[str | None] = ContextVar("client", default=None)
address: ContextVar[str | None] = ContextVar("address", default=None)

# Where `uvicorn` is the command, it has set them up already.
_OTHERS = ("uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi")


def configure(settings: Settings) -> None:
    """Let every logger of this process speak in the same way. May be called again."""
    handler = _Stderr()
    handler.addFilter(_Context(settings.log_clients))
    handler.setFormatter(_Json() if settings.log_format == "json" else _Text())
    root = logging.getLogger()
    for earlier in [one for one in root.handlers if isinstance(one, _Stderr)]:
        root.removeHandler(earlier)
    root.addHandler(handler)
    root.setLevel(settings.log_level.upper())
    REQUESTS.setLevel(logging.INFO if settings.log_requests else logging.CRITICAL)
    logging.captureWarnings(True)
    for name in _OTHERS:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
        logger.setLevel(logging.NOTSET)
    # Our own line about a request knows no address.
    logging.getLogger("uvicorn.access").setLevel(logging.CRITICAL)


@contextmanager
def about(job: str, owner: str) -> Iterator[None]:
    """What is logged in here, by whomever, is about this job."""
    tokens = job_id.set(job), client.set(owner)
    try:
        yield
    finally:
        job_id.reset(tokens[0])
        client.reset(tokens[1])


class _Stderr(logging.StreamHandler[TextIO]):
    """To stderr, whatever that is at the moment."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        return sys.stderr


class _Context(logging.Filter):
    """Gives each record what it is about; keeps back what tells where somebody came from."""

    def __init__(self, with_clients: bool) -> None:
        super().__init__()
        self._with_clients = with_clients

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name == "uvicorn.error" and '- "WebSocket' in str(record.msg):
            return False  # uvicorn writes down who opened it; `/metrics` counts them
        told = {"job": job_id.get()}
        if self._with_clients:
            who = client.get()
            told |= {"client": who and _digest(who), "address": address.get()}
        vars(record)["about"] = {name: value for name, value in told.items() if value is not None}
        return True


class _Text(logging.Formatter):
    """`2026-01-31T12:00:00Z WARNING nst.jobs.painters.painting: job 12ab failed [client=...]`"""

    converter = time.gmtime  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%SZ")

    def formatMessage(self, record: logging.LogRecord) -> str:
        line = super().formatMessage(record)
        told = " ".join(
            f"{name}={value}" for name, value in _about(record).items() if str(value) not in record.message
        )
        return f"{line} [{told}]" if told else line


class _Json(JsonFormatter):
    """An object a line: `time`, `level`, `logger`, `message`; where there is one, `job` and `exception`."""

    def __init__(self) -> None:
        names = {"levelname": "level", "name": "logger", "exc_info": "exception"}
        super().__init__(
            ("levelname", "name", "message"),
            rename_fields=names,
            timestamp="time",
            reserved_attrs=[
                *RESERVED_ATTRS,
                "about",
                "color_message",
            ],  # the latter is uvicorn's, for terminals
            json_ensure_ascii=False,
        )

    def add_fields(
        self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]
    ) -> None:
        super().add_fields(log_data, record, message_dict)
        log_data |= _about(record)


def _about(record: logging.LogRecord) -> dict[str, str]:
    found: dict[str, str] = vars(record)["about"]
    return found


def _digest(who: str) -> str:
    return hashlib.sha256(who.encode()).hexdigest()[:12]
