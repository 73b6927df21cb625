"""What is still to be told of an hour, where some was told before (pure).

Nothing is remembered but what was told. Who tells the same again does so under the same id, and counts once; who knows
more tells the difference under the next one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from typing import Final

from cygni.metering.runs import Spot

PLACES: Final = 9
"""Of the quantity of an event; the events of an hour sum up to what is known, rounded once to these."""
_WIDE: Final = Context(prec=60, rounding=ROUND_HALF_EVEN)


@dataclass(frozen=True, slots=True)
class Told:
    """What `events` of a spot sum up to."""

    events: int = 0
    total: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Due:
    """To be told: `quantity` more, or less, as number `number` of the spot, from 0."""

    spot: Spot
    number: int
    quantity: Decimal


def due(known: Mapping[Spot, Fraction], told: Mapping[Spot, Told]) -> list[Due]:
    """Where what was told is not what is known. A spot of which nothing is known any more stays as it was told."""
    found = []
    for spot, amount in sorted(known.items()):
        before = told.get(spot, Told())
        quantity = _WIDE.subtract(rounded(amount), before.total)
        if quantity:
            found.append(Due(spot, before.events, quantity))
    return found


def rounded(amount: Fraction) -> Decimal:
    """To `PLACES`, half to even."""
    return _WIDE.scaleb(Decimal(round(amount * 10**PLACES)), -PLACES)
