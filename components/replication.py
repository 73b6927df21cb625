"""Copies of a bucket's objects in another."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_aws import iam, s3

from components.binding import allow
from components.bucket import Bucket
from components.component import Component
from cygni.naming import ROLE_NAME_LIMIT, auto_named


@dataclass(frozen=True)
class ReplicationArgs:
    """Both buckets keep versions. Only objects whose key begins with `prefix` are copied. `account` is whose buckets
    they are."""

    source: Bucket
    target: Bucket
    account: str
    prefix: str = ""


class Replication(Component):
    """S3 replication of new objects and of deletions from one bucket to another, with the role that does it."""

    token = "cygni:data:Replication"

    def __init__(self, name: str, args: ReplicationArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        source, target = args.source.bucket, args.target.bucket
        role = iam.Role(
            auto_named(name, ROLE_NAME_LIMIT),
            assume_role_policy=json.dumps(_trust(args.account)),
            opts=self.child(),
        )
        permitted = iam.RolePolicy(
            auto_named(name, ROLE_NAME_LIMIT),
            role=role.id,
            policy=pulumi.Output.all(source.arn, target.arn).apply(
                lambda arns: json.dumps(_permissions(arns[0], arns[1]))
            ),
            opts=self.child(),
        )
        versions = [one for one in (args.source.versioning, args.target.versioning) if one is not None]
        s3.BucketReplicationConfig(
            name,
            bucket=source.id,
            role=role.arn,
            rules=[
                s3.BucketReplicationConfigRuleArgs(
                    id="all",
                    status="Enabled",
                    priority=1,
                    filter=s3.BucketReplicationConfigRuleFilterArgs(prefix=args.prefix),
                    delete_marker_replication=s3.BucketReplicationConfigRuleDeleteMarkerReplicationArgs(
                        status="Enabled"
                    ),
                    destination=s3.BucketReplicationConfigRuleDestinationArgs(bucket=target.arn),
                )
            ],
            opts=self.child(depends_on=[permitted, *versions]),
        )
        self.register_outputs({"roleArn": role.arn})


def _trust(account: str) -> dict[str, Any]:
    """S3 alone, and only for buckets of this account: nobody else's bucket can make it act."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "s3.amazonaws.com"},
                "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"aws:SourceAccount": account}},
            }
        ],
    }


def _permissions(source: str, target: str) -> Mapping[str, Any]:
    """What S3 needs to copy (S3 User Guide, permissions for live replication)."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            allow(["s3:GetReplicationConfiguration", "s3:ListBucket"], [source]),
            allow(
                [
                    "s3:GetObjectVersionForReplication",
                    "s3:GetObjectVersionAcl",
                    "s3:GetObjectVersionTagging",
                ],
                [f"{source}/*"],
            ),
            allow(["s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"], [f"{target}/*"]),
        ],
    }
