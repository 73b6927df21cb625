"""Days of a bill: which are asked for, and of which the bill will not change any more (pure). All are in UTC."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from cygni.errors import UsageError

SETTLING: Final = timedelta(hours=48)
"""Cost Explorer has the cost of a day 24 to 48 hours after it at the latest (AWS, Cost Explorer's own page)."""
KEPT_AFTER: Final = timedelta(hours=72)
"""An answer is kept that was given so long after its day: a day more than settling takes."""
LONGEST: Final = 365
"""Days that Cost Explorer can be asked for at once: it keeps 13 months."""
_DAY: Final = timedelta(days=1)
_MONTH: Final = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class Period:
    """The days from `start` up to `end`, which is not part of it."""

    start: date
    end: date

    @property
    def days(self) -> Iterator[date]:
        return (self.start + _DAY * number for number in range((self.end - self.start).days))

    def until(self, end: date) -> Period:
        """The part of it before `end`."""
        return Period(self.start, max(self.start, min(self.end, end)))

    def since(self, start: date) -> Period:
        """The part of it from `start` on."""
        return Period(min(self.end, max(self.start, start)), self.end)


def midnight(day: date) -> datetime:
    """When a day begins."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def month_of(text: str, now: datetime) -> Period:
    """The days of a month, `2026-11`, that have ended. Raises UsageError where there is none."""
    found = _MONTH.fullmatch(text)
    if found is None:
        raise UsageError(f"--month {text!r} is no month", hint="Give it as 2026-11.")
    start = date(int(found[1]), int(found[2]), 1)
    period = Period(start, month_end(start)).until(now.date())
    if period.start == period.end:
        before = (now.date().replace(day=1) - _DAY).strftime("%Y-%m")
        raise UsageError(f"no day of {text} has ended yet", hint=f"Ask for another month: --month {before}")
    return period


def running_month(now: datetime) -> Period:
    """The days of this month that have ended; none on its first."""
    return Period(now.date().replace(day=1), now.date())


def last_days(count: int, now: datetime) -> Period:
    """The last days that have ended."""
    return Period(now.date() - _DAY * count, now.date())


def month_end(day: date) -> date:
    """The first day after the month of `day`."""
    return day.replace(day=monthrange(day.year, day.month)[1]) + _DAY


def settled_until(now: datetime) -> date:
    """The first day whose cost may still be missing."""
    return (now - SETTLING).date()
