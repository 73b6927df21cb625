"""What Route 53, ACM and the internet say of the project's domain."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from cygni.doctor.checks.certificates import (
    CERTIFICATES,
    SERVED,
    Certificate,
    Certificates,
    Proof,
    Served,
    covers,
)
from cygni.doctor.checks.domain import (
    ANSWERS,
    CAA,
    DELEGATION,
    ZONES,
    Answers,
    Delegation,
    Issuers,
    Zone,
    Zones,
    served,
)
from cygni.doctor.checks.project import SPEC
from cygni.doctor.facts import Facts, NotKnown, Source
from cygni.doctor.sources.cloud import CLOUD, asking
from cygni.doctor.sources.names import Missing, Resolver
from cygni.spec.domain import Domain

_CONNECT_SECONDS = 4.0


def sources(resolver: Callable[[], Resolver], https_port: int = 443) -> tuple[Source[Any], ...]:
    """Gather everything about the domain, from `SPEC` and `CLOUD`. `https_port` is where its hosts are asked."""
    own = _Domain(resolver, https_port)
    return (
        Source(ZONES, own.zones, (SPEC, CLOUD)),
        Source(DELEGATION, own.delegation, (ZONES,)),
        Source(CAA, own.issuers, (SPEC, ZONES)),
        Source(ANSWERS, own.answers, (SPEC, CLOUD, ZONES), limit=12.0),
        Source(CERTIFICATES, own.certificates, (SPEC, CLOUD, ZONES), limit=15.0),
        Source(SERVED, own.served, (ANSWERS,), limit=12.0),
    )


def domain_of(facts: Facts) -> Domain:
    """Raises NotKnown where the project has none that the internet could know."""
    domain = facts[SPEC].domain
    if domain is None:
        raise NotKnown("the project has no domain")
    return domain


def hosts_of(domain: Domain) -> tuple[str, ...]:
    """Every name that the services are reached by."""
    return (domain.name, *domain.aliases)


class _Domain:
    def __init__(self, resolver: Callable[[], Resolver], https_port: int) -> None:
        self._resolver = resolver
        self._https_port = https_port

    def zones(self, facts: Facts) -> Zones:
        domain = domain_of(facts)
        name = domain.zone or domain.name
        route53 = facts[CLOUD].clients("route53")
        with asking("the hosted zones"):
            listed = route53.list_hosted_zones_by_name(DNSName=name)["HostedZones"]
            own = [
                one for one in listed if one["Name"].rstrip(".") == name and not one["Config"]["PrivateZone"]
            ]
            found = tuple(self._zone(route53, one) for one in own)
        return Zones(name, found, domain.create_zone)

    @staticmethod
    def _zone(route53: Any, listed: Mapping[str, Any]) -> Zone:
        servers = route53.get_hosted_zone(Id=listed["Id"]).get("DelegationSet", {}).get("NameServers", ())
        return Zone(
            listed["Id"].rpartition("/")[2],
            listed["Name"].rstrip("."),
            frozenset(server.rstrip(".").lower() for server in servers),
            int(listed.get("ResourceRecordSetCount", 0)),
        )

    def delegation(self, facts: Facts) -> Delegation:
        name = facts[ZONES].name
        servers, asked = self._resolver().delegation(name)
        return Delegation(name, servers, asked)

    def issuers(self, facts: Facts) -> tuple[Issuers, ...]:
        resolver = self._resolver()
        told = {host: resolver.issuers(host) for host in hosts_of(domain_of(facts))}
        return tuple(Issuers(host, *(found or (None, host))) for host, found in told.items())

    def answers(self, facts: Facts) -> Answers:
        hosts = [host for host in hosts_of(domain_of(facts)) if not host.startswith("*.")]
        with asking("the records of the zone"):
            there = {
                name for zone in facts[ZONES].found for name in _names(facts[CLOUD].clients("route53"), zone)
            }
        deployed = [host for host in hosts if host in there]
        resolver = self._resolver()
        told = {host: resolver.address(host) for host in deployed}
        lacking = {host: missing.seconds for host, missing in told.items() if isinstance(missing, Missing)}
        return Answers({host: found for host, found in told.items() if isinstance(found, str)}, lacking)

    def certificates(self, facts: Facts) -> Certificates:
        hosts, cloud = hosts_of(domain_of(facts)), facts[CLOUD]
        zone = served(facts[ZONES], None)
        acm = cloud.clients("acm")
        with asking("the certificates"):
            found = tuple(self._found(acm, hosts, zone))
        if not found:
            raise NotKnown("there is no certificate yet; the deploy asks for it")
        return Certificates(hosts, found, cloud.region)

    def _found(self, acm: Any, hosts: tuple[str, ...], zone: Zone | None) -> Iterator[Certificate]:
        for page in acm.get_paginator("list_certificates").paginate():
            for one in page["CertificateSummaryList"]:
                names = [one.get("DomainName", ""), *one.get("SubjectAlternativeNameSummaries", ())]
                if any(covers(name, host) for name in names for host in hosts):
                    detail = acm.describe_certificate(CertificateArn=one["CertificateArn"])["Certificate"]
                    yield self._certificate(detail, zone)

    def _certificate(self, detail: Mapping[str, Any], zone: Zone | None) -> Certificate:
        ends = detail.get("NotAfter")
        names = dict.fromkeys([detail["DomainName"], *detail.get("SubjectAlternativeNames", ())])
        return Certificate(
            arn=detail["CertificateArn"],
            status=detail["Status"],
            names=tuple(names),
            expires_in=None if ends is None else (ends - datetime.now(UTC)).total_seconds() / 86400,
            imported=detail.get("Type") == "IMPORTED",
            proofs=tuple(self._proofs(detail, zone)),
            reason=detail.get("FailureReason", ""),
        )

    def _proofs(self, detail: Mapping[str, Any], zone: Zone | None) -> Iterator[Proof]:
        options = [
            one["ResourceRecord"]
            for one in detail.get("DomainValidationOptions", ())
            if one.get("ResourceRecord")
        ]
        for name, value in {one["Name"]: one["Value"] for one in options}.items():
            plain = name.rstrip(".").lower()
            there = value.rstrip(".").lower() in self._resolver().text(plain, "CNAME")
            inside = zone is not None and plain.endswith(f".{zone.name}")
            yield Proof(name, value, there, zone.id if zone is not None and inside else "")

    def served(self, facts: Facts) -> tuple[Served, ...]:
        hosts = facts[ANSWERS].found
        if not hosts:
            raise NotKnown("no names are deployed yet")
        return tuple(Served(host, problem_of(host, hosts[host], self._https_port)) for host in hosts)


def _names(route53: Any, zone: Zone) -> Iterator[str]:
    for page in route53.get_paginator("list_resource_record_sets").paginate(HostedZoneId=zone.id):
        for record in page["ResourceRecordSets"]:
            if record["Type"] in ("A", "AAAA", "CNAME"):
                yield record["Name"].rstrip(".")


def problem_of(host: str, address: str, port: int) -> str | None:
    """What is wrong with the certificate that a host answers with at an address, empty for nothing; None where it does
    not answer."""
    context = ssl.create_default_context()
    try:
        with (
            socket.create_connection((address, port), _CONNECT_SECONDS) as plain,
            context.wrap_socket(plain, server_hostname=host),
        ):
            return ""
    except ssl.SSLCertVerificationError as error:
        return error.verify_message
    except OSError:
        return None
