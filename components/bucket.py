"""A private, encrypted S3 bucket."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pulumi
from pulumi_aws import s3

from components.component import Component


@dataclass(frozen=True)
class BucketArgs:
    """`bucket` is the bucket's own name (3 to 63 characters, unique among all AWS accounts)."""

    bucket: str
    versioning: bool


class Bucket(Component):
    """S3 bucket with SSE-S3 encryption, no public access, owner-enforced objects and TLS only.

    Output: `bucket`.
    """

    token = "cygni:data:Bucket"

    def __init__(self, name: str, args: BucketArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self.bucket = s3.Bucket(name, bucket=args.bucket, opts=self.child())
        blocked = s3.BucketPublicAccessBlock(
            name,
            bucket=self.bucket.id,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=self.child(),
        )
        s3.BucketOwnershipControls(
            name,
            bucket=self.bucket.id,
            rule=s3.BucketOwnershipControlsRuleArgs(object_ownership="BucketOwnerEnforced"),
            opts=self.child(),
        )
        s3.BucketServerSideEncryptionConfiguration(
            name,
            bucket=self.bucket.id,
            rules=[
                s3.BucketServerSideEncryptionConfigurationRuleArgs(
                    apply_server_side_encryption_by_default=(
                        s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
                            sse_algorithm="AES256"
                        )
                    ),
                )
            ],
            opts=self.child(),
        )
        s3.BucketPolicy(
            name,
            bucket=self.bucket.id,
            policy=json.dumps(_tls_only(args.bucket)),
            opts=self.child(depends_on=[blocked]),
        )
        if args.versioning:
            s3.BucketVersioning(
                name,
                bucket=self.bucket.id,
                versioning_configuration=s3.BucketVersioningVersioningConfigurationArgs(status="Enabled"),
                opts=self.child(),
            )
        self.register_outputs({"bucketArn": self.bucket.arn})


def _tls_only(bucket: str) -> dict[str, object]:
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "DenyPlainHttp",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        ],
    }
