"""AWS Lambda: requests, duration by architecture, and what is kept ready."""

from __future__ import annotations

from typing import Final

from cygni.pricing.price_list.rules import REQUESTS, Offer, Ranges, Rule, spelled

_LAMBDA: Final = "AWSLambda"
_SECONDS: Final = spelled("lambda-gb-second", "gb-seconds", "gb-second", "second", "seconds")
_ARCHITECTURES: Final = {"x86_64": "", "arm64": "-ARM"}


def _duration(architecture: str, suffix: str) -> Rule:
    return Rule(
        _LAMBDA,
        "duration",
        "GB-second",
        _SECONDS,
        rf"Lambda-GB-Second{suffix}",
        attributes={"arch": architecture},
        ranges=Ranges.COUNT,
        tier_unit=" GB-s",
    )


def _ready(architecture: str, suffix: str) -> Rule:
    return Rule(
        _LAMBDA,
        "provisioned-concurrency",
        "GB-second",
        _SECONDS,
        rf"Lambda-Provisioned-Concurrency{suffix}",
        attributes={"arch": architecture},
    )


OFFER: Final = Offer(
    _LAMBDA,
    (
        Rule(_LAMBDA, "requests", "request", REQUESTS, r"Request", where={"Product Family": "Serverless"}),
        *(_duration(*one) for one in _ARCHITECTURES.items()),
        *(_ready(*one) for one in _ARCHITECTURES.items()),
        Rule(
            _LAMBDA,
            "ephemeral-storage",
            "GB-second",
            _SECONDS,
            r"Lambda-Storage-GB-Second",
            attributes={"included": "512 MB"},
        ),
    ),
)
