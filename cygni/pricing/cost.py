"""The cost of resources: lines, totals, and what is missing, as data.

All money is exact decimals, in USD as AWS lists and bills it, unless `cygni.pricing.conversion` made it another
currency to be shown. A month is 730 hours, as in the AWS Pricing Calculator. Fixed cost is for
what is there; usage-based cost follows an assumption and is totalled apart. `to_dict` gives the published
JSON shape: money, quantities and unit prices are decimal strings, dates are ISO dates.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from cygni.pricing.exchange import DOLLARS, USD, Exchange
from cygni.pricing.money import HOURS_PER_MONTH, ZERO, decimal_text
from cygni.resources import Resource


class Status(StrEnum):
    """How well a resource's cost is known."""

    PRICED = "priced"
    FREE = "free"
    USAGE_ONLY = "usage-only"  # costs nothing until it is used
    NO_PRICE = "no_price"  # at least one line has no price or no known quantity
    NOT_PRICED = "not_priced"  # a type Cygni has no estimator for


@dataclass(frozen=True, slots=True)
class CostLine:
    """One component of a resource's cost.

    `quantity` × `unit_price` is `hourly` when `unit` ends in `hour`, twelve times `monthly` when it ends in `year`, and
    `monthly` otherwise; the other follows from 730 hours a month. `hourly` and `monthly` are None when the line has
    no price or no quantity, and `missing` says why; then `at_most` is what it costs at most a month, where anything
    bounds it. `assumption` says what was assumed; `as_of` when the price was read; `discount` why `unit_price` is
    not the list price, where it is another.
    """

    component: str
    quantity: Decimal | None
    unit: str
    unit_price: Decimal | None
    hourly: Decimal | None
    monthly: Decimal | None
    usage_based: bool
    assumption: str | None
    as_of: date | None
    price_key: str
    missing: str | None = None
    at_most: Decimal | None = None
    discount: str | None = None
    currency: str = USD

    def to_dict(self) -> dict[str, Any]:
        return {
            "component": self.component,
            "quantity": decimal_text(self.quantity),
            "unit": self.unit,
            "unit_price": decimal_text(self.unit_price),
            "hourly": decimal_text(self.hourly),
            "monthly": decimal_text(self.monthly),
            "usage_based": self.usage_based,
            "assumption": self.assumption,
            "as_of": self.as_of.isoformat() if self.as_of else None,
            "price_key": self.price_key,
            "missing": self.missing,
            "at_most": decimal_text(self.at_most),
            "discount": self.discount,
        }


@dataclass(frozen=True, slots=True)
class AtMost:
    """What something costs at most a month, fixed and by use; None where nothing bounds it."""

    monthly: Decimal | None = ZERO
    usage_monthly: Decimal | None = ZERO

    @classmethod
    def of(cls, lines: Iterable[CostLine]) -> AtMost:
        """Of lines: what has a price costs that, and nothing else."""
        fixed: Decimal | None = ZERO
        usage: Decimal | None = ZERO
        for line in lines:
            most = line.at_most if line.monthly is None else line.monthly
            if line.usage_based:
                usage = None if usage is None or most is None else usage + most
            else:
                fixed = None if fixed is None or most is None else fixed + most
        return cls(fixed, usage)

    @classmethod
    def total(cls, parts: Iterable[AtMost]) -> AtMost:
        """Of a sum: nothing bounds it where nothing bounds a part."""
        fixed: Decimal | None = ZERO
        usage: Decimal | None = ZERO
        for part in parts:
            fixed = None if fixed is None or part.monthly is None else fixed + part.monthly
            usage = None if usage is None or part.usage_monthly is None else usage + part.usage_monthly
        return cls(fixed, usage)

    def to_dict(self) -> dict[str, Any]:
        return {
            "monthly": decimal_text(self.monthly),
            "usage_monthly": decimal_text(self.usage_monthly),
        }


