"""NAT gateways and VPC endpoints."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from cygni.pricing import inputs
from cygni.pricing.charges import (
    Amount,
    Charge,
    Estimator,
    Free,
    Gap,
    Measured,
    Quantity,
    by_usage,
    fixed,
    one_of,
)
from cygni.pricing.parts import Part, priced
from cygni.pricing.readings import is_one_of, text
from cygni.pricing.resource_set import ResourceSet
from cygni.pricing.usage import Usage
from cygni.resources import Resource

NAT_HOURS: Final = fixed("NAT gateway", "AmazonVPC", "nat-gateway", "hour")
NAT_DATA: Final = by_usage("data processed", "AmazonVPC", "nat-gateway-data", "GB", "nat_data_gb")


def _nat(resource: Resource, resources: ResourceSet, usage: Usage) -> Measured:
    gateways: Quantity = Decimal(1)
    if resource.inputs.get("availabilityMode") == "regional":
        gateways = inputs.length(resource, "availabilityZoneAddresses")
        if not isinstance(gateways, Gap) and not gateways:
            gateways = Gap("a regional NAT gateway is billed for each zone it spreads to by itself")
    return [Amount(NAT_HOURS, gateways), one_of(NAT_DATA, usage)]


def _interface(kind: str) -> tuple[Charge, Charge]:
    return (
        fixed(f"{kind} endpoint, per zone", "AmazonVPC", "vpc-endpoint", "hour", type=kind),
        by_usage(
            f"{kind} endpoint data",
            "AmazonVPC",
            "vpc-endpoint-data",
            "GB",
            "endpoint_data_gb",
            type=kind,
            tiered=True,
        ),
    )


ENDPOINTS: Final = {kind: _interface(kind) for kind in ("Interface", "GatewayLoadBalancer")}


def _endpoint(resource: Resource, resources: ResourceSet, usage: Usage) -> Measured:
    kind = inputs.text(resource.inputs, "vpcEndpointType", "Gateway")
    if kind == "Gateway":
        return Free("a Gateway endpoint costs nothing")
    if isinstance(kind, Gap) or kind not in ENDPOINTS:
        reason = kind if isinstance(kind, Gap) else Gap(f"no price for an endpoint of type {kind}")
        return [Amount(ENDPOINTS["Interface"][0], reason)]
    return _endpoint_amounts(resource, kind, usage)


def _endpoint_amounts(resource: Resource, kind: str, usage: Usage) -> Iterator[Amount]:
    hours, data = ENDPOINTS[kind]
    zones = inputs.length(resource, "subnetIds")
    if not isinstance(zones, Gap) and not zones:
        zones = inputs.length(resource, "subnetConfigurations")
    if not isinstance(zones, Gap) and not zones:
        zones = Gap("subnetIds is not set, so the number of zones is not known")
    yield Amount(hours, zones)
    yield one_of(data, usage)


ESTIMATORS: Final = (
    Estimator(
        ("aws:ec2/natGateway:NatGateway",),
        (NAT_HOURS, NAT_DATA),
        _nat,
        (
            "The public address of a NAT gateway is billed with its `Eip`.",
            (
                "A regional NAT gateway counts once for each of its `availabilityZoneAddresses`; "
                "without them it has no price."
            ),
        ),
    ),
    Estimator(
        ("aws:ec2/vpcEndpoint:VpcEndpoint",),
        tuple(charge for pair in ENDPOINTS.values() for charge in pair),
        _endpoint,
        ("Gateway endpoints are free.", "Other endpoints are billed for each of their subnets (zones)."),
    ),
    priced(
        "aws:ec2/vpcIpam:VpcIpam",
        parts=(
            Part(
                by_usage("active addresses", "AmazonVPC", "ipam-address", "hour", "ipam_addresses"),
                when=is_one_of(text("tier", "advanced"), "advanced"),
            ),
        ),
        otherwise="the free tier of IPAM costs nothing",
    ),
    priced(
        "aws:vpclattice/service:Service",
        parts=(
            fixed("Lattice service", "AmazonVPCLattice", "service", "hour"),
            by_usage("Lattice data", "AmazonVPCLattice", "data", "GB", "lattice_gb"),
            by_usage("Lattice requests", "AmazonVPCLattice", "requests", "request", "lattice_requests"),
        ),
    ),
    priced(
        "aws:verifiedaccess/endpoint:Endpoint",
        parts=(
            fixed("verified application", "AWSVerifiedAccess", "application", "hour"),
            by_usage("data through it", "AWSVerifiedAccess", "data", "GB", "lattice_gb"),
        ),
    ),
)
