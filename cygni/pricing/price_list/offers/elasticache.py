"""Amazon ElastiCache: nodes and what is kept of them."""

from __future__ import annotations

from typing import Final

from cygni.pricing.price_list.rules import GB_MONTHS, HOURS, Column, Offer, Rule

_CACHE: Final = "AmazonElastiCache"

OFFER: Final = Offer(
    _CACHE,
    (
        Rule(
            _CACHE,
            "node",
            "hour",
            HOURS,
            r"NodeUsage:cache\..+",
            where={"Product Family": "Cache Instance"},
            attributes={"purchase": "on-demand"},
            by={
                "engine": Column(
                    "Cache Engine", {"Redis": "redis", "Memcached": "memcached", "Valkey": "valkey"}
                ),
                "node_type": Column("Instance Type"),
            },
        ),
        Rule(
            _CACHE,
            "backup",
            "GB-month",
            GB_MONTHS,
            r"(?:ElastiCache:)?BackupUsage",
            where={"Product Family": "Storage Snapshot"},
            attributes={"engine": "redis"},
        ),
    ),
)
