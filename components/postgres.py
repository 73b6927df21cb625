"""What every PostgreSQL database of RDS has, as one instance or as an Aurora cluster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_aws import ec2, rds

from components.component import Component
from components.data_store import MASTER_USER, StoreArgs, closed_group, last_snapshot, life_of

PORT = 5432
FREE_INSIGHTS_DAYS = 7
"""Days of Performance Insights that cost nothing (RDS User Guide, pricing of Performance Insights)."""

PLAIN_CONNECTIONS_REFUSED = {"name": "rds.force_ssl", "value": "1"}
"""The parameter of a parameter group, of an instance or of a cluster."""


@dataclass(frozen=True, kw_only=True)
class PostgresArgs(StoreArgs):
    """`version` is PostgreSQL's, `16` or `16.4`. `database` is the name of the database in it. `backup_retention` and
    `password_rotation` are in days; within the first the database can be had back as it was at any second. `replicas`
    are instances beside the one that is written to."""

    version: str
    instance_class: str
    replicas: int
    database: str
    backup_retention: int
    deletion_protection: bool
    final_snapshot: bool
    performance_insights: bool
    password_rotation: int


def surroundings(
    store: Component, name: str, args: PostgresArgs
) -> tuple[ec2.SecurityGroup, rds.SubnetGroup]:
    """The security group that lets its clients in, and the subnets it may be in."""
    group, _ = closed_group(store, f"{name}-database", args, PORT, _life(args))
    subnets = rds.SubnetGroup(
        name, description=f"Subnets of {args.identifier}", subnet_ids=args.subnet_ids, opts=store.child()
    )
    return group, subnets


def settings(args: PostgresArgs, group: ec2.SecurityGroup, subnets: rds.SubnetGroup) -> dict[str, Any]:
    """The arguments that an instance and a cluster have in common: encrypted, with a password that RDS makes and keeps,
    and with a last snapshot."""
    return {
        "engine_version": args.version,
        "manage_master_user_password": True,
        "port": PORT,
        "storage_encrypted": True,
        "kms_key_id": args.kms_key,
        "db_subnet_group_name": subnets.name,
        "vpc_security_group_ids": [group.id],
        "backup_retention_period": args.backup_retention,
        "copy_tags_to_snapshot": True,
        "deletion_protection": args.deletion_protection,
        "skip_final_snapshot": not args.final_snapshot,
        "final_snapshot_identifier": last_snapshot(args, group, _life(args)) if args.final_snapshot else None,
        # The plan has been shown and confirmed: what it says is done then, not in the next window.
        "apply_immediately": True,
        "allow_major_version_upgrade": True,
    }


def _life(args: PostgresArgs) -> pulumi.Output[str]:
    return life_of(args, args.identifier, args.database, MASTER_USER)


def insights(args: PostgresArgs) -> dict[str, Any]:
    """The arguments by which an instance tells what its queries cost it."""
    return {
        "performance_insights_enabled": args.performance_insights,
        "performance_insights_retention_period": FREE_INSIGHTS_DAYS if args.performance_insights else None,
    }


def major(version: str) -> str:
    """PostgreSQL's major version: `16` of `16.4`."""
    return version.partition(".")[0]
