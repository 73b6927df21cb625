"""A private, encrypted S3 bucket."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_aws import s3

from components.binding import Statement
from components.bucket_rules import Cors, LifecycleRule, cors_rule, lifecycle_rules
from components.component import Component


@dataclass(frozen=True)
class BucketArgs:
    """`bucket` is the bucket's own name (3 to 63 characters, unique among all AWS accounts). `kms` encrypts with the
    account's KMS key for S3 instead of keys of S3. Unfinished uploads are deleted after `abort_uploads_after` days;
    0 keeps them. `region` is where it stands if not in the provider's region. `statements` let others than the account
    itself in, besides what its IAM policies say."""

    bucket: str
    versioning: bool
    kms: bool = False
    abort_uploads_after: int = 0
    lifecycle: Sequence[LifecycleRule] = ()
    cors: Cors | None = None
    region: str | None = None
    statements: Sequence[Statement] = ()


class Bucket(Component):
    """S3 bucket, encrypted, with no public access, owner-enforced objects and TLS only.

    Outputs: `bucket`, `policy`, `versioning` (None where no versions are kept).
    """

    token = "cygni:data:Bucket"

    def __init__(self, name: str, args: BucketArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self.name = name
        self.place: dict[str, Any] = {"region": args.region} if args.region else {}
        self.bucket = s3.Bucket(name, bucket=args.bucket, **self.place, opts=self.child())
        self.place["bucket"] = self.bucket.id
        self.policy = self._close(args)
        self._encrypt(kms=args.kms)
        self.versioning = self._keep_versions() if args.versioning else None
        self._rules(args)
        self.register_outputs({"bucketArn": self.bucket.arn})

    def _close(self, args: BucketArgs) -> s3.BucketPolicy:
        blocked = s3.BucketPublicAccessBlock(
            self.name,
            **self.place,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=self.child(),
        )
        s3.BucketOwnershipControls(
            self.name,
            **self.place,
            rule=s3.BucketOwnershipControlsRuleArgs(object_ownership="BucketOwnerEnforced"),
            opts=self.child(),
        )
        statements = [_tls_only(args.bucket), *args.statements]
        return s3.BucketPolicy(
            self.name,
            **self.place,
            policy=json.dumps({"Version": "2012-10-17", "Statement": statements}),
            opts=self.child(depends_on=[blocked]),
        )

    def _encrypt(self, *, kms: bool) -> None:
        by_default = s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
            sse_algorithm="aws:kms" if kms else "AES256"
        )
        # One data key for many objects: without it each read and write is a request to KMS.
        bucket_key = {"bucket_key_enabled": True} if kms else {}
        s3.BucketServerSideEncryptionConfiguration(
            self.name,
            **self.place,
            rules=[
                s3.BucketServerSideEncryptionConfigurationRuleArgs(
                    apply_server_side_encryption_by_default=by_default, **bucket_key
                )
            ],
            opts=self.child(),
        )

    def _keep_versions(self) -> s3.BucketVersioning:
        return s3.BucketVersioning(
            self.name,
            **self.place,
            versioning_configuration=s3.BucketVersioningVersioningConfigurationArgs(status="Enabled"),
            opts=self.child(),
        )

    def _rules(self, args: BucketArgs) -> None:
        rules = lifecycle_rules(args.lifecycle, args.abort_uploads_after)
        if rules:
            # Rules for former versions mean nothing before versions are kept.
            kept = [self.versioning] if self.versioning is not None else []
            s3.BucketLifecycleConfiguration(
                self.name, **self.place, rules=rules, opts=self.child(depends_on=kept)
            )
        if args.cors is not None:
            s3.BucketCorsConfiguration(
                self.name, **self.place, cors_rules=[cors_rule(args.cors)], opts=self.child()
            )


def _tls_only(bucket: str) -> Statement:
    return {
        "Sid": "DenyPlainHttp",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
