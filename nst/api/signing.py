"""What the studio signs: the cookie that names a visitor, and the token that their page carries.

The keys are those of `NST_SECRET`, or one that is made once and kept in the data folder. The first of several
signs and all of them verify, so that a key can be replaced without anybody losing what is theirs.
"""

import hashlib
import os
import secrets
from contextlib import suppress
from functools import cache
from pathlib import Path

from itsdangerous import BadSignature, Signer, TimestampSigner, URLSafeSerializer

from nst.errors import Refusal
from nst.settings import settings


def signed(value: str) -> str:
    """`value`, which must be ASCII, and behind it what proves to `unsigned` that we gave it."""
    return _signer(_keys()).sign(value).decode()


def unsigned(text: str) -> str | None:
    """The value that became `text` by being `signed`; none for a text that we did not make."""
    try:
        return _signer(_keys()).unsign(text.encode("utf-8", "replace")).decode()
    except BadSignature:
        return None


def timed(purpose: str) -> TimestampSigner:
    """Signs together with the time, for one purpose alone."""
    return TimestampSigner(
        _keys(), salt=purpose.encode(), key_derivation="hmac", digest_method=hashlib.sha256
    )


def sign(owner: str) -> str:
    """A token that proves to `verify` that we gave it to `owner`."""
    return _serializer(_keys()).dumps(owner)


def verify(token: str) -> str:
    """The owner whom `token` was given to. Raises `Refusal("bad_token")` for one that we did not give."""
    try:
        return str(_serializer(_keys()).loads(token))
    except BadSignature as error:
        raise Refusal("bad_token", "This page is out of date. Please load it again.") from error


def _keys() -> tuple[str, ...]:
    """All that verify; the last one signs, as itsdangerous wants it."""
    here = settings()
    return here.secrets[::-1] or (_kept(here.data_dir.expanduser()),)


@cache
def _signer(keys: tuple[str, ...]) -> Signer:
    return Signer(keys, salt=b"nst-cookie", key_derivation="hmac", digest_method=hashlib.sha256)


@cache
def _serializer(keys: tuple[str, ...]) -> URLSafeSerializer:
    return URLSafeSerializer(keys, salt="nst-client")


@cache
def _kept(folder: Path) -> str:
    """The key in the folder: made once, readable by the studio's own user alone."""
    path = folder / "secret"
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f".secret-{secrets.token_hex(8)}"
    with suppress(FileExistsError):
        if not path.exists():
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(32))
            try:
                os.link(fresh, path)  # of several processes that start at once, one wins, whole
            finally:
                fresh.unlink()
    return path.read_text()
