"""An Aurora PostgreSQL cluster, serverless unless a class is given."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi_aws import rds

from components.component import Component
from components.data_store import MASTER_USER, rotate_password, when_its_key_changes
from components.postgres import (
    PLAIN_CONNECTIONS_REFUSED,
    PostgresArgs,
    insights,
    major,
    settings,
    surroundings,
)

_ENGINE = "aurora-postgresql"
SERVERLESS = "db.serverless"
_LAST_TIER = 15
"""The lowest rank an instance can have when a new writer is chosen (Aurora User Guide, failover)."""


@dataclass(frozen=True, kw_only=True)
class AuroraArgs(PostgresArgs):
    """`min_capacity` and `max_capacity` in ACU (about 2 GiB of memory each, in halves), for `db.serverless`. Any of the
    replicas takes the place of the writer."""

    min_capacity: float
    max_capacity: float


class Aurora(Component):
    """Subnet group, cluster parameter group that refuses plain connections, security group, cluster, instances.

    The storage is encrypted and grows by itself, in three zones. RDS makes the password, keeps it in Secrets Manager
    and renews it: it is never in the state. Outputs: `cluster`, `instances`, `group` (a security group), `secret_arn`.
    """

    token = "cygni:data:Aurora"

    def __init__(self, name: str, args: AuroraArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self.name = name
        self.args = args
        self.group, self.subnets = surroundings(self, name, args)
        self.parameters = rds.ClusterParameterGroup(
            name,
            family=f"{_ENGINE}{major(args.version)}",
            description=f"Parameters of {args.identifier}",
            parameters=[rds.ClusterParameterGroupParameterArgs(**PLAIN_CONNECTIONS_REFUSED)],
            opts=self.child(),
        )
        self.cluster = self._cluster()
        self.secret_arn = self.cluster.master_user_secrets[0].secret_arn
        rotate_password(self, name, self.secret_arn, args.password_rotation)
        self.instances = [self._instance(number) for number in range(1, args.replicas + 2)]
        self.register_outputs({"endpoint": self.cluster.endpoint, "secretArn": self.secret_arn})

    def _cluster(self) -> rds.Cluster:
        args = self.args
        capacity = rds.ClusterServerlessv2ScalingConfigurationArgs(
            min_capacity=args.min_capacity, max_capacity=args.max_capacity
        )
        return rds.Cluster(
            self.name,
            cluster_identifier=args.identifier,
            engine=_ENGINE,
            database_name=args.database,
            master_username=MASTER_USER,
            db_cluster_parameter_group_name=self.parameters.name,
            serverlessv2_scaling_configuration=capacity if args.instance_class == SERVERLESS else None,
            preferred_backup_window=args.backup_window,
            preferred_maintenance_window=args.maintenance_window,
            # Two clusters cannot have one name, and the provider does not see that by itself.
            opts=self.child(replacement_trigger=when_its_key_changes(args), delete_before_replace=True),
            **settings(args, self.group, self.subnets),
        )

    def _instance(self, number: int) -> rds.ClusterInstance:
        """The first instance is made the writer; the others take its place in their order."""
        args = self.args
        return rds.ClusterInstance(
            f"{self.name}-{number}",
            identifier=f"{args.identifier}-{number}",
            cluster_identifier=self.cluster.cluster_identifier,
            engine=_ENGINE,
            instance_class=args.instance_class,
            publicly_accessible=False,
            promotion_tier=min(number - 1, _LAST_TIER),
            copy_tags_to_snapshot=True,
            apply_immediately=True,
            opts=self.child(delete_before_replace=True),
            **insights(args),
        )
