"""What AWS gives every account free of charge each month, without an end.

Amounts that end after twelve months, and trials, are not in here. They are of one account, over all regions: an
estimate that deducts them shares each among its resources in proportion to what they use, so that neither order nor
names matter. Source of every figure: aws.amazon.com/free, "Always free", and the pricing page of the service.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from cygni.pricing.charges import Amount, Free, Measured
from cygni.pricing.money import ZERO, settle


@dataclass(frozen=True, slots=True)
class Allowance:
    """An amount in the unit of the charges it is deducted from, and words for it."""

    amount: Decimal
    words: str


ALLOWANCES: Final[Mapping[str, Allowance]] = {
    "internet-out": Allowance(Decimal(100), "GB to the internet"),
    "log-data": Allowance(Decimal(5), "GB of log data"),
    "alarms": Allowance(Decimal(10), "metrics under alarm"),
    "metrics": Allowance(Decimal(10), "custom metrics"),
    "dashboards": Allowance(Decimal(3), "dashboards"),
    "sqs-requests": Allowance(Decimal(1_000_000), "SQS requests"),
    "sns-publishes": Allowance(Decimal(1_000_000), "SNS messages"),
    "sns-http": Allowance(Decimal(100_000), "SNS deliveries by HTTP"),
    "sns-email": Allowance(Decimal(1_000), "SNS deliveries by email"),
    "lambda-requests": Allowance(Decimal(1_000_000), "Lambda requests"),
    "lambda-duration": Allowance(Decimal(400_000), "GB-seconds of Lambda"),
    "dynamodb-storage": Allowance(Decimal(25), "GB of DynamoDB"),
    "dynamodb-write": Allowance(Decimal(25), "units of write capacity"),
    "dynamodb-read": Allowance(Decimal(25), "units of read capacity"),
    "dynamodb-streams": Allowance(Decimal(2_500_000), "reads of streams"),
    "workflow-transitions": Allowance(Decimal(4_000), "transitions of Step Functions"),
    "kms-requests": Allowance(Decimal(20_000), "KMS requests"),
    "scheduler-invocations": Allowance(Decimal(14_000_000), "invocations of EventBridge Scheduler"),
    "cloudfront-data": Allowance(Decimal(1024), "GB from CloudFront"),
    "cloudfront-requests": Allowance(Decimal(10_000_000), "CloudFront requests"),
}


def deducted(measured: Iterable[Measured | None]) -> list[Measured | None]:
    """The same amounts, less what is free."""
    every = [each if each is None or isinstance(each, Free) else tuple(each) for each in measured]
    used: dict[str, Decimal] = {}
    for each in every:
        for amount in each if isinstance(each, tuple) else ():
            name, quantity = amount.charge.allowance, amount.quantity
            if name is not None and isinstance(quantity, Decimal):
                used[name] = used.get(name, ZERO) + quantity
    return [[_less(amount, used) for amount in each] if isinstance(each, tuple) else each for each in every]


def _less(amount: Amount, used: Mapping[str, Decimal]) -> Amount:
    name, quantity = amount.charge.allowance, amount.quantity
    if name is None or not isinstance(quantity, Decimal) or not quantity:
        return amount
    free, whole = ALLOWANCES[name], used[name]
    share = settle(quantity * free.amount / whole) if whole > free.amount else quantity
    said = f"less {share.normalize():,f} of the {free.amount:,f} {free.words} that are free"
    return replace(amount, quantity=quantity - share, note=f"{amount.note}, {said}" if amount.note else said)
