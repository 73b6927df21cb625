"""AWS data transfer: to the internet and between zones. Between regions the list has a price for each pair, the book
one for all; those of the book stay."""

from __future__ import annotations

from typing import Final

from cygni.pricing.price_list.rules import GB, Offer, Ranges, Rule

_TRANSFER: Final = "AWSDataTransfer"

OFFER: Final = Offer(
    _TRANSFER,
    (
        Rule(
            _TRANSFER,
            "internet-out",
            "GB",
            GB,
            r"DataTransfer-Out-Bytes",
            where={"Transfer Type": "AWS Outbound"},
            ranges=Ranges.DATA,
        ),
        Rule(
            _TRANSFER,
            "cross-az",
            "GB",
            GB,
            r"DataTransfer-Regional-Bytes",
            where={"Transfer Type": "IntraRegion"},
            attributes={"direction": "each way"},
        ),
    ),
    region_title="From Region Code",
    place_title="From Location Type",
)
