"""A bill beside what was estimated for the same days (pure)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from cygni.actuals.accrual import InForce, accrued
from cygni.actuals.bill import Billed
from cygni.actuals.grouping import By
from cygni.actuals.period import Period, midnight, settled_until
from cygni.pricing.money import ZERO
from cygni.releases.estimate import EstimatedCost


@dataclass(frozen=True, slots=True)
class Line:
    """One service, stack or resource (empty: what nothing tells apart), in USD for the days that are compared."""

    key: str
    billed: Decimal
    estimated: Decimal

    @property
    def difference(self) -> Decimal:
        """What the estimate says more than the bill."""
        return self.estimated - self.billed

    @property
    def error_percent(self) -> Decimal | None:
        """The error of the estimate, in percent of the bill; None where nothing was billed."""
        return self.difference / self.billed * 100 if self.billed else None


@dataclass(frozen=True, slots=True)
class Comparison:
    """`asked` are the days of the bill, `compared` those of them that are settled and have an estimate; the first lines
    cost the most. `unsettled` and `unestimated` are what was billed on the other days, in USD."""

    by: By
    asked: Period
    compared: Period
    lines: tuple[Line, ...]
    unsettled: Decimal
    unestimated: Decimal
    billed_anything: bool

    @property
    def total(self) -> Line:
        return Line(
            "",
            sum((one.billed for one in self.lines), ZERO),
            sum((one.estimated for one in self.lines), ZERO),
        )


def compared(
    bill: Iterable[Billed], history: Sequence[InForce], asked: Period, by: By, now: datetime
) -> Comparison:
    """The days that are settled and that an estimate was in force on, at least for a part of them."""
    billed = tuple(bill)
    settled = settled_until(now)
    first = history[0].at.date() if history else asked.end
    period = asked.since(first).until(settled)
    if period.start > period.end:
        period = Period(period.end, period.end)
    lines = _lines(
        _billed(billed, period, by),
        accrued(history, midnight(period.start), midnight(period.end), lambda cost: _of_estimate(cost, by)),
    )
    return Comparison(
        by=by,
        asked=asked,
        compared=period,
        lines=lines,
        unsettled=sum((one.usd for one in billed if one.day >= settled), ZERO),
        unestimated=sum((one.usd for one in billed if one.day < min(first, settled)), ZERO),
        billed_anything=any(one.usd for one in billed),
    )


def _billed(bill: Iterable[Billed], period: Period, by: By) -> Mapping[str, Decimal]:
    found: defaultdict[str, Decimal] = defaultdict(Decimal)
    for one in bill:
        if period.start <= one.day < period.end:
            found[_of_bill(one, by)] += one.usd
    return found


def _of_bill(billed: Billed, by: By) -> str:
    return billed.service if by is By.SERVICE else billed.tagged


def _of_estimate(cost: EstimatedCost, by: By) -> str:
    return {By.SERVICE: cost.service, By.STACK: cost.stack, By.RESOURCE: cost.resource}[by]


def _lines(billed: Mapping[str, Decimal], estimated: Mapping[str, Decimal]) -> tuple[Line, ...]:
    lines = (Line(key, billed.get(key, ZERO), estimated.get(key, ZERO)) for key in {**billed, **estimated})
    return tuple(sorted(lines, key=lambda one: (-max(one.billed, one.estimated), one.key)))
