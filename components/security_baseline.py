"""What watches over a whole AWS account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_aws import cloudtrail, guardduty, securityhub

from components.binding import Statement
from components.bucket import Bucket, BucketArgs
from components.bucket_rules import LifecycleRule
from components.component import Component

STANDARD: Final = "aws-foundational-security-best-practices/v/1.0.0"
"""The standard that Security Hub checks (AWS Security Hub user guide, FSBP)."""
FORMER_RECORDS: Final = 30
"""Days in which a record that somebody deleted or overwrote can be had back."""


@dataclass(frozen=True)
class TrailArgs:
    """A trail by its name in the account, and its bucket by the bucket's own name; records are kept for `retention`
    days."""

    name: str
    bucket: str
    retention: int


@dataclass(frozen=True)
class SecurityBaselineArgs:
    """What is switched on. Detector and hub are one for an account and region, whoever switches them on."""

    account: str
    region: str
    guardduty: bool = False
    security_hub: bool = False
    trail: TrailArgs | None = None


class SecurityBaseline(Component):
    """GuardDuty, Security Hub with AWS's Foundational Security Best Practices, and a CloudTrail trail.

    The trail covers all regions and signs its files; its bucket is encrypted, keeps versions and lets nobody but
    CloudTrail write.
    """

    token = "cygni:security:Baseline"

    def __init__(
        self, name: str, args: SecurityBaselineArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(name, opts)
        self.name = name
        if args.guardduty:
            guardduty.Detector(
                name, enable=True, finding_publishing_frequency="FIFTEEN_MINUTES", opts=self.child()
            )
        if args.security_hub:
            self._security_hub(args.region)
        if args.trail is not None:
            self._trail(args, args.trail)
        self.register_outputs({})

    def _security_hub(self, region: str) -> None:
        hub = securityhub.Account(
            self.name,
            enable_default_standards=False,
            control_finding_generator="SECURITY_CONTROL",
            opts=self.child(),
        )
        securityhub.StandardsSubscription(
            self.name,
            standards_arn=f"arn:aws:securityhub:{region}::standards/{STANDARD}",
            opts=self.child(depends_on=[hub]),
        )

    def _trail(self, args: SecurityBaselineArgs, trail: TrailArgs) -> None:
        arn = f"arn:aws:cloudtrail:{args.region}:{args.account}:trail/{trail.name}"
        bucket = Bucket(
            f"{self.name}-cloudtrail",
            BucketArgs(
                bucket=trail.bucket,
                versioning=True,
                lifecycle=[
                    LifecycleRule(
                        name="retention",
                        expire_after=trail.retention,
                        former_versions_expire_after=FORMER_RECORDS,
                    )
                ],
                statements=_writable_by(arn, trail.bucket, args.account),
            ),
            opts=self.child(),
        )
        cloudtrail.Trail(
            self.name,
            name=trail.name,
            s3_bucket_name=bucket.bucket.bucket,
            is_multi_region_trail=True,
            include_global_service_events=True,
            enable_log_file_validation=True,
            # CloudTrail looks whether it may write before there is a trail.
            opts=self.child(depends_on=[bucket.policy]),
        )


def _writable_by(trail: str, bucket: str, account: str) -> Sequence[Statement]:
    """What CloudTrail must be let do, for this trail alone (AWS CloudTrail user guide, bucket policy)."""
    common = {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}}
    own = {"aws:SourceArn": trail}
    return [
        {
            **common,
            "Sid": "CloudTrailLooks",
            "Action": "s3:GetBucketAcl",
            "Resource": f"arn:aws:s3:::{bucket}",
            "Condition": {"StringEquals": own},
        },
        {
            **common,
            "Sid": "CloudTrailWrites",
            "Action": "s3:PutObject",
            "Resource": f"arn:aws:s3:::{bucket}/AWSLogs/{account}/*",
            "Condition": {"StringEquals": {**own, "s3:x-amz-acl": "bucket-owner-full-control"}},
        },
    ]
