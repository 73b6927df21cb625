"""An Aurora PostgreSQL cluster, serverless unless a class is given."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi_aws import rds

from components.component import Component
from components.data_store import MASTER_USER, StoreArgs, closed_group, last_snapshot, rotate_password
from components.database import FREE_INSIGHTS_DAYS, PORT, major

_ENGINE = "aurora-postgresql"
SERVERLESS = "db.serverless"
_LAST_TIER = 15
"""The lowest rank an instance can have when a new writer is chosen (Aurora User Guide, failover)."""


@dataclass(frozen=True, kw_only=True)
class AuroraArgs(StoreArgs):
    """`min_capacity` and `max_capacity` in ACU (about 2 GiB of memory each, in halves), for `db.serverless`.

    `replicas` are instances beside the writer, any of which takes its place. `version` is PostgreSQL's, `16` or `16.4`.
    `backup_retention` and `password_rotation` are in days.
    """

    version: str
    instance_class: str
    min_capacity: float
    max_capacity: float
    replicas: int
    database: str
    backup_retention: int
    deletion_protection: bool
    final_snapshot: bool
    performance_insights: bool
    password_rotation: int


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
        self.group, _ = closed_group(self, f"{name}-database", args, PORT)
        self.subnets = rds.SubnetGroup(
            name, description=f"Subnets of {args.identifier}", subnet_ids=args.subnet_ids, opts=self.child()
        )
        self.parameters = rds.ClusterParameterGroup(
            name,
            family=f"{_ENGINE}{major(args.version)}",
            description=f"Parameters of {args.identifier}",
            parameters=[rds.ClusterParameterGroupParameterArgs(name="rds.force_ssl", value="1")],
            opts=self.child(),
        )
        self.cluster = self._cluster()
        self.secret_arn = self.cluster.master_user_secrets[0].secret_arn
        rotate_password(self, name, self.secret_arn, args.password_rotation)
        self.instances = [self._instance(number) for number in range(1, args.replicas + 2)]
        self.register_outputs({"endpoint": self.cluster.endpoint, "secretArn": self.secret_arn})

    def _cluster(self) -> rds.Cluster:
        args = self.args
        lasting = (args.identifier, args.database, MASTER_USER)
        capacity = rds.ClusterServerlessv2ScalingConfigurationArgs(
            min_capacity=args.min_capacity, max_capacity=args.max_capacity
        )
        return rds.Cluster(
            self.name,
            cluster_identifier=args.identifier,
            engine=_ENGINE,
            engine_version=args.version,
            database_name=args.database,
            master_username=MASTER_USER,
            manage_master_user_password=True,
            port=PORT,
            storage_encrypted=True,
            kms_key_id=args.kms_key,
            db_subnet_group_name=self.subnets.name,
            db_cluster_parameter_group_name=self.parameters.name,
            vpc_security_group_ids=[self.group.id],
            serverlessv2_scaling_configuration=capacity if args.instance_class == SERVERLESS else None,
            backup_retention_period=args.backup_retention,
            preferred_backup_window=args.backup_window,
            preferred_maintenance_window=args.maintenance_window,
            copy_tags_to_snapshot=True,
            deletion_protection=args.deletion_protection,
            skip_final_snapshot=not args.final_snapshot,
            final_snapshot_identifier=last_snapshot(args, self.group, *lasting)
            if args.final_snapshot
            else None,
            # The plan has been shown and confirmed: what it says is done then, not in the next window.
            apply_immediately=True,
            allow_major_version_upgrade=True,
            # Two clusters cannot have one name, and the provider does not see that by itself.
            opts=self.child(delete_before_replace=True),
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
            performance_insights_enabled=args.performance_insights,
            performance_insights_retention_period=FREE_INSIGHTS_DAYS if args.performance_insights else None,
            copy_tags_to_snapshot=True,
            apply_immediately=True,
            opts=self.child(delete_before_replace=True),
        )
