"""What a plan charges for (pure).

A version of a plan never changes: who changes prices makes the next version, and subscriptions move to it from a moment
on. Amounts are in the plan's currency, for a whole period.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Final

from cygni.billing.meters import KEY
from cygni.billing.prices import Price

MINIMUM: Final = "minimum"
"""The key of the line that fills a period up to the plan's minimum; no charge may have it."""
DEFAULT_GRACE: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class FlatFee:
    """`amount` for each period, whatever is used."""

    key: str
    name: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class UsageCharge:
    """What is used of `meter`, beyond `included` units, at `price`; `minimum` at least."""

    key: str
    name: str
    meter: str
    price: Price
    included: Decimal = Decimal(0)
    minimum: Decimal = Decimal(0)


Charge = FlatFee | UsageCharge


@dataclass(frozen=True, slots=True)
class PlanVersion:
    """Version `version` (from 1) of the plan `key`.

    `minimum` is what a period costs at least; `grace` how long an invoice stays a draft after its period, for usage
    that comes late; `limits` what an organization may have at once (`projects`, `seats`, `requests_per_minute` ...).

    Raises ValueError for keys that are not lower-case letters, digits and `_`, keys that come twice, and amounts below
    zero.
    """

    key: str
    version: int
    currency: str
    charges: tuple[Charge, ...] = ()
    minimum: Decimal = Decimal(0)
    trial_days: int = 0
    grace: timedelta = DEFAULT_GRACE
    limits: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        keys = [charge.key for charge in self.charges]
        wrong = [key for key in (self.key, *keys) if not KEY.fullmatch(key)]
        if wrong:
            raise ValueError(f"not a key: {wrong[0]!r}")
        twice = [key for key in keys if keys.count(key) > 1 or key == MINIMUM]
        if twice:
            raise ValueError(f"the key is taken: {twice[0]!r}")
        if any(not amount.is_finite() or amount < 0 for amount in _amounts(self)):
            raise ValueError("an amount is zero or more")

    @property
    def meters(self) -> frozenset[str]:
        """The keys of what has to be measured for it."""
        return frozenset(charge.meter for charge in self.charges if isinstance(charge, UsageCharge))


def _amounts(plan: PlanVersion) -> list[Decimal]:
    amounts = [plan.minimum, Decimal(plan.trial_days), Decimal(plan.grace // timedelta(microseconds=1))]
    for charge in plan.charges:
        match charge:
            case FlatFee():
                amounts.append(charge.amount)
            case UsageCharge():
                amounts += [charge.included, charge.minimum]
    return amounts
