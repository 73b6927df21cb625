"""Amazon SQS and Amazon SNS: requests, and what is delivered."""

from __future__ import annotations

from typing import Final

from cygni.pricing.price_list.rules import REQUESTS, Offer, Ranges, Rule, spelled

_DELIVERIES: Final = {**REQUESTS, **spelled("notifications", "notification", "messages")}


def _queue(kind: str, title: str, **attributes: str) -> Rule:
    """The book holds the price after what is free, of the first range."""
    return Rule(
        "AmazonSQS",
        "requests",
        "request",
        REQUESTS,
        r"Requests(?:-[A-Za-z0-9]+)*",
        where={"Queue Type": title},
        attributes={"queue": kind, **attributes},
        ranges=Ranges.FIRST,
    )


def _delivery(protocol: str, usage_type: str) -> Rule:
    return Rule(
        "AmazonSNS",
        "notifications",
        "notification",
        _DELIVERIES,
        usage_type,
        attributes={"protocol": protocol},
    )


SQS: Final = Offer(
    "AWSQueueService",
    (
        _queue("standard", "Standard", tier="after free 1M"),
        _queue("fifo", "FIFO (first-in, first-out)"),
    ),
)
SNS: Final = Offer(
    "AmazonSNS",
    (
        Rule(
            "AmazonSNS",
            "requests",
            "request",
            REQUESTS,
            r"Requests-Tier1",
            where={"Product Family": "API Request"},
            attributes={"topic": "standard", "free": "1M"},
        ),
        _delivery("http", r"DeliveryAttempts-HTTP"),
        _delivery("email", r"DeliveryAttempts-SMTP"),
    ),
)
