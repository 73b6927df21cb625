"""CloudWatch's data points, kept as distributions: how often each value was seen in each second, later each minute.

Moto keeps every value as an object of its own and knows no percentiles; a load balancer counts thousands of requests a
second. Pure, but for the clock that is given.
"""

from __future__ import annotations

import math
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

FINE_SECONDS = 15 * 60
KEPT_SECONDS = 15 * 24 * 3600
"""CloudWatch keeps data points of a minute for 15 days; here, those of a second for a quarter of an hour."""

Dimensions = tuple[tuple[str, str], ...]
_PERCENTILE = re.compile(r"^p(\d{1,2}(?:\.\d{1,10})?|100)$")


@dataclass(frozen=True, slots=True, order=True)
class MetricKey:
    """`dimensions` are sorted by name."""

    namespace: str
    name: str
    dimensions: Dimensions

    @classmethod
    def of(cls, namespace: str, name: str, dimensions: Iterable[tuple[str, str]]) -> MetricKey:
        return cls(namespace, name, tuple(sorted(dimensions)))


@dataclass(slots=True)
class Distribution:
    """What was seen in a span of time. `values` counts single values; a set of statistics that was sent without its
    values adds to `sum`, `count`, `minimum` and `maximum` alone, and has no percentiles."""

    values: Counter[float] = field(default_factory=Counter)
    sum: float = 0.0
    count: float = 0.0
    minimum: float = math.inf
    maximum: float = -math.inf
    unit: str = "None"

    def add(self, values: Mapping[float, float]) -> None:
        for value, count in values.items():
            self.values[value] += count  # type: ignore[assignment]  # counts may be fractions
            self.add_statistics(value * count, count, value, value)

    def add_statistics(self, total: float, count: float, minimum: float, maximum: float) -> None:
        self.sum += total
        self.count += count
        self.minimum = min(self.minimum, minimum)
        self.maximum = max(self.maximum, maximum)

    def merge(self, other: Distribution) -> None:
        self.values.update(other.values)
        self.add_statistics(other.sum, other.count, other.minimum, other.maximum)
        self.unit = other.unit

    def statistic(self, name: str) -> float | None:
        """Sum, Average, Minimum, Maximum, SampleCount or a percentile (p95, p99.9); None when it is not known."""
        if not self.count:
            return None
        plain = {
            "Sum": self.sum,
            "SampleCount": self.count,
            "Average": self.sum / self.count,
            "Minimum": self.minimum,
            "Maximum": self.maximum,
        }
        if name in plain:
            return plain[name]
        percentile = _PERCENTILE.match(name)
        return self._percentile(float(percentile[1])) if percentile else None

    def _percentile(self, percent: float) -> float | None:
        """The smallest value that so many percent do not exceed."""
        total = sum(self.values.values())
        if self.minimum == self.maximum:
            return self.minimum
        if total < self.count:  # some came as statistics alone
            return None
        needed, seen = total * percent / 100, 0.0
        for value in sorted(self.values):
            seen += self.values[value]
            if seen >= needed - 1e-9:
                return value
        return self.maximum


class MetricStore:
    """The data points of one account and region."""

    def __init__(self, clock: Callable[[], float] = time.time):
        self._clock = clock
        self._series: dict[MetricKey, dict[int, Distribution]] = {}
        self._tidy_after = 0.0

    def at(self, key: MetricKey, timestamp: float, unit: str) -> Distribution:
        """Where a value seen at `timestamp` is to be added."""
        self._tidy()
        distribution = self._series.setdefault(key, {}).setdefault(int(timestamp), Distribution())
        distribution.unit = unit
        return distribution

    def keys(self) -> list[MetricKey]:
        return sorted(self._series)

    def query(
        self, key: MetricKey, start: float, end: float, period: int, unit: str | None = None
    ) -> list[tuple[int, Distribution]]:
        """The data points from `start` up to but not at `end`, oldest first; periods without data are left out.
        Like CloudWatch, the first period begins at the minute of `start` (or the period, where that is shorter)."""
        step = min(period, 60)
        first = int(start) // step * step
        found: dict[int, Distribution] = {}
        for second, distribution in self._series.get(key, {}).items():
            if first <= second < end and unit in (None, distribution.unit):
                begin = first + (second - first) // period * period
                found.setdefault(begin, Distribution()).merge(distribution)
        return sorted(found.items())

    def _tidy(self) -> None:
        """Once a minute: what is no longer fresh is kept by the minute, what is old is dropped."""
        now = self._clock()
        if now < self._tidy_after:
            return
        self._tidy_after = now + 60
        for key in list(self._series):
            kept: dict[int, Distribution] = {}
            for second, distribution in self._series[key].items():
                if second > now - KEPT_SECONDS:
                    place = second if second > now - FINE_SECONDS else second // 60 * 60
                    kept.setdefault(place, Distribution()).merge(distribution)
            self._series[key] = kept
            if not kept:
                del self._series[key]
