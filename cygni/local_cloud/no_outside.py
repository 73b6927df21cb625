"""Keeps the local cloud on this machine: the server's process can connect to the loopback alone.

moto does not mean to call out, but SNS topics with HTTP subscribers, custom resources and credential lookups do.
An audit hook sees every connection of the interpreter, whichever library makes it, and cannot be removed again.
"""

from __future__ import annotations

import ipaddress
import sys

_RESOLVING = ("socket.getaddrinfo", "socket.gethostbyname")
_CONNECTING = ("socket.connect", "socket.sendto", "socket.sendmsg")


class OutsideRefused(OSError):
    """The local cloud tried to reach another machine."""


def is_loopback(host: object) -> bool:
    """True for names and addresses of this machine, and for what is no host at all (a unix socket)."""
    if host in (None, "", b""):
        return True
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        return False


def _audit(event: str, args: tuple[object, ...]) -> None:
    if not event.startswith("socket."):
        return
    if event in _CONNECTING:
        address = args[1]
        host = address[0] if isinstance(address, tuple) and address else None
    elif event in _RESOLVING:
        host = args[0]
    else:
        return
    if not is_loopback(host):
        raise OutsideRefused(f"the local cloud does not connect to other machines ({host!r})")


def stay_on_loopback() -> None:
    """Refuse every other connection of this process, from now to its end."""
    sys.addaudithook(_audit)
