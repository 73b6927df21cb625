"""SNS topics and what they deliver."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from cygni.pricing.charges import Amount, Charge, Estimator, Free, Gap, Measured, by_usage, one_of
from cygni.pricing.inputs import flag, text
from cygni.pricing.resource_set import ResourceSet
from cygni.pricing.usage import Usage
from cygni.resources import Resource

STANDARD: Final = by_usage(
    "messages published",
    "AmazonSNS",
    "requests",
    "request",
    "sns_publishes",
    free="1M",
    topic="standard",
    allowance="sns-publishes",
)
FIFO: Final = by_usage(
    "messages published to a FIFO topic", "AmazonSNS", "requests", "request", "sns_publishes", topic="fifo"
)
FIFO_DELIVERIES: Final = by_usage(
    "messages a FIFO topic delivers", "AmazonSNS", "notifications", "notification", None, protocol="sqs-fifo"
)
HTTP: Final = by_usage(
    "messages delivered by HTTP",
    "AmazonSNS",
    "notifications",
    "notification",
    "sns_publishes",
    protocol="http",
    allowance="sns-http",
)
EMAIL: Final = by_usage(
    "messages delivered by email",
    "AmazonSNS",
    "notifications",
    "notification",
    "sns_publishes",
    protocol="email",
    allowance="sns-email",
)
_OTHERS: Final = replace(
    by_usage(
        "messages delivered by {protocol}", "AmazonSNS", "notifications", "notification", "sns_publishes"
    ),
    varying=("protocol",),
)
_PRICED: Final = {"http": HTTP, "https": HTTP, "email": EMAIL, "email-json": EMAIL}


def _topic(resource: Resource, resources: ResourceSet, usage: Usage) -> Measured:
    fifo = flag(resource.inputs, "fifoTopic")
    if isinstance(fifo, Gap):
        return [Amount(STANDARD, fifo)]
    if fifo:
        return [one_of(FIFO, usage), Amount(FIFO_DELIVERIES, Gap("no price for what a FIFO topic delivers"))]
    return [one_of(STANDARD, usage)]


def _subscription(resource: Resource, resources: ResourceSet, usage: Usage) -> Measured:
    protocol = text(resource.inputs, "protocol")
    if protocol in ("sqs", "lambda"):
        return Free("deliveries to queues and functions are billed with the topic, or cost nothing")
    if isinstance(protocol, Gap):
        return [Amount(_delivered("unknown"), protocol)]
    if protocol in _PRICED:
        return [one_of(_PRICED[protocol], usage)]
    return [Amount(_delivered(protocol), Gap(f"no price for deliveries by {protocol}"))]


def _delivered(protocol: str) -> Charge:
    """Deliveries by a protocol (`sms`, `application`, `firehose`) of which nobody here knows what one costs."""
    return _OTHERS.of((("protocol", protocol),))


ESTIMATORS: Final = (
    Estimator(
        ("aws:sns/topic:Topic",),
        (STANDARD, FIFO, FIFO_DELIVERIES),
        _topic,
        ("A publish of more than 64 KiB counts as several.",),
    ),
    Estimator(
        ("aws:sns/topicSubscription:TopicSubscription",),
        (HTTP, EMAIL, _OTHERS),
        _subscription,
        (
            "A subscription is taken to get every message of its topic, whatever it filters.",
            "Deliveries of standard topics to SQS and Lambda are free.",
        ),
    ),
)
