"""What is read of AWS's price list: one table per offer. A service of the book that none is of keeps its prices."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from cygni.errors import UsageError
from cygni.pricing.price_list.offers import (
    aws_lambda,
    cloudfront,
    cloudwatch,
    containers,
    data_transfer,
    dynamodb,
    ec2,
    ecs,
    efs,
    elasticache,
    elb,
    keys_and_secrets,
    messaging,
    rds,
    route53,
    s3,
    vpc,
)
from cygni.pricing.price_list.rules import Offer

OFFERS: Final[tuple[Offer, ...]] = (
    ec2.OFFER,
    vpc.OFFER,
    elb.OFFER,
    ecs.OFFER,
    rds.OFFER,
    elasticache.OFFER,
    s3.OFFER,
    aws_lambda.OFFER,
    dynamodb.OFFER,
    cloudwatch.OFFER,
    data_transfer.OFFER,
    messaging.SQS,
    messaging.SNS,
    keys_and_secrets.KMS,
    keys_and_secrets.SECRETS_MANAGER,
    route53.OFFER,
    containers.EKS,
    containers.ECR,
    efs.OFFER,
    cloudfront.OFFER,
)


def offers_of(services: Collection[str]) -> tuple[Offer, ...]:
    """The offers with prices of these services of the book; all of them for none. Raises UsageError for a service that
    none has."""
    for name in services:
        if name not in READABLE:
            raise UsageError(
                f"the price list of {name} cannot be read: its prices are those that ship",
                hint=f"There are: {', '.join(sorted(READABLE))}.",
            )
    return tuple(offer for offer in OFFERS if not services or offer.services & set(services))


READABLE: Final = frozenset(service for offer in OFFERS for service in offer.services)
"""The services of the book that an offer has prices of."""