@dataclass(frozen=True, slots=True)
class Amounts:
    """Money per hour and per month; usage-based amounts apart from fixed ones."""

    hourly: Decimal = ZERO
    monthly: Decimal = ZERO
    usage_hourly: Decimal = ZERO
    usage_monthly: Decimal = ZERO

    @classmethod
    def of(cls, lines: Iterable[CostLine]) -> Amounts:
        """The sum of the lines that have a price."""
        hourly = monthly = usage_hourly = usage_monthly = ZERO
        for line in lines:
            if line.hourly is None or line.monthly is None:
                continue
            if line.usage_based:
                usage_hourly += line.hourly
                usage_monthly += line.monthly
            else:
                hourly += line.hourly
                monthly += line.monthly
        return cls(hourly, monthly, usage_hourly, usage_monthly)

    def __sub__(self, other: Amounts) -> Amounts:
        return Amounts(
            self.hourly - other.hourly,
            self.monthly - other.monthly,
            self.usage_hourly - other.usage_hourly,
            self.usage_monthly - other.usage_monthly,
        )

    def to_dict(self) -> dict[str, Any]:
        return {
            "hourly": decimal_text(self.hourly),
            "monthly": decimal_text(self.monthly),
            "usage_hourly": decimal_text(self.usage_hourly),
            "usage_monthly": decimal_text(self.usage_monthly),
        }


@dataclass(frozen=True, slots=True)
class Cost:
    """Money per hour and per month, where a None is not known (and is not 0). Usage-based cost apart."""

    hourly: Decimal | None
    monthly: Decimal | None
    usage_hourly: Decimal | None
    usage_monthly: Decimal | None

    def to_dict(self) -> dict[str, Any]:
        return {
            "hourly": decimal_text(self.hourly),
            "monthly": decimal_text(self.monthly),
            "usage_hourly": decimal_text(self.usage_hourly),
            "usage_monthly": decimal_text(self.usage_monthly),
        }


@dataclass(frozen=True, slots=True)
class ResourceCost:
    """The cost of one resource. `note` says why it is free, or what is not known. `resource` is what was
    priced, None for the sum of several; it is not published. `said_at_most` is what somebody says that all parts
    without a price cost at most a month. `not_counted` names what AWS may bill beside the lines."""

    urn: str
    type: str
    name: str
    lines: tuple[CostLine, ...]
    status: Status
    note: str | None = None
    resource: Resource | None = field(default=None, compare=False, repr=False)
    said_at_most: Decimal | None = None
    currency: str = USD
    not_counted: tuple[str, ...] = ()

    @property
    def known(self) -> Amounts:
        """The sum of the lines with a price; the whole cost only if none is missing."""
        return Amounts.of(self.lines)

    @property
    def cost(self) -> Cost:
        """What it costs; fixed or usage-based cost is None when a line of that kind has no price."""
        known, (fixed, usage) = self.known, self.is_whole
        return Cost(
            known.hourly if fixed else None,
            known.monthly if fixed else None,
            known.usage_hourly if usage else None,
            known.usage_monthly if usage else None,
        )

    @property
    def is_whole(self) -> tuple[bool, bool]:
        """Whether all of its fixed cost is known, and all of its usage-based cost."""
        fixed = self.status is not Status.NOT_PRICED
        usage = fixed or self.said_at_most is not None
        for line in self.lines:
            if line.monthly is None:
                fixed, usage = fixed and line.usage_based, usage and not line.usage_based
        return fixed, usage

    @property
    def at_most(self) -> AtMost:
        """What it costs at most."""
        said = self.said_at_most
        if self.status is Status.NOT_PRICED:
            return AtMost(None, None) if said is None else AtMost(said, ZERO)
        lines = AtMost.of(self.lines)
        if said is None or None not in (lines.monthly, lines.usage_monthly):
            return lines
        bounded = AtMost.of(
            line for line in self.lines if line.monthly is not None or line.at_most is not None
        )
        extra = AtMost(said if lines.monthly is None else ZERO, said if lines.usage_monthly is None else ZERO)
        return AtMost.total((bounded, extra))

    @property
    def bounded(self) -> AtMost:
        """What has a price, and the most that the rest costs where anything bounds it."""
        most = self.at_most
        lines = AtMost.of(line for line in self.lines if line.monthly is not None or line.at_most is not None)
        return AtMost(
            lines.monthly if most.monthly is None else most.monthly,
            lines.usage_monthly if most.usage_monthly is None else most.usage_monthly,
        )

    @property
    def missing(self) -> int:
        """How many lines have no price."""
        return sum(line.monthly is None for line in self.lines)

    def to_dict(self) -> dict[str, Any]:
        return {
            "urn": self.urn,
            "type": self.type,
            "name": self.name,
            "status": self.status.value,
            "note": self.note,
            "cost": self.cost.to_dict(),
            "known": self.known.to_dict(),
            "at_most": self.at_most.to_dict(),
            "said_at_most": decimal_text(self.said_at_most),
            "not_counted": list(self.not_counted),
            "lines": [line.to_dict() for line in self.lines],
        }


