"""Amazon EFS: storage by class."""

from __future__ import annotations

from typing import Final

from cygni.pricing.price_list.rules import GB_MONTHS, Offer, Rule

_CLASSES: Final = {
    "standard": "TimedStorage-ByteHrs",
    "one_zone": "TimedStorage-Z-ByteHrs",
    "infrequent_access": "IATimedStorage-ByteHrs",
    "one_zone_infrequent_access": "IATimedStorage-Z-ByteHrs",
}

OFFER: Final = Offer(
    "AmazonEFS",
    tuple(
        Rule(
            "AmazonEFS",
            "storage",
            "GB-month",
            GB_MONTHS,
            usage_type,
            where={"Product Family": "Storage"},
            attributes={"storage_class": name},
        )
        for name, usage_type in _CLASSES.items()
    ),
)
