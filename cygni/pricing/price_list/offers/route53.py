"""Amazon Route 53, priced once for the world."""

from __future__ import annotations

from typing import Final

from cygni.pricing.price_list.rules import Offer, Ranges, Rule, spelled

_DNS: Final = "AmazonRoute53"
_ROUTINGS: Final = {"standard": "DNS-Queries", "latency": "LBR-Queries", "geo": "Geo-Queries"}
_CHECKS: Final = spelled("health check", "health checks", "healthcheck", "months", "month", "mo")


def _queries(routing: str, usage_type: str) -> Rule:
    return Rule(
        _DNS,
        "queries",
        "query",
        spelled("queries", "query"),
        usage_type,
        where={"Product Family": "DNS Query"},
        attributes={"routing": routing},
        ranges=Ranges.COUNT,
    )


def _check(usage: str, unit: str, usage_type: str, endpoint: str) -> Rule:
    """The first checks of AWS's own endpoints are free."""
    return Rule(
        _DNS,
        usage,
        unit,
        _CHECKS,
        usage_type,
        where={"Product Family": "DNS Health Check"},
        attributes={"endpoint": endpoint},
    )


OFFER: Final = Offer(
    _DNS,
    (
        Rule(
            _DNS,
            "hosted-zone",
            "zone-month",
            spelled("hosted zone", "hosted zones", "hostedzone", "months", "month", "mo"),
            r"HostedZone",
            where={"Product Family": "DNS Zone"},
            ranges=Ranges.COUNT,
        ),
        *(_queries(*one) for one in _ROUTINGS.items()),
        _check("health-check", "check-month", r"Health-Check-AWS", "aws"),
        _check("health-check", "check-month", r"Health-Check-Non-AWS", "outside_aws"),
        _check("health-check-feature", "feature-month", r"Health-Check-Option-AWS", "aws"),
    ),
    worldwide=True,
)