@dataclass(frozen=True, slots=True)
class Estimate:
    """The cost of a set of resources, in the order of their URNs. `free_tier` says that what AWS gives an account free
    of charge is deducted, `exchange` what the amounts are in."""

    resources: tuple[ResourceCost, ...]
    free_tier: bool = False
    exchange: Exchange = DOLLARS

    @property
    def lines(self) -> Iterator[CostLine]:
        return (line for resource in self.resources for line in resource.lines)

    @property
    def totals(self) -> Amounts:
        """The sum of every line with a price: a lower bound unless `complete`."""
        return Amounts.of(self.lines)

    @property
    def at_most(self) -> AtMost:
        """What all of it costs at most."""
        return AtMost.total(resource.at_most for resource in self.resources)

    @property
    def bounded_monthly(self) -> Decimal:
        """What has a price, and the most that the rest costs where anything bounds it; fixed cost, per month."""
        return sum((resource.bounded.monthly or ZERO for resource in self.resources), ZERO)

    @property
    def bounded_usage_monthly(self) -> Decimal:
        """The same of usage-based cost."""
        return sum((resource.bounded.usage_monthly or ZERO for resource in self.resources), ZERO)

    @property
    def hourly(self) -> Decimal:
        """Fixed cost, per hour."""
        return self.totals.hourly

    @property
    def monthly(self) -> Decimal:
        """Fixed cost, per month of 730 hours."""
        return self.totals.monthly

    @property
    def usage_hourly(self) -> Decimal:
        return self.totals.usage_hourly

    @property
    def usage_monthly(self) -> Decimal:
        return self.totals.usage_monthly

    @property
    def missing(self) -> int:
        """How many cost lines have no price."""
        return sum(line.monthly is None for line in self.lines)

    @property
    def unknown(self) -> int:
        """How many resources have a fixed cost that is not known."""
        return sum(not resource.is_whole[0] for resource in self.resources)

    @property
    def usage_unknown(self) -> int:
        """How many resources have a usage-based cost that is not known."""
        return sum(not resource.is_whole[1] for resource in self.resources)

    @property
    def unpriced(self) -> Mapping[str, int]:
        """Resource types Cygni has no estimator for, and how many resources of each."""
        types = (cost.type for cost in self.resources if cost.status is Status.NOT_PRICED)
        return dict(sorted(Counter(types).items()))

    @property
    def complete(self) -> bool:
        """Whether every resource has a price for every line."""
        return not self.missing and not self.unpriced

    @property
    def discounted(self) -> bool:
        """Whether a price in use is another than the list price."""
        return any(line.discount for line in self.lines)

    @property
    def oldest(self) -> date | None:
        """The day the oldest price in use was read."""
        return min(self._dates, default=None)

    @property
    def newest(self) -> date | None:
        return max(self._dates, default=None)

    @property
    def undated(self) -> int:
        """How many cost lines use a price whose day was not recorded."""
        return sum(line.unit_price is not None and line.as_of is None for line in self.lines)

    @property
    def _dates(self) -> Iterator[date]:
        return (line.as_of for line in self.lines if line.as_of is not None)

    def to_dict(self) -> dict[str, Any]:
        oldest, newest = self.oldest, self.newest
        return {
            **self.exchange.document,
            "hours_per_month": int(HOURS_PER_MONTH),
            "totals": self.totals.to_dict(),
            "at_most": self.at_most.to_dict(),
            "complete": self.complete,
            "free_tier": self.free_tier,
            "missing": self.missing,
            "unpriced": dict(self.unpriced),
            "prices": {
                "oldest": oldest.isoformat() if oldest else None,
                "newest": newest.isoformat() if newest else None,
                "undated": self.undated,
            },
            "resources": [resource.to_dict() for resource in self.resources],
        }
