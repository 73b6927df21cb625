"""Amounts of US dollars, exact and independent of the order in which they are added."""

from __future__ import annotations

from decimal import ROUND_CEILING, Context, Decimal
from typing import Final

# The month of the AWS Pricing Calculator: 365 days / 12 = 730 hours. A real month has 672 to 744.
HOURS_PER_MONTH: Final = Decimal(730)
MONTHS_PER_YEAR: Final = 12
ZERO: Final = Decimal(0)

# Below the cheapest list price (0.000000012 USD). Amounts rounded to one step add up exactly, so a total
# is the same in any order, and a delta is exactly after − before.
_STEP: Final = Decimal("1e-12")
_WIDE: Final = Context(prec=60)


def settle(amount: Decimal) -> Decimal:
    """Round to 12 decimal places."""
    return amount.quantize(_STEP, context=_WIDE)


def month_and_hour(amount: Decimal, unit: str) -> tuple[Decimal, Decimal]:
    """What `amount` USD for each hour, month or year comes to a month and an hour: a `unit` that ends in `hour` is
    billed by the hour, one that ends in `year` by the year, and any other by the month."""
    if unit.endswith("hour"):
        hourly = settle(amount)
        return hourly * HOURS_PER_MONTH, hourly
    monthly = settle(amount / MONTHS_PER_YEAR if unit.endswith("year") else amount)
    return monthly, settle(monthly / HOURS_PER_MONTH)


def decimal_text(amount: Decimal | None) -> str | None:
    """A plain decimal string, without exponent or trailing zeros; None stays None."""
    if amount is None:
        return None
    if not amount:
        return "0"
    return format(amount.normalize(), "f")


def ceiling(amount: Decimal) -> Decimal:
    """The next whole number, where AWS bills started units."""
    return amount.to_integral_value(rounding=ROUND_CEILING)
