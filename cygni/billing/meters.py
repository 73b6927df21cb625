"""What may be measured, and how the events of a meter become one quantity (pure)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

KEY: Final = re.compile(r"[a-z][a-z0-9_]{0,62}")
"""How keys of meters, plans and charges are written."""


class Aggregation(StrEnum):
    """How many events become one quantity.

    `SUM` adds their quantities, `COUNT` counts them, `UNIQUE_COUNT` counts the subjects that have any. `MAX` takes the
    largest, for as much of the period as a plan held. `TIME_WEIGHTED` takes each for the level that its subject holds
    until its next event, and averages over the period: 10 GB kept for half a month are 5 GB-months.
    """

    SUM = "sum"
    COUNT = "count"
    MAX = "max"
    UNIQUE_COUNT = "unique_count"
    TIME_WEIGHTED = "time_weighted"


@dataclass(frozen=True, slots=True)
class Meter:
    """Something that is measured: `unit` is what people read behind a quantity.

    Raises ValueError for a key that is not lower-case letters, digits and `_`.
    """

    key: str
    name: str
    unit: str
    aggregation: Aggregation

    def __post_init__(self) -> None:
        if not KEY.fullmatch(self.key):
            raise ValueError(f"not a key of a meter: {self.key!r}")


VCPU_HOURS: Final = Meter("vcpu_hours", "Processors", "vCPU-hour", Aggregation.SUM)
MEMORY_GB_HOURS: Final = Meter("memory_gb_hours", "Memory", "GB-hour", Aggregation.SUM)
BUILD_MINUTES: Final = Meter("build_minutes", "Builds", "minute", Aggregation.SUM)
EGRESS_GB: Final = Meter("egress_gb", "Data sent out", "GB", Aggregation.SUM)
STORAGE_GB_MONTHS: Final = Meter("storage_gb_months", "Storage", "GB-month", Aggregation.TIME_WEIGHTED)
DEPLOYMENTS: Final = Meter("deployments", "Deployments", "deployment", Aggregation.COUNT)
REQUESTS: Final = Meter("requests", "Requests", "request", Aggregation.SUM)
PREVIEW_HOURS: Final = Meter("preview_hours", "Preview environments", "hour", Aggregation.SUM)
SEATS: Final = Meter("seats", "Members", "seat", Aggregation.MAX)

METERS: Final = (
    VCPU_HOURS, MEMORY_GB_HOURS, BUILD_MINUTES, EGRESS_GB, STORAGE_GB_MONTHS, DEPLOYMENTS, REQUESTS, PREVIEW_HOURS,
    SEATS,
)  # fmt: skip
"""What Cygni measures by itself; an organization may have more."""
