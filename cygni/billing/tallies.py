"""Events that were counted together, and the quantity they are (pure).

Events of an hour are kept as one tally beside the events themselves; tallies of hours add up to that of a period.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

from cygni.billing.meters import Aggregation


@dataclass(frozen=True, slots=True)
class Tally:
    """Of `count` events: the sum of their quantities, and the largest one (None where there are none)."""

    count: int = 0
    total: Fraction = Fraction(0)
    largest: Decimal | None = None

    def __add__(self, other: Tally) -> Tally:
        known = [one for one in (self.largest, other.largest) if one is not None]
        return Tally(self.count + other.count, self.total + other.total, max(known, default=None))


NOTHING: Final = Tally()


def tally_of(quantity: Decimal) -> Tally:
    """That of a single event."""
    return Tally(1, Fraction(quantity), quantity)


def quantity(aggregation: Aggregation, tally: Tally, share: Fraction) -> Fraction:
    """What the events of a tally come to, that were in `share` of a period.

    Raises ValueError for aggregations that a tally does not suffice for: unique subjects and levels.
    """
    match aggregation:
        case Aggregation.SUM:
            return tally.total
        case Aggregation.COUNT:
            return Fraction(tally.count)
        case Aggregation.MAX:
            return Fraction(tally.largest or 0) * share
        case _:
            raise ValueError(f"a tally does not tell {aggregation}")
