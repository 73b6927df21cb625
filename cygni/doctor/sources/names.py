"""What the DNS says: a seam, and the resolver behind it."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Any, Final, Protocol

from cygni.errors import CygniError, UsageError

_SECONDS: Final = 3.0
_ASKED: Final = 3
"""Of the name servers of a zone: who owns it may have named any number that do not answer."""
_FORGOTTEN: Final = 300
"""Seconds for which resolvers remember that there was nothing, where no zone says for how long."""
_ISSUE, _ISSUE_WILD = "issue", "issuewild"


@dataclass(frozen=True, slots=True)
class Missing:
    """A name that has no such record; for `seconds` a resolver may remember so (RFC 2308)."""

    seconds: int


class Resolver(Protocol):
    """Questions to the DNS. Names have no dot at their end. Everything raises CygniError where nobody answers."""

    def delegation(self, zone: str) -> tuple[frozenset[str], str]:
        """The name servers that the zone above hands `zone` to, none where it knows no such zone; and who says so."""

    def issuers(self, host: str) -> tuple[frozenset[str], str] | None:
        """Who may issue certificates for a host (RFC 8659), and the name that says so; None where nothing is said."""

    def address(self, host: str) -> str | Missing:
        """An address of a host, by whatever detour."""

    def text(self, name: str, kind: str) -> frozenset[str]:
        """The records of a name as they are written in a zone file."""


class DnsResolver:
    """Asks the system's resolver, or the one at `server` (`ADDRESS` or `ADDRESS:PORT`)."""

    def __init__(self, server: str | None = None) -> None:
        import dns.resolver

        self._port = 53
        self._resolver = dns.resolver.Resolver(configure=server is None)
        self._resolver.lifetime = _SECONDS
        if server is not None:
            address, self._port = server_address(server)
            self._resolver.nameservers = [address]
            self._resolver.port = self._port

    def delegation(self, zone: str) -> tuple[frozenset[str], str]:
        """Asks a name server of the zone above itself, whose answer is the registrar's; the resolver, where that
        cannot be reached."""
        parent = zone.partition(".")[2]
        for server in sorted(self._records(parent, "NS"))[:_ASKED] if parent else []:
            handed = self._handed(zone, server)
            if handed is not None:
                return handed, server
        return self._records(zone, "NS"), "the resolver"

    def issuers(self, host: str) -> tuple[frozenset[str], str] | None:
        tag = _ISSUE_WILD if host.startswith("*.") else _ISSUE
        name = host.removeprefix("*.")
        while "." in name:
            found = self._caa(name)
            if found:
                own = [value for key, value in found if key == tag] or [v for k, v in found if k == _ISSUE]
                return frozenset(value for value in own if value), name
            name = name.partition(".")[2]
        return None

    def address(self, host: str) -> str | Missing:
        found = self._records(host, "A") or self._records(host, "AAAA")
        return min(found) if found else Missing(self._remembered(host))

    def text(self, name: str, kind: str) -> frozenset[str]:
        return self._records(name, kind)

    def _remembered(self, host: str) -> int:
        """Seconds for which a resolver may remember that there was nothing: the least of the SOA's TTL and minimum."""
        import dns.rdatatype
        import dns.resolver

        try:
            self._ask(host, "A")
        except dns.resolver.NXDOMAIN as error:
            answers = list(error.kwargs.get("responses", {}).values())
        except dns.resolver.NoAnswer as error:
            answers = [error.kwargs["response"]]
        else:
            return 0
        told = [
            records
            for answer in answers
            for records in answer.authority
            if records.rdtype == dns.rdatatype.SOA
        ]
        return int(min(told[0].ttl, told[0][0].minimum)) if told else _FORGOTTEN

    def _caa(self, name: str) -> list[tuple[str, str]]:
        import dns.resolver

        try:
            answer = self._ask(name, "CAA")
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        return [(one.tag.decode().lower(), one.value.decode().partition(";")[0].strip()) for one in answer]

    def _records(self, name: str, kind: str) -> frozenset[str]:
        import dns.resolver

        try:
            answer = self._ask(name, kind)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return frozenset()
        return frozenset(str(one).rstrip(".").lower() for one in answer)

    def _ask(self, name: str, kind: str) -> Any:
        import dns.exception
        import dns.resolver

        try:
            return self._resolver.resolve(f"{name}.", kind, search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            raise
        except dns.exception.DNSException as error:
            raise CygniError(f"no resolver answers for {name} {kind}: {error}") from None

    def _handed(self, zone: str, server: str) -> frozenset[str] | None:
        """What one server of the zone above says, None where it does not answer."""
        import dns.exception
        import dns.flags
        import dns.message
        import dns.query
        import dns.rcode
        import dns.rdatatype

        question = dns.message.make_query(f"{zone}.", "NS", flags=0)
        try:
            [address, *_] = sorted(self._records(server, "A"))
            answer = dns.query.udp(question, address, timeout=_SECONDS / 2, port=self._port)
        except (dns.exception.DNSException, OSError, ValueError, CygniError):
            return None
        if answer.rcode() == dns.rcode.NXDOMAIN:
            return frozenset()
        if answer.rcode() != dns.rcode.NOERROR:
            return None
        told = [*answer.answer, *answer.authority]
        own = [
            one
            for one in told
            if one.rdtype == dns.rdatatype.NS and str(one.name).rstrip(".").lower() == zone
        ]
        return frozenset(str(server).rstrip(".").lower() for records in own for server in records)


def server_address(text: str) -> tuple[str, int]:
    """`127.0.0.1:5353` as an address and a port; 53 without one. Raises UsageError."""
    host, _, port = text.rpartition(":") if text.count(":") == 1 else (text, "", "53")
    try:
        return str(ipaddress.ip_address(host)), int(port)
    except ValueError:
        raise UsageError(
            f"CYGNI_RESOLVER is {text!r}, which is no address of a resolver",
            hint="Give it as 1.1.1.1 or 127.0.0.1:5353.",
        ) from None
