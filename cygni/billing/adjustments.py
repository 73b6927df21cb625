"""What came late, or was corrected, as lines of a later invoice (pure).

An invoice that is final never changes. What its period comes to is rated again with all that is known now, and what
differs from what was billed for it, on that invoice and by adjustments since, goes on the next one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from cygni.billing.periods import Period
from cygni.billing.rating import Line


@dataclass(frozen=True, slots=True)
class Adjustment:
    """`amount` more (or less, below zero) for the charge `key` in `period`, which an earlier invoice was about."""

    key: str
    name: str
    period: Period
    amount: Decimal


def adjustments(
    period: Period, billed: Mapping[str, Decimal], lines: Iterable[Line], names: Mapping[str, str]
) -> tuple[Adjustment, ...]:
    """What is left to bill for `period`: `billed` so far by key of charge, `lines` as they are rated now.

    `names` are those of charges that were billed and are in no line any more, by key.
    """
    due: dict[str, Decimal] = {}
    called = dict(names)
    for line in lines:
        due[line.key] = due.get(line.key, Decimal(0)) + line.amount
        called[line.key] = line.name
    different = {
        key: due.get(key, Decimal(0)) - billed.get(key, Decimal(0))
        for key in sorted(due.keys() | billed.keys())
    }
    return tuple(
        Adjustment(key, called.get(key, key), period, amount) for key, amount in different.items() if amount
    )
