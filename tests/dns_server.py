"""A small DNS server on loopback: at once the resolver, and the name server of the zones above."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

NEGATIVE_TTL = 60


@dataclass
class Names:
    """What the server says: `records` by name and type, `handed` the name servers by zone. Names end without a dot."""

    records: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    handed: dict[str, list[str]] = field(default_factory=dict)
    port: int = 0

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def answer(self, question: dns.message.Message) -> dns.message.Message:
        [asked] = question.question
        name, kind = str(asked.name).rstrip(".").lower(), dns.rdatatype.to_text(asked.rdtype)
        answer = dns.message.make_response(question)
        resolves = bool(question.flags & dns.flags.RD)
        if resolves:
            answer.flags |= dns.flags.RA
        if not resolves and kind == "NS":
            self._refer(answer, name)
            return answer
        found = self.handed.get(name) if kind == "NS" else self.records.get((name, kind))
        if found:
            answer.answer.append(_records(name, kind, found))
            return answer
        if not any(known == name for known, _ in self.records) and name not in self.handed:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        answer.authority.append(_records("test", "SOA", [f"a.root.test. h.test. 1 2 3 4 {NEGATIVE_TTL}"]))
        return answer

    def _refer(self, answer: dns.message.Message, zone: str) -> None:
        found = self.handed.get(zone)
        if found:
            answer.authority.append(_records(zone, "NS", found))
        else:
            answer.set_rcode(dns.rcode.NXDOMAIN)


def _records(name: str, kind: str, values: list[str]) -> Any:
    whole = [f"{value.rstrip('.')}." if kind in ("NS", "CNAME") else value for value in values]
    return dns.rrset.from_text(f"{name}.", NEGATIVE_TTL, "IN", kind, *whole)


class _Handler(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        data, answering = self.request
        answer = self.server.names.answer(dns.message.from_wire(data))  # type: ignore[attr-defined]
        answering.sendto(answer.to_wire(), self.client_address)


class _Server(socketserver.ThreadingUDPServer):
    names: Names
    daemon_threads = True


@contextmanager
def dns_server(
    records: Mapping[tuple[str, str], list[str]], handed: Mapping[str, list[str]]
) -> Iterator[Names]:
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.names = Names(dict(records), dict(handed), server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield server.names
        server.shutdown()
        thread.join()
