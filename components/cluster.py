"""An ECS cluster that runs on Fargate."""

from __future__ import annotations

import pulumi
from pulumi_aws import ecs

from components.component import Component


class Cluster(Component):
    """ECS cluster with the Fargate capacity providers, named `cluster_name` in AWS. Output: `cluster`."""

    token = "cygni:compute:Cluster"

    def __init__(self, name: str, cluster_name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self.cluster = ecs.Cluster(name, name=cluster_name, opts=self.child())
        ecs.ClusterCapacityProviders(
            name,
            cluster_name=self.cluster.name,
            capacity_providers=["FARGATE", "FARGATE_SPOT"],
            opts=self.child(),
        )
        self.register_outputs({"clusterArn": self.cluster.arn})
