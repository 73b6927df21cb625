"""Checks of the domain: its zone, who the internet believes serves it, who may issue certificates, what it answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cygni.doctor.check import Check, Finding, Group, failed, passed, warned
from cygni.doctor.checks.state import ENVIRONMENT
from cygni.doctor.facts import Fact, Facts

AMAZON: Final = frozenset({"amazon.com", "amazontrust.com", "awstrust.com", "amazonaws.com"})
"""Who ACM's certificates are issued by, in CAA records (ACM user guide, "Configure a CAA record")."""


@dataclass(frozen=True, slots=True)
class Zone:
    """A public hosted zone of the account; names have no dot at their end."""

    id: str
    name: str
    servers: frozenset[str]
    records: int


@dataclass(frozen=True, slots=True)
class Zones:
    """The zones of the name that the project asks for; `made` says that the deploy makes it."""

    name: str
    found: tuple[Zone, ...]
    made: bool


@dataclass(frozen=True, slots=True)
class Delegation:
    """The name servers that the zone above hands a zone to, none where it knows no such zone; `asked` told so."""

    name: str
    servers: frozenset[str]
    asked: str


@dataclass(frozen=True, slots=True)
class Issuers:
    """Who CAA records let issue certificates for a host, None where there are no records: then everybody may. `at` is
    the name that has the records."""

    host: str
    allowed: frozenset[str] | None
    at: str


@dataclass(frozen=True, slots=True)
class Answers:
    """What a resolver says of the hosts that the zone has records of: `found` those that it has an address of, and
    `lacking` those that it has not, with the seconds that it may remember so."""

    found: Mapping[str, str]
    lacking: Mapping[str, int]


ZONES: Final = Fact[Zones]("zones", "the hosted zone")
DELEGATION: Final = Fact[Delegation]("delegation", "the name servers that the internet asks")
CAA: Final = Fact[tuple[Issuers, ...]]("caa", "the CAA records")
ANSWERS: Final = Fact[Answers]("answers", "the names of the domain")


def served(zones: Zones, delegation: Delegation | None) -> Zone | None:
    """The zone that the internet asks, of several of one name; the only one, where nobody knows (pure)."""
    for zone in zones.found:
        if delegation is not None and zone.servers & delegation.servers:
            return zone
    return zones.found[0] if len(zones.found) == 1 else None


def _zone(facts: Facts) -> Finding:
    zones = facts[ZONES]
    delegation = facts[DELEGATION] if facts.has(DELEGATION) else None
    if not zones.found:
        if zones.made:
            return passed(f"the deploy makes the zone {zones.name}")
        fix = (
            f"aws route53 create-hosted-zone --name {zones.name} --caller-reference cygni-doctor-{zones.name}"
        )
        return failed(f"this account has no public hosted zone {zones.name}", fix)
    if len(zones.found) > 1:
        told = ", ".join(zone.id for zone in zones.found)
        right = served(zones, delegation)
        spare = [zone for zone in zones.found if right is not None and zone is not right]
        fix = "\n".join(f"aws route53 delete-hosted-zone --id {zone.id}" for zone in spare)
        return failed(
            f"there are {len(zones.found)} public zones {zones.name} ({told}), and records would go into either",
            fix or "Delete all of them but one.",
        )
    return passed(f"{zones.name} is {zones.found[0].id}, with {zones.found[0].records} records")


