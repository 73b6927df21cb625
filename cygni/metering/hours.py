"""Whole hours (pure)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from cygni.billing.periods import Period

HOUR: Final = timedelta(hours=1)


def hour_of(moment: datetime) -> datetime:
    """When the hour of `moment` began, in UTC."""
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def hours_in(span: Period) -> Iterator[Period]:
    """The hours that have a part of `span`, whole."""
    start = hour_of(span.start)
    while start < span.end:
        yield Period(start, start + HOUR)
        start += HOUR


def settled(since: datetime, now: datetime, delay: timedelta) -> Period:
    """The hours that were over for `delay` at `now`, from the one of `since` on; none of them where that is later."""
    start, end = hour_of(since), hour_of(now - delay)
    return Period(min(start, end), end)
