"""The `network` of cygni.yaml."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from cygni.spec.fields import PrivateCidr
from cygni.spec.section import Section


class Nat(StrEnum):
    """How tasks reach the internet."""

    NONE = "none"
    SINGLE = "single"
    PER_ZONE = "per-zone"


class Network(Section):
    """The VPC."""

    nat: Nat = Field(
        default=Nat.NONE,
        strict=False,
        description=(
            "How tasks reach the internet. `none`: tasks run in public subnets with a public IPv4 address each "
            "(0.005 USD an hour, about 3.65 USD a month per task), closed to the outside by their security "
            "group. `single`: tasks run in private subnets behind one NAT gateway (0.045 USD an hour, about "
            "32.85 USD a month, and its public IPv4 address, 3.65 USD), which all zones depend on. `per-zone`: "
            "one NAT gateway in each zone (about 73 USD a month with 2 zones, 109.50 USD with 3). A NAT gateway "
            "also charges 0.045 USD per GB it handles. Prices of us-east-1, 730 hours a month."
        ),
        examples=["none", "single", "per-zone"],
    )
    zones: int = Field(
        default=2, ge=2, le=3, description="Availability zones the subnets are spread over.", examples=[2, 3]
    )
    cidr: PrivateCidr = Field(
        default="10.20.0.0/16",
        description=(
            "IPv4 range of the VPC: private (RFC 1918), /16 to /20. It cannot change later without replacing "
            "the network."
        ),
        examples=["10.20.0.0/16", "192.168.0.0/20"],
    )
