"""Public IPv4 addresses, which AWS bills by the hour whether used or not."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from cygni.pricing.charges import Amount, Charge, Estimator, Free, Measured, Quantity, fixed
from cygni.pricing.resource_set import ResourceSet
from cygni.pricing.usage import Usage
from cygni.resources import Resource

IN_USE: Final = fixed("public IPv4 address, in use", "AmazonVPC", "public-ipv4", "hour", state="in-use")
IDLE: Final = fixed("public IPv4 address, idle", "AmazonVPC", "public-ipv4", "hour", state="idle")


def in_use(count: Quantity, note: str | None = None) -> Amount:
    """Addresses that AWS gives to something else: a load balancer, a task."""
    return Amount(IN_USE, count, note)


def _eip(resource: Resource, resources: ResourceSet, usage: Usage) -> Measured:
    pool = resource.inputs.get("publicIpv4Pool")
    if isinstance(pool, str) and pool not in ("", "amazon"):
        return Free("an address of your own range costs nothing")
    used = any(resource.inputs.get(name) is not None for name in ("instance", "networkInterface"))
    charge: Charge = IN_USE if used or resources.users_of(resource.urn) else IDLE
    return [Amount(charge, Decimal(1))]


ESTIMATORS: Final = (
    Estimator(
        ("aws:ec2/eip:Eip",),
        (IN_USE, IDLE),
        _eip,
        (
            "In use when it names an instance or a network interface, or when another resource refers to it.",
            "An address from a range of your own (`publicIpv4Pool`) is free.",
        ),
    ),
)
