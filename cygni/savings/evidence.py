"""What CloudWatch has on resources, for rules to judge by (pure)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from cygni.pricing.usage_metrics import Points, Query

DAYS: Final = 14
"""How long is looked back: two weeks have every day of the week twice."""
_ENOUGH_HOURS: Final = DAYS * 24 * 95 // 100
"""A deploy or an outage may leave some hours without a value."""
_SHARE: Final = 99  # percent of the hours that a peak leaves below it


@dataclass(frozen=True)
class Evidence:
    """The values of the last days, by URN and the name of what was asked for."""

    series: Mapping[tuple[str, str], Points] = field(default_factory=dict)

    @classmethod
    def of(cls, found: Mapping[Query, Points]) -> Evidence:
        """Of the answers of CloudWatch; several metrics of one name are taken together."""
        series: defaultdict[tuple[str, str], list[tuple[datetime, float]]] = defaultdict(list)
        for query, points in found.items():
            series[query.urn, query.metric.amount] += points
        return cls(series)

    def measured_every_day(self, urn: str, name: str) -> bool:
        """Whether each of the days has a value, so that the absence of use is no absence of data."""
        days: set[date] = {at.date() for at, _ in self.series.get((urn, name), ())}
        return len(days) >= DAYS

    def total(self, urn: str, name: str) -> Decimal:
        """The sum of all values; 0 where there is none."""
        return sum((Decimal(str(value)) for _, value in self.series.get((urn, name), ())), Decimal(0))

    def peak(self, urns: Iterable[str], name: str) -> Decimal | None:
        """What 99 of 100 hours stay at or below, of several resources that stand in for one another; None without
        values for enough of the hours."""
        hours: dict[datetime, float] = {}
        for urn in urns:
            for at, value in self.series.get((urn, name), ()):
                hours[at] = max(value, hours.get(at, value))
        if len(hours) < _ENOUGH_HOURS:
            return None
        return _percentile(sorted(hours.values()), _SHARE)


def _percentile(values: Sequence[float], percent: int) -> Decimal:
    """The smallest value that so many percent of all are not above (nearest rank)."""
    rank = -(-len(values) * percent // 100)
    return Decimal(str(values[rank - 1]))
