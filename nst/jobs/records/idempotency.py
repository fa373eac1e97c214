"""Requests that a program sends again because it never heard the answer: one key makes one job.

The key is written in the transaction that puts the job in the queue, so the two are there together or not at
all, whatever crashes, and of several requests with one key that come at once only one makes a job.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from sqlalchemy import Connection, insert, select
from sqlalchemy import delete as delete_from
from sqlalchemy.exc import IntegrityError

from nst.errors import Refusal
from nst.jobs.records.schema import requests
from nst.jobs.records.store import Store

FIELD = "Idempotency-Key"
KEPT = timedelta(hours=24)


class AlreadyMade(Exception):
    """Another request with the same key was first."""


@dataclass(frozen=True)
class Request:
    """A request with a key: whose, and what `key` and contents hash to."""

    owner: str
    key: str
    digest: str

    @classmethod
    def of(cls, owner: str, key: str, contents: bytes) -> "Request":
        return cls(owner, sha256(key.encode()).hexdigest(), sha256(contents).hexdigest())

    def keep(self, connection: Connection, made: str) -> None:
        """Write down what it made. Those that are a day old are forgotten. Raises `AlreadyMade`."""
        now = datetime.now(UTC)
        connection.execute(delete_from(requests).where(requests.c.created <= now - KEPT))
        row = {"owner": self.owner, "key": self.key, "digest": self.digest, "made": made, "created": now}
        try:
            connection.execute(insert(requests).values(row))
        except IntegrityError as error:
            raise AlreadyMade from error


class Requests:
    """What the requests of a day made."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def made(self, request: Request) -> str | None:
        """The id of what was made when it came first; none if it did not come yet.

        Raises:
            Refusal: `key_reused` where the key came with another request.
        """
        found = select(requests).where(
            requests.c.owner == request.owner,
            requests.c.key == request.key,
            requests.c.created > datetime.now(UTC) - KEPT,
        )
        with self._store.read() as connection:
            row = connection.execute(found).first()
        if row is None:
            return None
        if row.digest != request.digest:
            raise Refusal(
                "key_reused",
                "This key came with another request before. Give every request a key of its own, "
                "and repeat one only together with the very same request.",
                FIELD,
            )
        return str(row.made)
