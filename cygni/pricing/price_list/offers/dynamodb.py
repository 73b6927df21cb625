"""Amazon DynamoDB: capacity, requests and storage, of both table classes."""

from __future__ import annotations

from typing import Final

from cygni.pricing.price_list.rules import GB_MONTHS, REQUESTS, Offer, Rule, Units, spelled

_TABLES: Final = "AmazonDynamoDB"
_ON_DEMAND: Final = {"mode": "on-demand"}
_PROVISIONED: Final = {"mode": "provisioned"}
_CAPACITY: Final = {
    "read": ("RCU-hour", spelled("readcapacityunit-hrs", "rcu-hrs", "rcu-hours", "hrs")),
    "write": ("WCU-hour", spelled("writecapacityunit-hrs", "wcu-hrs", "wcu-hours", "hrs")),
}
_INFREQUENT: Final = {"table_class": "standard_ia"}
_STANDARD: Final = {"table_class": "standard"}


def _requests(way: str, prefix: str, table_class: dict[str, str]) -> Rule:
    units: Units = {**REQUESTS, **spelled(f"{way}requestunits", f"{way}requestunit")}
    attributes = {**_ON_DEMAND, **table_class}
    return Rule(
        _TABLES,
        f"{way}-request-unit",
        "request",
        units,
        rf"{prefix}{way.title()}RequestUnits",
        attributes=attributes,
    )


def _capacity(way: str, prefix: str, table_class: dict[str, str]) -> Rule:
    unit, units = _CAPACITY[way]
    attributes = {**_PROVISIONED, **table_class}
    return Rule(
        _TABLES,
        f"{way}-capacity-unit",
        unit,
        units,
        rf"{prefix}{way.title()}CapacityUnit-Hrs",
        attributes=attributes,
    )


OFFER: Final = Offer(
    _TABLES,
    (
        *(_requests(way, "", _STANDARD) for way in _CAPACITY),
        *(_requests(way, "IA-", _INFREQUENT) for way in _CAPACITY),
        *(_capacity(way, "", {}) for way in _CAPACITY),
        *(_capacity(way, "IA-", _INFREQUENT) for way in _CAPACITY),
        Rule(
            _TABLES,
            "storage",
            "GB-month",
            GB_MONTHS,
            r"TimedStorage-ByteHrs",
            attributes={**_STANDARD, "free": "25 GB"},
        ),
        Rule(_TABLES, "storage", "GB-month", GB_MONTHS, r"IA-TimedStorage-ByteHrs", attributes=_INFREQUENT),
        Rule(_TABLES, "pitr", "GB-month", GB_MONTHS, r"TimedPITRStorage-ByteHrs"),
        Rule(_TABLES, "backup", "GB-month", GB_MONTHS, r"TimedBackupStorage-ByteHrs"),
    ),
)
