"""By which names the studio is spoken to.

A page elsewhere can have its own name lead to this machine once a browser has loaded it (DNS rebinding), and
is then of one origin with whatever answers here. A studio that is reached over the loopback address therefore
answers to the loopback's names alone, unless its operator names others; one that has names, to those alone.
"""

import ipaddress
from collections.abc import Collection

from starlette.datastructures import Headers
from starlette.types import Scope

# Programs that watch over a studio ask by its bare address; these two answers are of no use to anybody else.
_OPEN = ("/healthz", "/readyz")


def is_ours(scope: Scope, allowed: Collection[str]) -> bool:
    """Whether the `Host` of a request or a handshake is one of ours.

    `allowed` has names without a port, in lower case: `paint.example`, or `*.example` for all that end so, or
    `*` for any.
    """
    name = _name(Headers(scope=scope).get("host", ""))
    if scope["path"] in _OPEN or "*" in allowed or name in allowed:
        return True
    if any(entry.startswith("*.") and name.endswith(entry[1:]) for entry in allowed):
        return True
    arrived_at = _address((scope.get("server") or ("", None))[0])
    if arrived_at is not None and arrived_at.is_loopback:
        return _is_loopbacks(name)
    return not allowed


def _is_loopbacks(name: str) -> bool:
    if name == "localhost" or name.endswith(".localhost"):  # RFC 6761: neither can lead anywhere else
        return True
    address = _address(name)
    return address is not None and address.is_loopback


def _address(text: str | None) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text or "")
    except ValueError:
        return None


def _name(host: str) -> str:
    """`Paint.Example.:8050` -> `paint.example`; `[::1]:8050` -> `::1`."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].lower().removesuffix(".")
