"""Where webhooks may go: to the internet, and to what an operator has allowed. Never to what only this server reaches,
such as the metadata of its machine: whoever makes a webhook chooses its address."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any
from urllib.parse import SplitResult, urlsplit

from cygni.errors import UsageError

LONGEST_URL = 2000
_NAT64 = IPv6Network("64:ff9b::/96")
_UNICAST = IPv6Network("2000::/3")
"""All of IPv6 that IANA gives out; the rest is local, multicast or of protocols."""
_TUNNELS = (IPv6Network("2001::/23"), IPv6Network("2002::/16"))
"""Teredo and 6to4, which lead to an IPv4 address, and what else IANA keeps for protocols."""
Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Sequence[str]]


class Forbidden(Exception):
    """No connection is made there; the message says why, for the owner of the webhook."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """`networks` may be reached though they are not of the internet, over plain HTTP and on any port too: what
    `CYGNI_WEBHOOK_NETWORKS` names (`10.0.0.0/8,192.0.2.7`)."""

    networks: tuple[Any, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Allowed:
        """Raises UsageError."""
        try:
            return cls(tuple(ip_network(one.strip()) for one in text.split(",") if one.strip()))
        except ValueError as error:
            raise UsageError(
                f"CYGNI_WEBHOOK_NETWORKS: {error}", hint="Give networks as 10.0.0.0/8,192.168.1.0/24."
            ) from error

    def holds(self, address: Address) -> bool:
        return any(address in network for network in self.networks if network.version == address.version)


@dataclass(frozen=True, slots=True)
class Destination:
    """One address, checked, of the host that a URL names: the connection goes there and nowhere else."""

    scheme: str
    host: str
    port: int
    path: str
    address: str


def check_url(url: str) -> SplitResult:
    """What can be said of a URL without asking for its host. Raises UsageError."""
    hint = "Give it as https://hooks.example.com/cygni"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise UsageError(f"the address of a webhook is none: {error}", hint=hint) from None
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
        raise UsageError("the address of a webhook is too long, or holds what no address does", hint=hint)
    if parts.scheme not in ("https", "http") or not parts.hostname or port == 0:
        raise UsageError(
            "the address of a webhook begins with https:// and names a host, as https://hooks.example.com/cygni",
            hint=hint,
        )
    if parts.username is not None or parts.fragment:
        raise UsageError("the address of a webhook holds a password or a fragment", hint=hint)
    return parts


def require_reachable(url: str, allowed: Allowed) -> None:
    """What can be said without asking for the host; `destination` decides again at each delivery. Raises Forbidden for
    a URL to which none would be made, UsageError for what is none."""
    parts = check_url(url)
    address = _literal(parts.hostname or "", allowed)
    if address is not None:
        destination(url, allowed, lambda host, port: [address])
    elif not allowed.networks:
        _require_https(parts)


def _literal(host: str, allowed: Allowed) -> str | None:
    """The address that a host is without any name server, in the old ways of writing one too."""
    if host == "localhost" or host.endswith(".localhost"):
        own: list[Address] = [IPv4Address("127.0.0.1"), IPv6Address("::1")]
        return str(next((one for one in own if allowed.holds(one)), own[0]))
    with contextlib.suppress(ValueError):
        return str(ip_address(host.partition("%")[0]))
    with contextlib.suppress(OSError):
        return socket.inet_ntoa(socket.inet_aton(host))
    return None


def _require_https(parts: SplitResult) -> None:
    if parts.scheme != "https" or parts.port not in (None, 443):
        raise Forbidden("webhooks go over https, to port 443")


def destination(url: str, allowed: Allowed, resolve: Resolve | None = None) -> Destination:
    """Where a request to `url` goes. Every address of its host has to be allowed, so that none is tried which is not.

    Raises Forbidden, and OSError where the host cannot be found.
    """
    parts = check_url(url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    found = [ip_address(one.partition("%")[0]) for one in (resolve or _resolve)(host, port)]
    inside = [one for one in found if allowed.holds(one)]
    for address in found:
        if address not in inside and not is_of_the_internet(address):
            raise Forbidden(f"{host} is no host of the internet")
    if len(inside) < len(found):
        _require_https(parts)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Destination(parts.scheme, host, port, path, str(found[0]))


def is_of_the_internet(address: Address) -> bool:
    """False also for an IPv4 address of another kind that is wrapped in an IPv6 one."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped
        if inner is None and address in _NAT64:
            inner = IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_of_the_internet(inner)
        if address not in _UNICAST or any(address in tunnel for tunnel in _TUNNELS):
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _resolve(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(one[4][0]) for one in found]
