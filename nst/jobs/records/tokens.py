"""Tokens by which programs act for the client who made them, known here only by what they hash to."""

import secrets
from datetime import UTC, datetime
from hashlib import sha256
from hmac import compare_digest

from pydantic import Field
from sqlalchemy import delete as delete_from
from sqlalchemy import func, insert, select

from nst.errors import Refusal
from nst.jobs.ids import is_id, new_id
from nst.jobs.missing import missing
from nst.jobs.records.schema import tokens
from nst.jobs.records.store import Store
from nst.jobs.steering import Strict

MOST_TOKENS = 20  # of one client
_PREFIX = "nst_"  # so that people, and programs that look for leaked secrets, know one when they see it
_ID_LENGTH = len(new_id())


class Token(Strict):
    """What is known of a token: everything but itself."""

    id: str
    owner: str
    name: str = Field(description="What it is for, in its owner's words.")
    created: datetime


class Tokens:
    """A token is `nst_`, its id, and 256 random bits; of all that, SHA-256 is kept.

    A slow hash would protect nothing more: there are too many tokens to try them.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def make(self, owner: str, name: str) -> tuple[Token, str]:
        """A new token, and its text, which nobody can tell again. Raises `Refusal` (too_many_tokens)."""
        token = Token(id=new_id(), owner=owner, name=name, created=datetime.now(UTC))
        text = f"{_PREFIX}{token.id}{secrets.token_urlsafe(32)}"
        mine = select(func.count()).select_from(tokens).where(tokens.c.owner == owner)
        with self._store.write() as change:
            if (change.connection.scalar(mine) or 0) >= MOST_TOKENS:
                raise Refusal(
                    "too_many_tokens",
                    f"You have {MOST_TOKENS} tokens already, the most there can be. Revoke one first.",
                )
            change.connection.execute(insert(tokens).values(**token.model_dump(), hash=_hash(text)))
        return token, text

    def all(self, owner: str) -> list[Token]:
        """The owner's tokens, newest first."""
        found = select(tokens).where(tokens.c.owner == owner).order_by(tokens.c.created.desc())
        with self._store.read() as connection:
            rows = connection.execute(found).all()
        return [Token(**{name: getattr(row, name) for name in Token.model_fields}) for row in rows]

    def revoke(self, owner: str, token_id: str) -> None:
        """Let a token open nothing any more. Raises `Refusal("not_found")`."""
        mine = delete_from(tokens).where(tokens.c.id == token_id, tokens.c.owner == owner)
        if not is_id(token_id):
            missing("token")
        with self._store.write() as change:
            if change.connection.execute(mine).rowcount != 1:
                missing("token")

    def owner_of(self, text: str) -> str | None:
        """For whom a token acts; none where it is not one, or one that was revoked."""
        token_id = text.removeprefix(_PREFIX)[:_ID_LENGTH]
        if not text.startswith(_PREFIX) or not is_id(token_id):
            return None
        found = select(tokens.c.owner, tokens.c.hash).where(tokens.c.id == token_id)
        with self._store.read() as connection:
            row = connection.execute(found).first()
        return row.owner if row is not None and compare_digest(row.hash, _hash(text)) else None


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()
