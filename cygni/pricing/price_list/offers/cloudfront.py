"""Amazon CloudFront, by where the viewers are."""

from __future__ import annotations

from typing import Final

from cygni.pricing.price_list.rules import GB, REQUESTS, Offer, Ranges, Rule, Units

_CDN: Final = "AmazonCloudFront"
_PLACES: Final = {"US": "United States, Mexico, Canada", "EU": "Europe, Israel"}


def _rule(
    usage: str, unit: tuple[str, Units], usage_type: str, place: str, ranges: Ranges = Ranges.ONE
) -> Rule:
    name, units = unit
    return Rule(
        _CDN,
        usage,
        name,
        units,
        rf"{place}-{usage_type}",
        attributes={"geo": _PLACES[place]},
        ranges=ranges,
    )


def _rules(place: str) -> tuple[Rule, ...]:
    requests = ("request", REQUESTS)
    return (
        _rule("data-out", ("GB", GB), "DataTransfer-Out-Bytes", place, Ranges.DATA),
        _rule("data-to-origin", ("GB", GB), "DataTransfer-Out-OBytes", place),
        _rule("http-requests", requests, "Requests-Tier1", place),
        _rule("https-requests", requests, "Requests-Tier2-HTTPS", place),
    )


OFFER: Final = Offer(_CDN, tuple(rule for place in _PLACES for rule in _rules(place)), worldwide=True)
