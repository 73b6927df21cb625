from __future__ import annotations

from cygni.doctor.sources.names import DnsResolver


class Silent(DnsResolver):
    """Of a zone with many name servers, none of which answers."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def _records(self, name: str, kind: str) -> frozenset[str]:
        return frozenset(f"ns{number}.example.com" for number in range(9))

    def _handed(self, zone: str, server: str) -> None:
        self.asked.append(server)


class TestDelegation:
    def test_asks_few_servers_of_a_zone_and_then_the_resolver(self) -> None:
        resolver = Silent()
        assert resolver.delegation("shop.example.com")[1] == "the resolver"
        assert resolver.asked == ["ns0.example.com", "ns1.example.com", "ns2.example.com"]