def _delegation(facts: Facts) -> Finding:
    zones, delegation = facts[ZONES], facts[DELEGATION]
    zone = served(zones, delegation)
    if zone is None:
        told = ", ".join(sorted(delegation.servers)) or "nobody"
        return passed(f"{delegation.asked} hands {zones.name} to {told}; the deploy makes its zone")
    servers = " ".join(sorted(zone.servers))
    fix = f"At the registrar of {zone.name}, set the name servers to: {servers}"
    if not delegation.servers:
        return failed(f"{delegation.asked} knows no {zone.name}: certificates would wait for ever", fix)
    missing, foreign = zone.servers - delegation.servers, delegation.servers - zone.servers
    if foreign:
        told = f"{delegation.asked} hands {zone.name} to {' '.join(sorted(delegation.servers))}"
        return failed(f"{told}, and its zone {zone.id} is served by {servers}", fix)
    if missing:
        return warned(f"{delegation.asked} does not name {' '.join(sorted(missing))}", fix)
    return passed(f"{delegation.asked} hands {zone.name} to the zone's own name servers")


def _caa(facts: Facts) -> Finding:
    closed = [one for one in facts[CAA] if one.allowed is not None and not one.allowed & AMAZON]
    if not closed:
        return passed("Amazon may issue certificates")
    told = "; ".join(
        f"{one.at} lets {' and '.join(sorted(one.allowed or ())) or 'nobody'} issue certificates for {one.host}"
        for one in closed
    )
    zones = facts[ZONES]
    delegation = facts[DELEGATION] if facts.has(DELEGATION) else None
    zone = served(zones, delegation)
    places = dict.fromkeys(one.at for one in closed)
    return failed(
        f"{told}: ACM could not", "\n".join(_allow_amazon(zone, at, _allowed(closed, at)) for at in places)
    )


def _allowed(closed: list[Issuers], at: str) -> frozenset[str]:
    return next(one.allowed or frozenset() for one in closed if one.at == at)


def _allow_amazon(zone: Zone | None, at: str, others: frozenset[str]) -> str:
    values = [f'0 issue "{issuer}"' for issuer in (*sorted(others), "amazon.com")]
    if zone is None or not (at == zone.name or at.endswith(f".{zone.name}")):
        return f"Add to the DNS of {at}: CAA {values[-1]}"
    return change_record(
        zone.id,
        {"Name": at, "Type": "CAA", "TTL": 300, "ResourceRecords": [{"Value": one} for one in values]},
    )


def change_record(zone_id: str, record: Mapping[str, object]) -> str:
    """The command that writes a record into a zone."""
    batch = json.dumps(
        {"Changes": [{"Action": "UPSERT", "ResourceRecordSet": record}]}, separators=(",", ":")
    )
    return f"aws route53 change-resource-record-sets --hosted-zone-id {zone_id} --change-batch '{batch}'"


def _answers(facts: Facts) -> Finding:
    found = facts[ANSWERS]
    if not found.lacking:
        return passed(f"{', '.join(found.found)} answer" if found.found else "no names are deployed yet")
    longest = max(found.lacking.values())
    return warned(
        f"{', '.join(found.lacking)} are in the zone, and the resolver does not know them (yet)",
        f"Wait {longest} s, as long as a resolver remembers that there was nothing, then: "
        f"cx doctor -e {facts[ENVIRONMENT]} propagation",
    )


CHECKS: Final = (
    Check(
        "zone",
        Group.DOMAIN,
        "The hosted zone of the domain is there, once",
        _zone,
        "make it (`aws route53 create-hosted-zone`, or `create_zone: true`), or delete the spare one",
        needs=(ZONES,),
        after=(DELEGATION,),
        quick=True,
    ),
    Check(
        "delegation",
        Group.DOMAIN,
        "The registrar names the name servers of the zone",
        _delegation,
        "set them at the registrar",
        needs=(ZONES, DELEGATION),
        quick=True,
    ),
    Check(
        "caa",
        Group.DOMAIN,
        "CAA records let Amazon issue certificates",
        _caa,
        'add `0 issue "amazon.com"` beside the others',
        needs=(CAA, ZONES),
        after=(DELEGATION,),
    ),
    Check(
        "propagation",
        Group.DOMAIN,
        "What the zone says has arrived",
        _answers,
        "wait as long as it says",
        needs=(ANSWERS, ENVIRONMENT),
    ),
)
