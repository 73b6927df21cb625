"""What a quantity costs (pure).

Amounts are in the currency of the plan, exact. Nothing costs nothing: fees of tiers begin with the first unit in them.
A quantity below zero, which corrections may leave, counts as none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from math import ceil

_NOTHING = Fraction(0)


@dataclass(frozen=True, slots=True)
class Step:
    """One multiplication behind an amount: `quantity` units (or packages) at `unit_price`, and a `fee`."""

    quantity: Fraction
    unit_price: Decimal
    fee: Decimal = Decimal(0)

    @property
    def amount(self) -> Fraction:
        return self.quantity * Fraction(self.unit_price) + Fraction(self.fee)


@dataclass(frozen=True, slots=True)
class PerUnit:
    """Each unit costs the same."""

    unit_price: Decimal

    def __post_init__(self) -> None:
        _refuse_negative(self.unit_price)

    def steps(self, quantity: Fraction) -> tuple[Step, ...]:
        return (Step(quantity, self.unit_price),) if quantity > 0 else ()


@dataclass(frozen=True, slots=True)
class Tier:
    """Up to and with `up_to` units (None: all that follow) each costs `unit_price`, and the tier `fee` once."""

    up_to: Decimal | None
    unit_price: Decimal
    fee: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        _refuse_negative(self.unit_price, self.fee)


@dataclass(frozen=True, slots=True)
class Graduated:
    """Each unit costs what the tier says that it falls into.

    Raises ValueError where tiers do not grow, or the last one ends.
    """

    tiers: tuple[Tier, ...]

    def __post_init__(self) -> None:
        _check_tiers(self.tiers)

    def steps(self, quantity: Fraction) -> tuple[Step, ...]:
        return tuple(self._steps(quantity))

    def _steps(self, quantity: Fraction) -> Iterator[Step]:
        start = _NOTHING
        for tier in self.tiers:
            end = quantity if tier.up_to is None else min(quantity, Fraction(tier.up_to))
            if end <= start:
                return
            yield Step(end - start, tier.unit_price, tier.fee)
            start = end


@dataclass(frozen=True, slots=True)
class Volume:
    """All units cost what the tier says that the whole quantity falls into.

    Raises ValueError where tiers do not grow, or the last one ends.
    """

    tiers: tuple[Tier, ...]

    def __post_init__(self) -> None:
        _check_tiers(self.tiers)

    def steps(self, quantity: Fraction) -> tuple[Step, ...]:
        if quantity <= 0:
            return ()
        tier = next(one for one in self.tiers if one.up_to is None or quantity <= Fraction(one.up_to))
        return (Step(quantity, tier.unit_price, tier.fee),)


@dataclass(frozen=True, slots=True)
class Package:
    """Every `size` units that were begun cost `price`.

    Raises ValueError for packages of nothing.
    """

    size: Decimal
    price: Decimal

    def __post_init__(self) -> None:
        _refuse_negative(self.price)
        if self.size <= 0:
            raise ValueError("a package has more than nothing in it")

    def steps(self, quantity: Fraction) -> tuple[Step, ...]:
        return (Step(Fraction(ceil(quantity / Fraction(self.size))), self.price),) if quantity > 0 else ()


Price = PerUnit | Graduated | Volume | Package


def amount_of(steps: Sequence[Step]) -> Fraction:
    """What all steps come to."""
    return sum((step.amount for step in steps), _NOTHING)


def _refuse_negative(*amounts: Decimal) -> None:
    if any(not amount.is_finite() or amount < 0 for amount in amounts):
        raise ValueError("a price is zero or more")


def _check_tiers(tiers: tuple[Tier, ...]) -> None:
    if not tiers or tiers[-1].up_to is not None:
        raise ValueError("the last tier has no end")
    bounds = [tier.up_to for tier in tiers[:-1]]
    known = [bound for bound in bounds if bound is not None]
    if len(known) != len(bounds) or any(not bound.is_finite() or bound <= 0 for bound in known):
        raise ValueError("every tier but the last ends above zero")
    if any(low >= high for low, high in pairwise(known)):
        raise ValueError("each tier ends above the one before")
