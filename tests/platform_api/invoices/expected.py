"""What a tenant's invoices are to say, worked out from its raw events in the plainest way there is."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal

from cygni.billing.credits import Grant
from tests.cygni.billing.histories import ALL_METERS
from tests.cygni.billing.oracle import PLACES, due, month_starts
from tests.platform_api.invoices.company import Tenant

_KNOWN = 36
"""Months whose begin is worked out: more than are ever billed."""


@dataclass
class Expected:
    """What one invoice is to say: amounts by charge, adjustments by begin of period and charge, and sums."""

    lines: dict[str, Decimal]
    adjustments: dict[tuple[datetime, str], Decimal]
    sums: dict[str, Decimal]


@dataclass
class Ledger:
    """Of one tenant, through its invoices in their order."""

    tenant: Tenant
    starts: list[datetime]
    billed: dict[datetime, dict[str, Decimal]] = field(default_factory=dict)
    carried: Decimal = Decimal(0)
    left: dict[int, Decimal] = field(default_factory=dict)

    @classmethod
    def of(cls, tenant: Tenant) -> Ledger:
        cycle = tenant.subscription.cycle
        return cls(tenant, month_starts(cycle.anchor, cycle.zone, _KNOWN))

    def costs(self, start: datetime, moment: datetime) -> dict[str, Decimal]:
        """Of the period that begins at `start`, by what was known at `moment`."""
        end = self.starts[self.starts.index(start) + 1]
        return due(self.tenant.subscription, ALL_METERS, self.tenant.known(moment), start, end)

    def invoice(self, start: datetime, moment: datetime) -> Expected:
        """The one of the period that begins at `start`, which is made at `moment`."""
        lines = self.costs(start, moment)
        late = self._late(start, moment)
        self.billed[start] = dict(lines)
        for (period, key), amount in late.items():
            of_period = self.billed.setdefault(period, {})
            of_period[key] = of_period.get(key, Decimal(0)) + amount
        subtotal = sum(lines.values(), Decimal(0)) + sum(late.values(), Decimal(0)) + self.carried
        end = self.starts[self.starts.index(start) + 1]
        credits = self._credits(max(subtotal, Decimal(0)), end)
        taxable = max(subtotal, Decimal(0)) - credits
        tax = self._rounded(taxable * self.tenant.tax_rate / 100)
        sums = {
            "carried": self.carried,
            "subtotal": subtotal,
            "credits": credits,
            "tax": tax,
            "total": taxable + tax,
        }
        self.carried = min(subtotal, Decimal(0))
        return Expected(lines, late, sums)

    def _late(self, start: datetime, moment: datetime) -> dict[tuple[datetime, str], Decimal]:
        found: dict[tuple[datetime, str], Decimal] = {}
        for earlier in self.starts[: self.starts.index(start)]:
            amounts: dict[str, Decimal] = defaultdict(Decimal, self.costs(earlier, moment))
            for key, amount in self.billed.get(earlier, {}).items():
                amounts[key] -= amount
            found |= {(earlier, key): amount for key, amount in amounts.items() if amount}
        return found

    def _credits(self, owed: Decimal, end: datetime) -> Decimal:
        used = Decimal(0)
        for number, grant in self._in_order():
            if grant.start < end and (grant.end is None or end <= grant.end):
                amount = min(self.left.setdefault(number, grant.remaining), owed - used)
                self.left[number] -= amount
                used += amount
        return used

    def _in_order(self) -> list[tuple[int, Grant]]:
        """Those with an end before those without."""
        return sorted(
            enumerate(self.tenant.grants),
            key=lambda one: (one[1].priority, one[1].end is None, one[1].end or one[1].start, one[1].prepaid, one[1].start),
        )  # fmt: skip

    def _rounded(self, amount: Decimal) -> Decimal:
        places = PLACES[self.tenant.subscription.currency]
        return amount.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN)
