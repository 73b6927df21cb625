"""The estimators, by Pulumi type token. A new type: a file (or a few lines in one) and a name in `_MODULES`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cygni.pricing.charges import Estimator
from cygni.pricing.estimators import (
    acm,
    autoscaling,
    autoscaling_group,
    cloudfront,
    cloudwatch,
    ebs,
    ec2,
    ecr,
    ecs,
    ecs_cluster,
    eip,
    eks,
    elasticache,
    elb,
    free,
    kms,
    rds,
    route53,
    s3,
    scheduler,
    secrets_manager,
    security_baseline,
    servicediscovery,
    sns,
    sqs,
    vpc,
    vpn,
    wafv2,
)

_MODULES: Final = (
    autoscaling_group,
    ebs,
    ec2,
    vpc,
    vpn,
    eip,
    elb,
    ecs,
    ecs_cluster,
    autoscaling,
    scheduler,
    servicediscovery,
    s3,
    sqs,
    sns,
    ecr,
    cloudwatch,
    kms,
    secrets_manager,
    route53,
    acm,
    cloudfront,
    wafv2,
    security_baseline,
    rds,
    elasticache,
    eks,
)

ALL: Final[tuple[Estimator, ...]] = tuple(each for module in _MODULES for each in module.ESTIMATORS)
ESTIMATORS: Final[Mapping[str, Estimator]] = {token: each for each in ALL for token in each.types}
FREE_TYPES: Final[Mapping[str, str]] = free.TYPES
