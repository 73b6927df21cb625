"""What Cost Explorer has said of days that will not change any more, so that nobody pays to ask again.

A memory, never the truth: what cannot be read is asked again.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final

from cygni.actuals.bill import Billed
from cygni.actuals.grouping import Grouping
from cygni.actuals.period import KEPT_AFTER, Period
from cygni.pricing.money import decimal_text
from stacks.records import write_whole

_FORMAT: Final = 1


@dataclass(frozen=True)
class BilledDays:
    """The days of one environment that are kept, in a file for each grouping."""

    folder: Path

    def kept(self, grouping: Grouping) -> dict[date, list[Billed]]:
        """What is kept, by day."""
        try:
            stored = json.loads(self._file(grouping).read_text(encoding="utf-8"))
            return _days(stored) if stored["format"] == _FORMAT else {}
        except (OSError, ValueError, TypeError, KeyError, AttributeError, InvalidOperation, RecursionError):
            return {}

    def keep(self, grouping: Grouping, billed: Iterable[Billed], asked_at: datetime) -> None:
        """Keeps the days that were over for long enough when they were asked for, besides those that are kept already.
        A day on which nothing was billed is not kept: it may be that the tags do not tell yet. Raises StateError."""
        days = self.kept(grouping)
        over = (asked_at - KEPT_AFTER).date()
        fresh: defaultdict[date, list[Billed]] = defaultdict(list)
        for one in billed:
            if one.day < over:
                fresh[one.day].append(one)
        if not fresh:
            return
        rows = {
            day.isoformat(): [[one.tagged, one.service, decimal_text(one.usd)] for one in found]
            for day, found in sorted({**days, **fresh}.items())
        }
        write_whole(self._file(grouping), json.dumps({"format": _FORMAT, "days": rows}))

    def _file(self, grouping: Grouping) -> Path:
        return self.folder / f"billed-by-{grouping}.json"


def missing(period: Period, kept: Iterable[date]) -> Period:
    """The days to ask for: from the first that is not kept to the last, for a request costs the same for many days."""
    there = set(kept)
    wanted = [day for day in period.days if day not in there]
    if not wanted:
        return Period(period.end, period.end)
    return Period(wanted[0], wanted[-1] + timedelta(days=1))


def _days(stored: Any) -> dict[date, list[Billed]]:
    """Raises ValueError, TypeError, AttributeError or InvalidOperation for anything else."""
    return {
        date.fromisoformat(day): [
            Billed(date.fromisoformat(day), str(tagged), str(service), Decimal(usd))
            for tagged, service, usd in rows
        ]
        for day, rows in stored["days"].items()
    }
