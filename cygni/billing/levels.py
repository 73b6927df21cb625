"""Quantities that hold until they change: gigabytes kept, averaged over time (pure)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from cygni.billing.periods import Period


@dataclass(frozen=True, slots=True, order=True)
class Level:
    """From `at` on, `subject` holds `quantity`, until its next level. Of two at one moment the one with the later
    `event` (an id that grows) holds."""

    subject: str
    at: datetime
    event: str
    quantity: Decimal


def time_weighted(levels: Iterable[Level], span: Period, whole: Period) -> Fraction:
    """What the levels come to in `span`, in units over all of `whole`: all of it at one level is that level.

    Levels from before `span` hold into it; a subject counts from its first level on.
    """
    by_subject: dict[str, list[Level]] = defaultdict(list)
    for level in levels:
        by_subject[level.subject].append(level)
    held = sum((_held(sorted(of_one), span) for of_one in by_subject.values()), Fraction(0))
    return held / whole.microseconds


def _held(levels: list[Level], span: Period) -> Fraction:
    """Units times microseconds within `span`, of one subject's levels in their order."""
    total = Fraction(0)
    ends = [level.at for level in levels[1:]] + [span.end]
    for level, end in zip(levels, ends, strict=True):
        part = Period(level.at, max(level.at, end)).overlap(span)
        if part is not None:
            total += Fraction(level.quantity) * part.microseconds
    return total
