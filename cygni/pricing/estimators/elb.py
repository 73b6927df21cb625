"""Load balancers: hours, capacity units, public addresses, and the traffic that leaves through them."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from cygni.pricing import inputs
from cygni.pricing.charges import Amount, Charge, Estimator, Gap, Measured, Quantity, by_usage, fixed, one_of
from cygni.pricing.estimators import cloudfront, eip
from cygni.pricing.estimators.internet import EGRESS
from cygni.pricing.parts import Part, priced
from cygni.pricing.readings import Subject, flag, negated
from cygni.pricing.resource_set import ResourceSet
from cygni.pricing.usage import Usage
from cygni.resources import Resource


def _charges(kind: str, unit: str, assumption: str) -> tuple[Charge, Charge]:
    return (
        fixed(f"{kind} load balancer", "AWSELB", "load-balancer", "hour", type=kind),
        by_usage(f"{unit} capacity", "AWSELB", "lcu", "LCU-hour", assumption, type=kind),
    )


CHARGES: Final = {
    "application": _charges("application", "LCU", "alb_lcus"),
    "network": _charges("network", "NLCU", "nlb_lcus"),
    "gateway": _charges("gateway", "GLCU", "nlb_lcus"),
}


_ZONES: Final = Decimal(2)  # assumed where they are not known
_AS_IT_GROWS: Final = "AWS may add some as the load balancer grows"
RESERVED: Final = {
    kind: fixed("reserved capacity", "AWSELB", "lcu-reservation", "LCU-hour", type=kind) for kind in CHARGES
}


def _load_balancer(resource: Resource, resources: ResourceSet, usage: Usage) -> Measured:
    kind = inputs.text(resource.inputs, "loadBalancerType", "application")
    if isinstance(kind, Gap) or kind not in CHARGES:
        reason = kind if isinstance(kind, Gap) else Gap(f"no load balancer is of type {kind}")
        return [Amount(CHARGES["application"][0], reason)]
    return _amounts(resource, resources, kind, usage)


def _amounts(resource: Resource, resources: ResourceSet, kind: str, usage: Usage) -> Iterator[Amount]:
    hours, capacity = CHARGES[kind]
    yield one_of(hours, usage)
    yield one_of(capacity, usage)
    yield from _reserved(resource, kind)
    if kind == "gateway":
        return
    internal = inputs.flag(resource.inputs, "internal")
    if internal is True:
        return
    addresses, note = _public_addresses(resource)
    if isinstance(internal, Gap):
        note = f"{internal.reason}: assumed internet-facing, the default"
    if isinstance(addresses, Gap) or addresses:
        yield eip.in_use(addresses, note)
    if not cloudfront.serves(resource, resources):
        yield one_of(EGRESS, usage)


def _reserved(resource: Resource, kind: str) -> Iterator[Amount]:
    """Capacity that is kept whether used or not."""
    minimum = inputs.mapping(resource.inputs, "minimumLoadBalancerCapacity")
    if isinstance(minimum, Gap) or minimum:
        units = minimum if isinstance(minimum, Gap) else inputs.whole(minimum, "capacityUnits")
        yield Amount(RESERVED[kind], units)


def _public_addresses(resource: Resource) -> tuple[Quantity, str | None]:
    """One for each subnet, less those that are elastic addresses of their own; and what was assumed."""
    if resource.inputs.get("ipAddressType") == "dualstack-without-public-ipv4":
        return Decimal(0), None
    mappings = inputs.objects(resource.inputs, "subnetMappings")
    if mappings and not isinstance(mappings, Gap):
        return Decimal(sum(entry.get("allocationId") is None for entry in mappings)), None
    count = mappings if isinstance(mappings, Gap) else inputs.length(resource, "subnets")
    if isinstance(count, Gap) or not count:
        return _ZONES, "its subnets are not known yet: assumed 2 zones"
    return count, f"one per subnet; {_AS_IT_GROWS}"


def _classic_addresses(subject: Subject) -> Quantity:
    """Each zone that a classic load balancer is in has a node with an address (ELB User Guide, Availability Zones)."""
    zones = "subnets" if subject.inputs.get("subnets") is not None else "availabilityZones"
    count = inputs.length(subject.resource, zones)
    return _ZONES if isinstance(count, Gap) or not count else count


_OF_CLASSIC: Final = f"one per zone, of which 2 are assumed where none is known; {_AS_IT_GROWS}"

ESTIMATORS: Final = (
    Estimator(
        ("aws:lb/loadBalancer:LoadBalancer", "aws:alb/loadBalancer:LoadBalancer"),
        (*(charge for pair in CHARGES.values() for charge in pair), *RESERVED.values(), eip.IN_USE, EGRESS),
        _load_balancer,
        (
            (
                "An internet-facing load balancer has one public IPv4 address per subnet; an elastic address "
                "given by `allocationId` is billed with its `Eip`."
            ),
            (
                "Internet traffic of the services behind it is counted here, once per internet-facing load balancer; "
                "with a CloudFront distribution before it, there."
            ),
            "`ipAddressType: dualstack-without-public-ipv4` has no public IPv4 address.",
            "A load balancer capacity unit is the greatest of connections, requests and data: `alb_lcus`, `nlb_lcus`.",
        ),
    ),
    priced(
        "aws:elb/loadBalancer:LoadBalancer",
        parts=(
            fixed("classic load balancer", "AWSELB", "load-balancer", "hour", type="classic"),
            by_usage("data processed", "AWSELB", "data-processed", "GB", "elb_data_gb", type="classic"),
            Part(eip.IN_USE, _classic_addresses, when=negated(flag("internal")), note=_OF_CLASSIC),
            Part(EGRESS, when=negated(flag("internal"))),
        ),
        notes=("A public IPv4 address in each of its zones, unless it is internal.",),
    ),
)
