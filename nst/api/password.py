"""The one password of a private studio, as it is or hashed, which `python -m nst.api.password` does."""

import hashlib
import hmac
import secrets
import sys
from base64 import urlsafe_b64decode, urlsafe_b64encode
from getpass import getpass

from nst.errors import Refusal

SHORTEST = 8
_SCHEME = "scrypt"
_COST = (2**14, 8, 1)  # a twentieth of a second and 16 MB


class Password:
    """What `NST_PASSWORD` says."""

    def __init__(self, setting: str) -> None:
        """Raises `Refusal("bad_setting")` for one that is too short, or for a hash that is none."""
        self.setting = setting
        self._key = secrets.token_bytes(32)
        self._known: bytes | None = None  # what the right one looks like to us, once it is known
        self._hash: tuple[tuple[int, int, int], bytes, bytes] | None = None
        if setting.startswith(f"{_SCHEME}:"):
            self._hash = _parsed(setting)
        elif len(setting) < SHORTEST:
            raise _bad(f"needs at least {SHORTEST} characters")
        else:
            self._known = self._seen(setting)

    def is_known(self, given: str) -> bool:
        """Whether it is known without hashing that this is the right one."""
        return self._known is not None and hmac.compare_digest(self._seen(given), self._known)

    def matches(self, given: str) -> bool:
        """In a time that does not tell how much of it is right; with a hash, longer until it once was."""
        if self._known is not None:
            return self.is_known(given)
        assert self._hash is not None
        cost, salt, right = self._hash
        if not hmac.compare_digest(_scrypt(given, salt, cost), right):
            return False
        self._known = self._seen(given)
        return True

    def _seen(self, text: str) -> bytes:
        return hmac.digest(self._key, text.encode("utf-8", "replace"), "sha256")


def hashed(password: str) -> str:
    """What may stand in `NST_PASSWORD` instead of the password."""
    salt = secrets.token_bytes(16)
    parts = (urlsafe_b64encode(part).decode() for part in (salt, _scrypt(password, salt, _COST)))
    return ":".join((_SCHEME, *map(str, _COST), *parts))


def main() -> None:
    first = getpass("Password: ")
    if len(first) < SHORTEST:
        sys.exit(f"It needs at least {SHORTEST} characters.")
    if first != getpass("Again: "):
        sys.exit("These are two different ones.")
    print(hashed(first))


def _scrypt(password: str, salt: bytes, cost: tuple[int, int, int]) -> bytes:
    n, r, p = cost
    return hashlib.scrypt(
        password.encode("utf-8", "replace"), salt=salt, n=n, r=r, p=p, maxmem=256 * n * r * p, dklen=32
    )


def _parsed(setting: str) -> tuple[tuple[int, int, int], bytes, bytes]:
    try:
        n, r, p, salt, right = setting.split(":")[1:]
        cost = (int(n), int(r), int(p))
        made = cost, urlsafe_b64decode(salt), urlsafe_b64decode(right)
        _scrypt("", made[1], cost)
    except (ValueError, OverflowError, MemoryError) as error:
        raise _bad("is no hash that `python -m nst.api.password` printed") from error
    return made


def _bad(what: str) -> Refusal:
    return Refusal("bad_setting", f"NST_PASSWORD {what}.", "NST_PASSWORD")


if __name__ == "__main__":
    main()
