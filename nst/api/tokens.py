"""Tokens for programs: make one, see which there are, revoke one."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from nst.api.clients import KNOWN
from nst.api.openapi import refusals
from nst.api.shared import Client, TheStudio
from nst.errors import Refusal
from nst.jobs.records.tokens import Token
from nst.jobs.steering import PLAIN, Strict

MOST_LETTERS = 100
Name = Annotated[str, Field(min_length=1, max_length=MOST_LETTERS, pattern=PLAIN)]

router = APIRouter(prefix="/tokens", tags=["tokens"])


class NewToken(Strict):
    name: Name = Field(description="What it is for, to know it again.")


class TokenAnswer(BaseModel):
    """A token, without the text that opens."""

    id: str
    name: str
    created: datetime

    @classmethod
    def of(cls, token: Token) -> "TokenAnswer":
        return cls(id=token.id, name=token.name, created=token.created)


class MadeToken(TokenAnswer):
    """The only answer that has the token in it: only what it hashes to is kept."""

    token: str


class TokensAnswer(BaseModel):
    """All of them, newest first."""

    tokens: list[TokenAnswer]


@router.post("", status_code=201, responses=refusals("needs_cookie", "too_many_tokens"))
def make(request: Request, studio: TheStudio, client: Client, asked: NewToken) -> MadeToken:
    """Make a token. Whoever sends `Authorization: Bearer TOKEN` is you, and needs no cookie.

    A token cannot make others: one that was stolen ends when it is revoked.
    """
    if KNOWN in request.scope:
        raise Refusal("needs_cookie", "A token cannot make tokens. Make it in the browser, with the cookie.")
    token, text = studio.tokens.make(client, asked.name)
    return MadeToken(**TokenAnswer.of(token).model_dump(), token=text)


@router.get("")
def made(studio: TheStudio, client: Client) -> TokensAnswer:
    """Your tokens, newest first; not their texts."""
    return TokensAnswer(tokens=[TokenAnswer.of(token) for token in studio.tokens.all(client)])


@router.delete("/{token_id}", status_code=204)
def revoke(studio: TheStudio, client: Client, token_id: str) -> None:
    """Revoke a token. From now on it opens nothing."""
    studio.tokens.revoke(client, token_id)
