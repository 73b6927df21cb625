"""Traffic to the internet, attached to where it leaves: the charge that several estimators share."""

from __future__ import annotations

from typing import Final

from cygni.pricing.charges import by_usage

EGRESS: Final = by_usage(
    "data to the internet",
    "AWSDataTransfer",
    "internet-out",
    "GB",
    "internet_egress_gb",
    tiered=True,
    allowance="internet-out",
)
