"""What databases and caches share: who is let in, where they are, when they are looked after."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_aws import ec2, secretsmanager, vpc

from components.component import Component

MASTER_USER = "cygni"
"""The name of the first user of every database. It cannot change without a new database."""


@dataclass(frozen=True, kw_only=True)
class StoreArgs:
    """`identifier` is the name in AWS, unique in account and region. Members of the security group `clients` are let
    in, nobody else. The windows are UTC: `backup_window` as `03:00-04:00`, at least half an hour, and
    `maintenance_window`, in which AWS patches, as `sun:04:30-sun:05:30`, apart from it. `kms_key` is the ARN of the key
    that encrypts it; without one that of AWS does."""

    identifier: str
    vpc_id: pulumi.Input[str]
    subnet_ids: pulumi.Input[Sequence[str]]
    clients: pulumi.Input[str]
    backup_window: str
    maintenance_window: str
    kms_key: pulumi.Input[str] | None = None


class Clients(Component):
    """The security group that tasks join to reach the databases and caches of an environment.

    One for all of them: a task can be in five security groups (ECS API reference, AwsVpcConfiguration), and every
    service is given every database. Output: `security_group`.
    """

    token = "cygni:data:Clients"

    def __init__(
        self, name: str, vpc_id: pulumi.Input[str], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(name, opts)
        self.security_group = ec2.SecurityGroup(
            f"{name}-clients",
            description=f"What may reach the databases and caches of {name}",
            vpc_id=vpc_id,
            opts=self.child(),
        )
        self.register_outputs({"securityGroupId": self.security_group.id})


def life_of(args: StoreArgs, *lasting: Any) -> pulumi.Output[str]:
    """Six hex digits that change when the store has to be made anew: by the key, and by what cannot change without a
    replacement (`lasting`)."""

    def digest(key: str | None) -> str:
        return hashlib.sha256(repr((*lasting, key) if key else lasting).encode()).hexdigest()[:6]

    return pulumi.Output.from_input(args.kms_key).apply(digest)


def closed_group(
    store: Component, name: str, args: StoreArgs, port: int, life: pulumi.Output[str]
) -> tuple[ec2.SecurityGroup, vpc.SecurityGroupIngressRule]:
    """A security group that lets its clients reach `port`, and nothing else in or out; and the rule that does. Each
    `life` of the store has a group of its own."""
    group = ec2.SecurityGroup(
        name,
        description=f"Access to {args.identifier}",
        vpc_id=args.vpc_id,
        opts=store.child(replacement_trigger=life),
    )
    rule = vpc.SecurityGroupIngressRule(
        name,
        security_group_id=group.id,
        description="From the services",
        ip_protocol="tcp",
        from_port=port,
        to_port=port,
        referenced_security_group_id=args.clients,
        opts=store.child(),
    )
    return group, rule


def last_snapshot(args: StoreArgs, group: ec2.SecurityGroup, life: pulumi.Output[str]) -> pulumi.Output[str]:
    """The name of the snapshot that is taken when a database is deleted.

    The same in each run, and another one for each life of the database, or the second deletion would find its
    snapshot's name taken: the security group is new in each life. At most 255 characters (RDS API reference,
    DeleteDBInstance).
    """
    made = group.id.apply(lambda found: found.removeprefix("sg-"))
    return pulumi.Output.concat(args.identifier, "-final-", made, "-", life)


def when_its_key_changes(args: StoreArgs) -> str:
    """What replaces a database by changing. RDS fills the key in where none is given, so the provider takes leaving it
    out for no change, and the database would keep a key that is deleted."""
    return "AWS's" if args.kms_key is None else "own"


def rotate_password(
    store: Component, name: str, secret_arn: pulumi.Input[str], days: int
) -> secretsmanager.SecretRotation:
    """Lets RDS renew the password that it manages every so many days (by itself every seven).

    AWS deletes the secret with its database, and lets nobody stop its rotation before: nothing is deleted here.
    """
    return secretsmanager.SecretRotation(
        name,
        secret_id=secret_arn,
        rotate_immediately=False,
        rotation_rules=secretsmanager.SecretRotationRotationRulesArgs(automatically_after_days=days),
        opts=store.child(retain_on_delete=True),
    )
