"""What was estimated for a time: every estimate for as long as it was in force (pure)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from cygni.pricing.money import HOURS_PER_MONTH
from cygni.releases.estimate import EstimatedCost, KeptEstimate


@dataclass(frozen=True, slots=True)
class InForce:
    """An estimate, from `at` on until the next one. `said_by` says for people what it was kept with."""

    at: datetime
    estimate: KeptEstimate
    said_by: str


Key = Callable[[EstimatedCost], str]
"""By what estimated costs are told apart."""


def accrued(history: Sequence[InForce], start: datetime, end: datetime, key: Key) -> dict[str, Decimal]:
    """USD from `start` to `end`, fixed and by use as assumed, by `key`. `history` is in the order of time; nothing is
    estimated for the time before it."""
    found: defaultdict[str, Decimal] = defaultdict(Decimal)
    for one, months in _spans(history, start, end):
        for cost in one.estimate.costs:
            found[key(cost)] += (cost.monthly + cost.usage_monthly) * months
    return dict(found)


def _spans(history: Sequence[InForce], start: datetime, end: datetime) -> Iterator[tuple[InForce, Decimal]]:
    """For how many months of 730 hours each was in force."""
    followers = [one.at for one in history[1:]] + [end]
    for one, until in zip(history, followers, strict=False):
        begins, ends = max(one.at, start), min(until, end)
        if begins < ends:
            hours = Decimal(str((ends - begins).total_seconds())) / 3600
            yield one, hours / HOURS_PER_MONTH


def rate_at(history: Sequence[InForce], at: datetime) -> Decimal | None:
    """USD a month of 730 hours that are estimated at a time; None before the first estimate."""
    known = [one for one in history if one.at <= at]
    return known[-1].estimate.monthly + known[-1].estimate.usage_monthly if known else None
