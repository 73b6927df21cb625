"""From when to when an invoice goes (pure).

A period begins at midnight of a day of the month, in the time zone of who is billed, and ends where the next begins.
Months that lack the day begin on their last: 31 January, 28 February, 31 March. Lengths are seconds that really
passed, so a month in which clocks are put forward is an hour shorter. Where clocks skip midnight, the first moment of
the day stands for it; of two midnights the first one counts.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """From `start` until before `end`, both in UTC.

    Raises ValueError for one that ends before it begins, and for times without a time zone.
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.utcoffset() is None or self.end.utcoffset() is None:
            raise ValueError("a period needs times with a time zone")
        if self.end < self.start:
            raise ValueError(f"a period cannot end before it begins: {self.start} to {self.end}")

    def __contains__(self, moment: datetime) -> bool:
        return self.start <= moment < self.end

    @property
    def microseconds(self) -> int:
        return (self.end - self.start) // _MICROSECOND

    def overlap(self, other: Period) -> Period | None:
        """What both have in common; None where that is nothing."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Period(start, end) if start < end else None

    def share_of(self, whole: Period) -> Fraction:
        """Which part of `whole` it is, by time."""
        return Fraction(self.microseconds, whole.microseconds)


@dataclass(frozen=True, slots=True)
class BillingCycle:
    """Periods of `months` each, of which number 0 begins on the day `anchor` in the time zone `zone` (IANA's name).

    Raises ValueError for less than a month, and KeyError (ZoneInfoNotFoundError) for a time zone that is not known.
    """

    anchor: date
    zone: str = "UTC"
    months: int = 1

    def __post_init__(self) -> None:
        if self.months < 1:
            raise ValueError(f"a period has at least a month, not {self.months}")
        ZoneInfo(self.zone)

    def period(self, number: int) -> Period:
        """The period of that number; those before the anchor have negative ones."""
        return Period(self._start(number), self._start(number + 1))

    def number_at(self, moment: datetime) -> int:
        """The number of the period that `moment` is in."""
        day = moment.astimezone(ZoneInfo(self.zone)).date()
        passed = (day.year - self.anchor.year) * 12 + day.month - self.anchor.month
        number = passed // self.months
        while moment < self._start(number):
            number -= 1
        while moment >= self._start(number + 1):
            number += 1
        return number

    def period_at(self, moment: datetime) -> Period:
        return self.period(self.number_at(moment))

    def _start(self, number: int) -> datetime:
        months = self.anchor.year * 12 + self.anchor.month - 1 + number * self.months
        year, month = months // 12, months % 12 + 1
        day = min(self.anchor.day, monthrange(year, month)[1])
        midnight = datetime.combine(date(year, month, day), time(), ZoneInfo(self.zone))
        return midnight.astimezone(UTC)
