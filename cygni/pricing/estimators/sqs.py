"""SQS queues: requests."""

from __future__ import annotations

from typing import Final

from cygni.pricing.charges import Amount, Estimator, Gap, Measured, by_usage, one_of
from cygni.pricing.inputs import flag
from cygni.pricing.resource_set import ResourceSet
from cygni.pricing.usage import Usage
from cygni.resources import Resource

STANDARD: Final = by_usage(
    "requests",
    "AmazonSQS",
    "requests",
    "request",
    "sqs_requests",
    queue="standard",
    tier="after free 1M",
    allowance="sqs-requests",
)
FIFO: Final = by_usage(
    "requests to a FIFO queue",
    "AmazonSQS",
    "requests",
    "request",
    "sqs_requests",
    queue="fifo",
    allowance="sqs-requests",
)


def _queue(resource: Resource, resources: ResourceSet, usage: Usage) -> Measured:
    fifo = flag(resource.inputs, "fifoQueue")
    if isinstance(fifo, Gap):
        return [Amount(STANDARD, fifo)]
    return [one_of(FIFO if fifo else STANDARD, usage)]


ESTIMATORS: Final = (
    Estimator(
        ("aws:sqs/queue:Queue",),
        (STANDARD, FIFO),
        _queue,
        (
            "A request is up to 64 KiB of messages, one or ten of them; a receive that finds nothing counts too.",
            "Every queue is taken to have the same number of requests, a dead-letter queue as well.",
        ),
    ),
)
