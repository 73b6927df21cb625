"""What a month will come to (pure).

Own arithmetic, and not GetCostForecast: that goes by the past alone, costs a request, and wants weeks of data. An
estimate knows what was deployed yesterday.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from cygni.actuals.accrual import InForce, accrued
from cygni.actuals.bill import Billed
from cygni.actuals.period import Period, midnight, month_end, settled_until
from cygni.pricing.guards import WARN_AT
from cygni.pricing.money import ZERO

_RECENT: Final = 7
"""Days whose bill tells how a day goes: a whole week, or as many as there are."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """USD for a whole month. `billed` is the bill of its settled days, `rest` what the `days_left` will come to: each
    as the last `recent` settled days were billed on average, and what the estimate differs from what it was then.
    Without such a day it is the estimate alone. `budget` is that of the environment, in USD a month."""

    billed: Decimal
    rest: Decimal
    days_left: int
    recent: int
    budget: Decimal | None = None

    @property
    def total(self) -> Decimal:
        return self.billed + self.rest

    @property
    def budget_percent(self) -> Decimal | None:
        """The total in percent of the budget; None without one, or of a budget of nothing."""
        return self.total / self.budget * 100 if self.budget else None

    @property
    def nears_budget(self) -> bool:
        """Whether so much of the budget will be used that a plan would warn of it, too."""
        return self.budget is not None and self.total > 0 and self.total >= self.budget * WARN_AT


def forecast(
    bill: Iterable[Billed], history: Sequence[InForce], now: datetime, budget: Decimal | None = None
) -> Forecast | None:
    """Of the running month, of whose days so far `bill` is; None where neither a bill nor an estimate tells anything.
    The last estimate goes on."""
    first = now.date().replace(day=1)
    settled = max(first, settled_until(now))
    past, left = Period(first, settled), Period(settled, month_end(first))
    by_day: defaultdict[date, Decimal] = defaultdict(Decimal)
    for one in bill:
        by_day[one.day] += one.usd
    recent = _recent(past, by_day, history)
    if not recent and not history:
        return None
    days_left, rest = len(list(left.days)), _estimated(history, left)
    if recent:
        then = sum((_estimated(history, Period(day, day + timedelta(days=1))) for day in recent), ZERO)
        rest += (sum((by_day[day] for day in recent), ZERO) - then) / len(recent) * days_left
    so_far = sum((usd for day, usd in by_day.items() if day < settled), ZERO)
    unsettled = sum(by_day.values(), ZERO) - so_far
    return Forecast(so_far, max(rest, unsettled, ZERO), days_left, len(recent), budget)


def _recent(past: Period, by_day: Mapping[date, Decimal], history: Sequence[InForce]) -> list[date]:
    """The last days that were billed at all, for tags may not have told before, and that an estimate was in force on
    from their beginning, where there is any."""
    begins = history[0].at if history else midnight(past.start)
    return [day for day in past.days if by_day.get(day) and midnight(day) >= begins][-_RECENT:]


def _estimated(history: Sequence[InForce], period: Period) -> Decimal:
    found = accrued(history, midnight(period.start), midnight(period.end), lambda cost: "")
    return found.get("", ZERO)
