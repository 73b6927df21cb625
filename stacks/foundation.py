"""The foundation stack: network, cluster, load balancer, registries."""

from __future__ import annotations

import pulumi
import pulumi_aws

from components.cluster import Cluster
from components.registry import Registry
from cygni.naming import cluster_name, repository_name
from stacks.edge import entrance
from stacks.inputs import FoundationInputs
from stacks.kubernetes import kubernetes
from stacks.network import network
from stacks.security_baseline import security_baseline


def foundation(inputs: FoundationInputs) -> None:
    """Declares the stack. Outputs: those of its network, clusterArn, clusterName, with a load balancer those of its
    entrance, with Kubernetes those of the cluster; repositoryUrls and repositoryArns by service."""
    name = f"{inputs.project}-{inputs.environment}"
    region = pulumi_aws.config.region
    assert region is not None
    place = network(inputs, region)
    cluster = Cluster(name, cluster_name(inputs.project, inputs.environment))
    pulumi.export("clusterArn", cluster.cluster.arn)
    pulumi.export("clusterName", cluster.cluster.name)
    if inputs.load_balancer:
        entrance(name, inputs, place.vpc_id, place.public)
    security_baseline(name, inputs, region)
    if inputs.kubernetes:
        kubernetes(name, inputs.kubernetes, place.private)
    registries = {
        service: Registry(f"{name}-{service}", repository_name(inputs.project, inputs.environment, service))
        for service in inputs.repositories
    }
    pulumi.export("repositoryUrls", {key: made.repository.repository_url for key, made in registries.items()})
    pulumi.export("repositoryArns", {key: made.repository.arn for key, made in registries.items()})
