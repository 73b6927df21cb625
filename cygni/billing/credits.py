"""Grants, and in which order they are used (pure).

A grant is money that was paid before (prepaid) or given (promotional). An invoice uses those that are in force when
its period ends: first the lowest `priority`, of those what expires first, then what was given before what was paid,
then the oldest. They lower what is taxed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

DEFAULT_PRIORITY: Final = 50
_NEVER: Final = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Grant:
    """`remaining` of it is left. In force from `start`, and until before `end` where it has one."""

    id: str
    remaining: Decimal
    start: datetime
    end: datetime | None = None
    priority: int = DEFAULT_PRIORITY
    prepaid: bool = False

    def in_force(self, moment: datetime) -> bool:
        """Whether it may be used for a period that ends at `moment`."""
        return self.start < moment and (self.end is None or moment <= self.end)


@dataclass(frozen=True, slots=True)
class CreditUse:
    """`amount` of the grant `grant`."""

    grant: str
    amount: Decimal


def use(grants: Iterable[Grant], due: Decimal, moment: datetime) -> tuple[CreditUse, ...]:
    """Which grants pay how much of `due`, for a period that ends at `moment`."""
    uses: list[CreditUse] = []
    for grant in sorted((one for one in grants if one.in_force(moment)), key=_order):
        amount = min(grant.remaining, due)
        if amount > 0:
            uses.append(CreditUse(grant.id, amount))
            due -= amount
    return tuple(uses)


def _order(grant: Grant) -> tuple[int, datetime, bool, datetime, str]:
    return grant.priority, grant.end or _NEVER, grant.prepaid, grant.start, grant.id
