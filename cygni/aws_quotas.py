"""Quotas of AWS, as an account has them that never asked for more. Plain data, for checks and for the local cloud.

Sources: the pages "quotas" of each service's documentation and of the Service Quotas console, 2026-05. AWS gives new
accounts less of some (Fargate vCPUs); an account's own values are in Service Quotas.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class AwsQuota:
    """`service` and `code` are those of the Service Quotas API, `value` is AWS's default. One that is `everywhere` the
    same is of a global service, and known in us-east-1 alone."""

    service: str
    code: str
    name: str
    value: float
    everywhere: bool = False


QUOTAS: Final[Mapping[str, AwsQuota]] = {
    quota.code: quota
    for quota in (
        AwsQuota("vpc", "L-F678F1CE", "VPCs per Region", 5),
        AwsQuota("vpc", "L-A4707A72", "Internet gateways per Region", 5),
        AwsQuota("vpc", "L-E79EC296", "VPC security groups per Region", 2_500),
        AwsQuota("ec2", "L-0263D0A3", "EC2-VPC Elastic IPs", 5),
        AwsQuota("elasticloadbalancing", "L-53DA6B97", "Application Load Balancers per Region", 50),
        AwsQuota("elasticloadbalancing", "L-B22855CB", "Target Groups per Region", 3_000),
        AwsQuota("fargate", "L-3032A538", "Fargate On-Demand vCPU resource count", 6),
        AwsQuota("ecs", "L-21C621EB", "Clusters per account", 10_000),
        AwsQuota("rds", "L-7B6409FD", "DB instances", 40),
        AwsQuota("rds", "L-952B80B8", "DB clusters", 40),
        AwsQuota("elasticache", "L-DFE45DF3", "Nodes per Region", 300),
        AwsQuota("s3", "L-DC2B2D3D", "General purpose buckets", 10_000),
        AwsQuota("eks", "L-1194D53C", "Clusters", 100),
        AwsQuota("ecr", "L-CFEB8E8D", "Registered repositories", 100_000),
        AwsQuota("secretsmanager", "L-2F66C23C", "Secrets per Region", 500_000),
        AwsQuota("iam", "L-FE177D64", "Roles per account", 1_000, everywhere=True),
        AwsQuota("cloudfront", "L-24B04930", "Web distributions per AWS account", 200, everywhere=True),
        AwsQuota("route53", "L-4EA4796A", "Hosted zones", 500, everywhere=True),
    )
}
"""By quota code, those that a deploy may meet."""
