"""The foundation stack: network, cluster, load balancer, registries."""

from __future__ import annotations

import pulumi
import pulumi_aws

from components.cluster import Cluster
from components.network import Network, NetworkArgs
from components.registry import Registry
from cygni.errors import SpecError
from cygni.naming import cluster_name
from stacks.edge import entrance
from stacks.inputs import FoundationInputs
from stacks.security_baseline import security_baseline

_FEWEST_ZONES = 2
"""A load balancer needs two (Elastic Load Balancing), so the specification takes no less."""


def foundation(inputs: FoundationInputs) -> None:
    """Declares the stack. Outputs: vpcId, publicSubnetIds, privateSubnetIds, isolatedSubnetIds, clusterArn,
    clusterName, with a load balancer those of its entrance; repositoryUrls and repositoryArns by service."""
    name = f"{inputs.project}-{inputs.environment}"
    region = pulumi_aws.config.region
    assert region is not None
    network = Network(
        name, NetworkArgs(cidr=inputs.cidr, zones=_zones(inputs.zones), nat=inputs.nat, region=region)
    )
    cluster = Cluster(name, cluster_name(inputs.project, inputs.environment))
    public = [subnet.id for subnet in network.public_subnets]
    pulumi.export("vpcId", network.vpc.id)
    pulumi.export("publicSubnetIds", public)
    pulumi.export("privateSubnetIds", [subnet.id for subnet in network.private_subnets])
    pulumi.export("isolatedSubnetIds", [subnet.id for subnet in network.isolated_subnets])
    pulumi.export("clusterArn", cluster.cluster.arn)
    pulumi.export("clusterName", cluster.cluster.name)
    if inputs.load_balancer:
        entrance(name, inputs, network.vpc.id, public)
    security_baseline(name, inputs, region)
    registries = {
        service: Registry(f"{name}-{service}", f"{inputs.project}/{inputs.environment}/{service}")
        for service in inputs.repositories
    }
    pulumi.export("repositoryUrls", {key: made.repository.repository_url for key, made in registries.items()})
    pulumi.export("repositoryArns", {key: made.repository.arn for key, made in registries.items()})


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
