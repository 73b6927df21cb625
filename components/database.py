"""A PostgreSQL database on RDS, with its replicas."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi_aws import rds

from components.component import Component
from components.data_store import MASTER_USER, rotate_password, when_its_key_changes
from components.postgres import (
    PLAIN_CONNECTIONS_REFUSED,
    PORT,
    PostgresArgs,
    insights,
    major,
    settings,
    surroundings,
)


@dataclass(frozen=True, kw_only=True)
class DatabaseArgs(PostgresArgs):
    """`storage` and `max_storage` in GiB; RDS lets the storage grow up to the latter, and 0 lets it not grow."""

    storage: int
    max_storage: int
    multi_az: bool


class Database(Component):
    """Subnet group, parameter group that refuses plain connections, security group, instance, read replicas.

    The storage is gp3 and encrypted. RDS makes the password, keeps it in Secrets Manager and renews it: it is never in
    the state. Outputs: `instance`, `replicas`, `group` (its security group), `secret_arn`, and `port`, where it
    answers.
    """

    token = "cygni:data:Database"

    def __init__(self, name: str, args: DatabaseArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self.name = name
        self.args = args
        self.group, self.subnets = surroundings(self, name, args)
        self.parameters = rds.ParameterGroup(
            name,
            family=f"postgres{major(args.version)}",
            description=f"Parameters of {args.identifier}",
            parameters=[rds.ParameterGroupParameterArgs(**PLAIN_CONNECTIONS_REFUSED)],
            opts=self.child(),
        )
        self.instance = self._instance()
        self.secret_arn = self.instance.master_user_secrets[0].secret_arn
        # Not `instance.port`, which the local cloud cannot give every database: the endpoint says where it really is.
        self.port = self.instance.endpoint.apply(lambda endpoint: int(endpoint.rpartition(":")[2]))
        rotate_password(self, name, self.secret_arn, args.password_rotation)
        self.replicas = [self._replica(number) for number in range(1, args.replicas + 1)]
        self.register_outputs({"address": self.instance.address, "secretArn": self.secret_arn})

    def _instance(self) -> rds.Instance:
        args = self.args
        return rds.Instance(
            self.name,
            identifier=args.identifier,
            engine="postgres",
            instance_class=args.instance_class,
            allocated_storage=args.storage,
            max_allocated_storage=args.max_storage or None,
            storage_type="gp3",
            db_name=args.database,
            username=MASTER_USER,
            multi_az=args.multi_az,
            publicly_accessible=False,
            parameter_group_name=self.parameters.name,
            backup_window=args.backup_window,
            maintenance_window=args.maintenance_window,
            # Two databases cannot have one name; where a trigger replaces, the provider is not asked.
            opts=self.child(replacement_trigger=when_its_key_changes(args), delete_before_replace=True),
            **settings(args, self.group, self.subnets),
            **insights(args),
        )

    def _replica(self, number: int) -> rds.Instance:
        """One in the same region always has the key of its source (RDS API reference, CreateDBInstanceReadReplica)."""
        args = self.args
        return rds.Instance(
            f"{self.name}-replica-{number}",
            identifier=f"{args.identifier}-replica-{number}",
            replicate_source_db=self.instance.identifier,
            instance_class=args.instance_class,
            max_allocated_storage=args.max_storage or None,
            storage_type="gp3",
            storage_encrypted=True,
            port=PORT,
            publicly_accessible=False,
            parameter_group_name=self.parameters.name,
            vpc_security_group_ids=[self.group.id],
            maintenance_window=args.maintenance_window,
            copy_tags_to_snapshot=True,
            skip_final_snapshot=True,
            apply_immediately=True,
            allow_major_version_upgrade=True,
            # RDS makes a database of its own of a replica whose source goes.
            opts=self.child(replace_with=[self.instance], delete_before_replace=True),
            **insights(args),
        )
