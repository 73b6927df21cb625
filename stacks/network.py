"""The network of the foundation stack: one of its own, or an existing VPC."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws
from pulumi_aws import ec2

from components.endpoints import Endpoints, EndpointsArgs
from components.flow_logs import FlowLogs, FlowLogsArgs
from components.network import Network, NetworkArgs
from components.network_acls import NetworkAcls, NetworkAclsArgs
from cygni.errors import SpecError
from stacks.inputs import FoundationInputs
from stacks.network_inputs import VpcInputs

_FEWEST_ZONES = 2
"""A load balancer needs two (Elastic Load Balancing), so the specification takes no less."""

_Ids = Sequence[pulumi.Input[str]]


@dataclass(frozen=True)
class Place:
    """Where everything stands: a VPC and its subnets by kind."""

    vpc_id: pulumi.Input[str]
    public: _Ids
    private: _Ids
    isolated: _Ids


def network(inputs: FoundationInputs, region: str) -> Place:
    """Declares the network, or finds the existing one. Outputs: vpcId, publicSubnetIds, privateSubnetIds,
    isolatedSubnetIds. Raises SpecError where the region has too few zones or there is no such VPC."""
    place = _own(inputs, region) if inputs.vpc is None else _existing(inputs.vpc)
    pulumi.export("vpcId", place.vpc_id)
    pulumi.export("publicSubnetIds", list(place.public))
    pulumi.export("privateSubnetIds", list(place.private))
    pulumi.export("isolatedSubnetIds", list(place.isolated))
    return place


def _own(inputs: FoundationInputs, region: str) -> Place:
    name = f"{inputs.project}-{inputs.environment}"
    made = Network(
        name,
        NetworkArgs(
            cidr=inputs.cidr,
            zones=_zones(inputs.zones),
            nat=inputs.nat,
            region=region,
            kubernetes=inputs.kubernetes is not None,
        ),
    )
    place = Place(
        made.vpc.id,
        [subnet.id for subnet in made.public_subnets],
        [subnet.id for subnet in made.private_subnets],
        [subnet.id for subnet in made.isolated_subnets],
    )
    if inputs.acls:
        NetworkAcls(
            name, NetworkAclsArgs(place.vpc_id, inputs.cidr, place.public, place.private, place.isolated)
        )
    if inputs.endpoints:
        Endpoints(name, EndpointsArgs(inputs.endpoints, region, place.vpc_id, place.private, inputs.cidr))
    if inputs.flow_logs is not None:
        FlowLogs(
            name,
            FlowLogsArgs(
                vpc_id=place.vpc_id,
                log_group=f"/cygni/{inputs.project}/{inputs.environment}/flow-logs",
                traffic=inputs.flow_logs.traffic,
                retention=inputs.flow_logs.retention,
                account=pulumi_aws.get_caller_identity().account_id,
            ),
        )
    return place


def _zones(count: int) -> list[str]:
    """The first zones of the region by name, without local zones. Raises SpecError if there are fewer."""
    found = pulumi_aws.get_availability_zones(
        state="available",
        filters=[
            pulumi_aws.GetAvailabilityZonesFilterArgs(name="opt-in-status", values=["opt-in-not-required"])
        ],
    )
    there = len(found.names)
    if there < count:
        raise SpecError(
            f"the region has {there} availability zones, network.zones asks for {count}",
            hint=f"Set network.zones to {there}, or choose another region."
            if there >= _FEWEST_ZONES
            else "Choose another region.",
        )
    return sorted(found.names)[:count]


def _existing(wanted: VpcInputs) -> Place:
    try:
        found = ec2.get_vpc(id=wanted.id or None, tags=dict(wanted.tags) or None)
    except Exception as error:
        said = wanted.id or f"one VPC with the tags {_shown(wanted.tags)}"
        raise SpecError(
            f"network.vpc: {said} was not found: {str(error).strip().splitlines()[-1]}",
            hint="See what `aws ec2 describe-vpcs` lists in this region.",
        ) from error
    public = _subnets(found.id, "public_subnets", wanted.public_subnets)
    private = _subnets(found.id, "private_subnets", wanted.private_subnets)
    isolated = _subnets(found.id, "isolated_subnets", wanted.isolated_subnets)
    return Place(found.id, public, private or public, isolated or private or public)


def _subnets(vpc: str, key: str, tags: tuple[tuple[str, str], ...]) -> list[str]:
    """The subnets with these tags, in one order; none where nothing was asked for. Raises SpecError if too few have
    them."""
    if not tags:
        return []
    in_vpc = ec2.GetSubnetsFilterArgs(name="vpc-id", values=[vpc])
    found: list[str] = sorted(ec2.get_subnets(filters=[in_vpc], tags=dict(tags)).ids)
    if len(found) < _FEWEST_ZONES:
        raise SpecError(
            f"network.vpc.{key}: {len(found)} subnets of {vpc} have the tags {_shown(tags)}",
            hint=f"{_FEWEST_ZONES} are needed. Tag one subnet in each of two or more zones.",
        )
    return found


def _shown(tags: tuple[tuple[str, str], ...]) -> str:
    return ", ".join(f"{key}={value}" for key, value in tags)
