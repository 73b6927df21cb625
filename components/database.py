"""A PostgreSQL database on RDS, with its replicas."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi_aws import rds

from components.component import Component
from components.data_store import MASTER_USER, StoreArgs, closed_group, last_snapshot, rotate_password

PORT = 5432
FREE_INSIGHTS_DAYS = 7
"""Days of Performance Insights that cost nothing (RDS User Guide, pricing of Performance Insights)."""


@dataclass(frozen=True, kw_only=True)
class DatabaseArgs(StoreArgs):
    """`storage` and `max_storage` in GiB; RDS lets the storage grow up to the latter, and 0 lets it not grow.

    `version` is PostgreSQL's, `16` or `16.4`. `database` is the name of the database in it. `backup_retention` and
    `password_rotation` are in days; within the first the database can be had back as it was at any second.
    """

    version: str
    instance_class: str
    storage: int
    max_storage: int
    multi_az: bool
    replicas: int
    database: str
    backup_retention: int
    deletion_protection: bool
    final_snapshot: bool
    performance_insights: bool
    password_rotation: int


class Database(Component):
    """Subnet group, parameter group that refuses plain connections, security group, instance, read replicas.

    The storage is gp3 and encrypted. RDS makes the password, keeps it in Secrets Manager and renews it: it is never in
    the state. Outputs: `instance`, `replicas`, `group` (its security group), `secret_arn`.
    """

    token = "cygni:data:Database"

    def __init__(self, name: str, args: DatabaseArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self.name = name
        self.args = args
        self.group, _ = closed_group(self, f"{name}-database", args, PORT)
        self.subnets = rds.SubnetGroup(
            name, description=f"Subnets of {args.identifier}", subnet_ids=args.subnet_ids, opts=self.child()
        )
        self.parameters = rds.ParameterGroup(
            name,
            family=f"postgres{major(args.version)}",
            description=f"Parameters of {args.identifier}",
            parameters=[rds.ParameterGroupParameterArgs(name="rds.force_ssl", value="1")],
            opts=self.child(),
        )
        self.instance = self._instance()
        self.secret_arn = self.instance.master_user_secrets[0].secret_arn
        rotate_password(self, name, self.secret_arn, args.password_rotation)
        self.replicas = [self._replica(number) for number in range(1, args.replicas + 1)]
        self.register_outputs({"address": self.instance.address, "secretArn": self.secret_arn})

    def _instance(self) -> rds.Instance:
        args = self.args
        lasting = (args.identifier, args.database, MASTER_USER)
        return rds.Instance(
            self.name,
            identifier=args.identifier,
            engine="postgres",
            engine_version=args.version,
            instance_class=args.instance_class,
            allocated_storage=args.storage,
            max_allocated_storage=args.max_storage or None,
            storage_type="gp3",
            storage_encrypted=True,
            kms_key_id=args.kms_key,
            db_name=args.database,
            username=MASTER_USER,
            manage_master_user_password=True,
            port=PORT,
            multi_az=args.multi_az,
            publicly_accessible=False,
            db_subnet_group_name=self.subnets.name,
            parameter_group_name=self.parameters.name,
            vpc_security_group_ids=[self.group.id],
            backup_retention_period=args.backup_retention,
            backup_window=args.backup_window,
            maintenance_window=args.maintenance_window,
            copy_tags_to_snapshot=True,
            deletion_protection=args.deletion_protection,
            skip_final_snapshot=not args.final_snapshot,
            final_snapshot_identifier=last_snapshot(args, self.group, *lasting)
            if args.final_snapshot
            else None,
            performance_insights_enabled=args.performance_insights,
            performance_insights_retention_period=FREE_INSIGHTS_DAYS if args.performance_insights else None,
            # The plan has been shown and confirmed: what it says is done then, not in the next window.
            apply_immediately=True,
            allow_major_version_upgrade=True,
            opts=self.child(),
        )

    def _replica(self, number: int) -> rds.Instance:
        args = self.args
        return rds.Instance(
            f"{self.name}-replica-{number}",
            identifier=f"{args.identifier}-replica-{number}",
            replicate_source_db=self.instance.identifier,
            instance_class=args.instance_class,
            max_allocated_storage=args.max_storage or None,
            storage_type="gp3",
            storage_encrypted=True,
            kms_key_id=args.kms_key,
            port=PORT,
            publicly_accessible=False,
            parameter_group_name=self.parameters.name,
            vpc_security_group_ids=[self.group.id],
            maintenance_window=args.maintenance_window,
            copy_tags_to_snapshot=True,
            skip_final_snapshot=True,
            performance_insights_enabled=args.performance_insights,
            performance_insights_retention_period=FREE_INSIGHTS_DAYS if args.performance_insights else None,
            apply_immediately=True,
            allow_major_version_upgrade=True,
            opts=self.child(),
        )


def major(version: str) -> str:
    """PostgreSQL's major version: `16` of `16.4`."""
    return version.partition(".")[0]
