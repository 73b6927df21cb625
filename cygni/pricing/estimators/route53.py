"""Route 53 hosted zones. Their prices belong to no region."""

from __future__ import annotations

from typing import Final

from cygni.pricing.charges import Estimator, by_usage, fixed

ZONE: Final = fixed("hosted zone", "AmazonRoute53", "hosted-zone", "zone-month", region="global", tiered=True)
QUERIES: Final = by_usage(
    "DNS queries",
    "AmazonRoute53",
    "queries",
    "query",
    "dns_queries",
    region="global",
    tiered=True,
    routing="standard",
)

ESTIMATORS: Final = (
    Estimator(
        ("aws:route53/zone:Zone",),
        (ZONE, QUERIES),
        notes=(
            "The price of the first 25 zones of an account.",
            "Queries for alias records of AWS resources are free; they are not deducted.",
        ),
    ),
)
