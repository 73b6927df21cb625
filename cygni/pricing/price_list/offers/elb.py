"""Elastic Load Balancing."""

from __future__ import annotations

from typing import Final

from cygni.pricing.price_list.rules import GB, HOURS, Offer, Rule, spelled

_ELB: Final = "AWSELB"
_CAPACITY: Final = spelled("lcu-hrs", "lcu-hours", "nlcu-hrs", "nlcu-hours", "glcu-hrs", "glcu-hours")
_KINDS: Final = {
    "application": "Load Balancer-Application",
    "network": "Load Balancer-Network",
    "gateway": "Load Balancer-Gateway",
}


def _hours(kind: str, family: str) -> Rule:
    where, attributes = {"Product Family": family}, {"type": kind}
    return Rule(
        _ELB, "load-balancer", "hour", HOURS, r"LoadBalancerUsage", where=where, attributes=attributes
    )


def _capacity(kind: str, family: str) -> Rule:
    where, attributes = {"Product Family": family}, {"type": kind}
    return Rule(_ELB, "lcu", "LCU-hour", _CAPACITY, r"LCUUsage", where=where, attributes=attributes)


OFFER: Final = Offer(
    _ELB,
    (
        *(_hours(kind, family) for kind, family in _KINDS.items()),
        *(_capacity(kind, family) for kind, family in _KINDS.items()),
        _hours("classic", "Load Balancer"),
        Rule(
            _ELB,
            "data-processed",
            "GB",
            GB,
            r"DataProcessing-Bytes",
            where={"Product Family": "Load Balancer"},
            attributes={"type": "classic"},
        ),
    ),
)
