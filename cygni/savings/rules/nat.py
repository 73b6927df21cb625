"""NAT gateways that nothing goes through, or of which there are more than an environment needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from cygni.pricing.usage_metrics import Metric
from cygni.resources import Resource
from cygni.savings.evidence import DAYS
from cygni.savings.rule import Candidate, Change, Rule, Situation

NAT: Final = "aws:ec2/natGateway:NatGateway"
_ADDRESS: Final = "aws:ec2/eip:Eip"
_SERVICE: Final = "aws:ecs/service:Service"
_IDLE_MB: Final = Decimal(10)
"""A day. Tasks that only start and log send more: one ECR image, or the lines of an hour."""
_MB: Final = Decimal(10**6)

_TRAFFIC: Final = Metric(
    "nat_bytes",
    (NAT,),
    "AWS/NATGateway",
    ("BytesOutToDestination", "BytesInFromDestination"),
    {"NatGatewayId": "{id}"},
)


def _idle(situation: Situation) -> Iterable[Candidate]:
    gateways = situation.known.of_type(NAT)
    if not _all_idle(situation):
        return
    sent = sum((situation.evidence.total(one.urn, _TRAFFIC.amount) for one in gateways), Decimal(0)) / _MB
    yield _without(
        gateways,
        situation,
        f"{sent:.1f} MB to and from the internet through {_counted(gateways)} in {DAYS} days",
    )


def _outside_production(situation: Situation) -> Iterable[Candidate]:
    gateways = situation.known.of_type(NAT)
    if gateways and not situation.is_production and not _all_idle(situation):
        yield _without(gateways, situation, f"{_counted(gateways)} in {situation.environment}")


def _without(gateways: Sequence[Resource], situation: Situation, seen: str) -> Candidate:
    return Candidate(
        subject=gateways[0].urn,
        seen=seen,
        changed={**_gone(gateways, situation), **_public(situation)},
        change=Change("Do without NAT.", {"network": {"nat": "none"}}),
        caution=(
            "Tasks move to public subnets, with a public IPv4 address each, which is counted here; security groups "
            "keep them closed. What they reach must know no fixed address of theirs."
        ),
    )


def _all_idle(situation: Situation) -> bool:
    gateways = situation.known.of_type(NAT)
    return bool(gateways) and all(_is_idle(one, situation) for one in gateways)


def _is_idle(gateway: Resource, situation: Situation) -> bool:
    evidence = situation.evidence
    if not evidence.measured_every_day(gateway.urn, _TRAFFIC.amount):
        return False
    return evidence.total(gateway.urn, _TRAFFIC.amount) <= _IDLE_MB * _MB * DAYS


def _per_zone(situation: Situation) -> Iterable[Candidate]:
    gateways = situation.known.of_type(NAT)
    if situation.is_production or len(gateways) < 2:
        return
    yield Candidate(
        subject=gateways[0].urn,
        seen=f"{_counted(gateways)} in {situation.environment}, one for each zone",
        changed=_gone(gateways[1:], situation),
        change=Change("Let all zones share one NAT gateway.", {"network": {"nat": "single"}}),
        caution="If its zone fails, no zone reaches the internet. Data that crosses zones costs 0.01 USD/GB each way.",
    )


def _gone(gateways: Sequence[Resource], situation: Situation) -> dict[str, None]:
    """The gateways, and the addresses that are theirs."""
    addresses = (situation.known.referred(one, "allocationId", _ADDRESS) for one in gateways)
    return dict.fromkeys([*(one.urn for one in gateways), *(one.urn for one in addresses if one is not None)])


def _public(situation: Situation) -> dict[str, Resource | None]:
    """The services as they are without NAT: each task has a public address."""
    found: dict[str, Resource | None] = {}
    for service in situation.known.of_type(_SERVICE):
        network = service.inputs.get("networkConfiguration")
        if isinstance(network, Mapping):
            inputs: dict[str, Any] = {
                **service.inputs,
                "networkConfiguration": {**network, "assignPublicIp": True},
            }
            found[service.urn] = replace(service, inputs=inputs)
    return found


def _counted(gateways: Sequence[Resource]) -> str:
    return "1 NAT gateway" if len(gateways) == 1 else f"{len(gateways)} NAT gateways"


RULES: Final = (
    Rule(
        "idle-nat",
        "A NAT gateway that nothing goes through is billed by the hour all the same, with its public address.",
        f"At most {_IDLE_MB * DAYS} MB in {DAYS} days through each gateway, with values for each of these days.",
        "Amazon VPC User Guide, NAT gateway metrics and pricing for NAT gateways",
        _idle,
        (_TRAFFIC,),
    ),
    Rule(
        "nat-outside-production",
        "Outside production tasks may have public addresses of their own: up to nine of them cost less than NAT.",
        "A NAT gateway in an environment that is not production, with more to do than an idle one.",
        "Amazon VPC pricing, NAT gateways and public IPv4 addresses",
        _outside_production,
        (_TRAFFIC,),
    ),
    Rule(
        "nat-per-zone",
        "Outside production one NAT gateway does for all zones.",
        "More than one NAT gateway in an environment that is not production.",
        "Amazon VPC User Guide, NAT gateways: one in each zone is for availability",
        _per_zone,
    ),
)
