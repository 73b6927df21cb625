"""How amounts of money are put into words, the same for every renderer (pure).

What has no price is never counted as $0: a total that lacks something says so, and how much it lacks.
"""

from __future__ import annotations

from decimal import Decimal

from cygni.pricing.difference import CostDiff


def money(amount: Decimal, *, places: int = 2) -> str:
    """`$1,234.50`."""
    return f"{'-' if amount < 0 else ''}${abs(amount):,.{places}f}"


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


def _without(count: int) -> str:
    return f"({count} without a price)"
