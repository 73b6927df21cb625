"""How amounts of money are put into words, the same for every renderer (pure).

What has no price is never counted as $0: a total that lacks something says so, and how much it lacks.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Final

from cygni.pricing.cost import Estimate
from cygni.pricing.difference import CostDiff

_WIDE: Final = Context(prec=60)


def money(amount: Decimal, *, places: int = 2) -> str:
    """`$1,234.50`. Half a cent is rounded away from zero, as on an invoice."""
    rounded = amount.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP, context=_WIDE)
    return f"{'-' if rounded < 0 else ''}${abs(rounded):,.{places}f}"


def signed_money(amount: Decimal, *, places: int = 2) -> str:
    """`+$5.00`, `-$5.00` or `$0.00`."""
    return f"+{money(amount, places=places)}" if amount > 0 else money(amount, places=places)


def total_text(amount: Decimal, unknown: int, *, places: int = 2) -> str:
    """The sum of what is known, where `unknown` resources are not in it: `$5.00`, `at least $5.00 (2 without a
    price)`, or `unknown (2 without a price)` when nothing is known."""
    text = money(amount, places=places)
    if not unknown:
        return text
    return f"at least {text} {_without(unknown)}" if amount else f"unknown {_without(unknown)}"


def delta_text(diff: CostDiff, *, hourly: bool = False) -> str:
    """The difference in fixed cost, as `total_text` says a total.

    It is a lower bound only while nothing without a price goes away, and an upper bound only while nothing
    without a price comes; of what changes on both sides, only the known part can be told.
    """
    amount = diff.delta_hourly if hourly else diff.delta_monthly
    text = signed_money(amount, places=4 if hourly else 2)
    if not diff.unknown:
        return text
    if not amount:
        return f"unknown {_without(diff.unknown)}"
    unknown = [one for one in diff.resources if one.delta.monthly is None]
    if all(one.before is None for one in unknown):
        bound = "at least "
    elif all(one.after is None for one in unknown):
        bound = "at most "
    else:
        bound = "known part "
    return f"{bound}{text} {_without(diff.unknown)}"


def dates_text(estimate: Estimate) -> str:
    """Of when the prices in use are: `list prices as of 2026-11-20 to 2026-11-21, 3 of unknown date`. Empty
    without a price."""
    oldest, newest = estimate.oldest, estimate.newest
    if oldest is None:
        return "list prices of unknown date" if estimate.undated else ""
    days = str(oldest) if oldest == newest else f"{oldest} to {newest}"
    undated = f", {estimate.undated} of unknown date" if estimate.undated else ""
    return f"list prices as of {days}{undated}"


def _without(count: int) -> str:
    return f"({count} without a price)"
