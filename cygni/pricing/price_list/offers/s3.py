"""Amazon S3: storage by class, requests and retrievals. Glacier's retrievals are an offer of their own."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from cygni.pricing.price_list.rules import GB, GB_MONTHS, REQUESTS, Offer, Ranges, Rule, spelled

_S3: Final = "AmazonS3"
_CLASSES: Final = {
    "standard_ia": "TimedStorage-SIA-ByteHrs",
    "one_zone_ia": "TimedStorage-ZIA-ByteHrs",
    "glacier": "TimedStorage-GlacierByteHrs",
    "glacier_instant_retrieval": "TimedStorage-GIR-ByteHrs",
    "deep_archive": "TimedStorage-GDA-ByteHrs",
}
_REQUESTS: Final = {
    "standard": "Requests",
    "standard_ia": "Requests-SIA",
    "one_zone_ia": "Requests-ZIA",
}
_TIERING: Final = {"storage_class": "intelligent_tiering"}


def _storage(usage_type: str, ranges: Ranges, **attributes: str) -> Rule:
    return Rule(_S3, "storage", "GB-month", GB_MONTHS, usage_type, attributes=attributes, ranges=ranges)


def _requests(tier: int, kind: str, name: str) -> Rule:
    attributes = {"storage_class": kind}
    return Rule(
        _S3, f"requests-tier{tier}", "request", REQUESTS, rf"{name}-Tier{tier}", attributes=attributes
    )


def _retrieval(kind: str, usage_type: str) -> Rule:
    return Rule(_S3, "retrieval", "GB", GB, usage_type, attributes={"storage_class": kind})


OFFER: Final = Offer(
    _S3,
    (
        replace(
            _storage(r"TimedStorage-ByteHrs", Ranges.DATA, storage_class="standard"),
            where={"Volume Type": "Standard"},
        ),
        *(_storage(usage_type, Ranges.ONE, storage_class=name) for name, usage_type in _CLASSES.items()),
        _storage(r"TimedStorage-INT-FA-ByteHrs", Ranges.DATA, access="frequent", **_TIERING),
        _storage(r"TimedStorage-INT-IA-ByteHrs", Ranges.ONE, access="infrequent", **_TIERING),
        _storage(r"TimedStorage-INT-AA-ByteHrs", Ranges.ONE, access="archive", **_TIERING),
        _storage(r"TimedStorage-INT-DAA-ByteHrs", Ranges.ONE, access="deep-archive", **_TIERING),
        *(_requests(1, kind, name) for kind, name in _REQUESTS.items()),
        *(_requests(2, kind, name) for kind, name in _REQUESTS.items() if kind != "one_zone_ia"),
        Rule(
            _S3,
            "requests-tier1",
            "request",
            REQUESTS,
            r"Requests-GLACIER-Tier1",
            where={"operation": "PostObject"},
            attributes={"storage_class": "glacier"},
        ),
        _retrieval("standard_ia", r"Retrieval-SIA"),
        _retrieval("one_zone_ia", r"Retrieval-ZIA"),
        Rule(
            _S3,
            "monitoring",
            "object-month",
            spelled("objects", "object"),
            r"Monitoring-Automation-INT",
            attributes=_TIERING,
        ),
    ),
)
