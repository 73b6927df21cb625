"""What an environment is estimated to cost from a moment on, as it is kept beside what runs (pure values).

Money is USD per month of 730 hours at list price, and what is known of it: a resource without a price is counted, and
not in any sum.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class EstimatedCost:
    """What is estimated of one resource on one service of the bill. `resource` is as its tag `cygni:urn` has it; empty,
    like `stack` and `service`, where only a total was kept."""

    stack: str
    resource: str
    service: str
    monthly: Decimal
    usage_monthly: Decimal


@dataclass(frozen=True, slots=True)
class KeptEstimate:
    """The estimate of a deploy: `costs` has all that costs something, `unknown` counts the resources whose cost is not
    wholly known. A later `version` only adds fields."""

    monthly: Decimal
    usage_monthly: Decimal
    unknown: int
    costs: tuple[EstimatedCost, ...]
    version: int = 1

    @classmethod
    def of_total(cls, monthly: Decimal) -> KeptEstimate:
        """Of a record that kept the fixed cost alone, as records did before they had estimates."""
        return cls(monthly, Decimal(0), 0, (EstimatedCost("", "", "", monthly, Decimal(0)),))


@dataclass(frozen=True, slots=True)
class EstimateRecord:
    """The estimate of a deploy that released nothing, from `at` on. `number` counts them, as that of a release."""

    at: datetime
    estimate: KeptEstimate
    number: int = 0
