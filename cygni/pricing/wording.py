"""How amounts of money are put into words, the same for every renderer (pure).

What has no price is never counted as $0: a total that lacks something says so, and how much it lacks.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Final

from cygni.pricing.cost import Estimate, ResourceCost, Status
from cygni.pricing.difference import Bound, CostDiff, ResourceDiff, known_of

FULL_REGION: Final = "us-east-1"
"""The one region of which the book that ships has most of the prices that stacks of Cygni need."""

_WIDE: Final = Context(prec=60)


def money(amount: Decimal, *, places: int = 2) -> str:
    """`$1,234.50`. Half a cent is rounded away from zero, as on an invoice."""
    shown = rounded(amount, places)
    return f"{'-' if shown < 0 else ''}${abs(shown):,.{places}f}"


def rounded(amount: Decimal, places: int = 2) -> Decimal:
    """As it is shown: half a cent away from zero."""
    return amount.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP, context=_WIDE)


def signed_money(amount: Decimal, *, places: int = 2) -> str:
    """`+$5.00`, `-$5.00` or `$0.00`."""
    return f"+{money(amount, places=places)}" if amount > 0 else money(amount, places=places)


def total_text(amount: Decimal, unknown: int, *, places: int = 2) -> str:
    """The sum of what is known, where `unknown` resources are not wholly in it: `$5.00`, `at least $5.00 (2 without
    a price)`, or `unknown (2 without a price)` when nothing is known."""
    text = money(amount, places=places)
    if not unknown:
        return text
    return f"at least {text} {_without(unknown)}" if amount else f"unknown {_without(unknown)}"


def delta_text(diff: CostDiff, *, hourly: bool = False) -> str:
    """The difference in fixed cost, as `total_text` says a total: `at least +$5.00 (2 without a price)`."""
    before, after = diff.before.totals, diff.after.totals
    places = 4 if hourly else 2
    pair = (before.hourly, after.hourly) if hourly else (before.monthly, after.monthly)
    text = bounded_text(shown_delta(*pair, places=places), diff.bound, known=any(pair), places=places)
    return f"{text} {_without(diff.unknown)}" if diff.unknown else text


def side_text(cost: ResourceCost | None, *, usage: bool = False) -> str:
    """What one resource costs on one side, a month, fixed or by use: `$5.00`, `free`, `at least $5.00` where only a
    part has a price, `no price`, `not priced` for a type without an estimator, `-` where it does not exist."""
    if cost is None:
        return "-"
    words = {Status.FREE: "free", Status.NOT_PRICED: "not priced"}
    if cost.status in words:
        return words[cost.status]
    whole = cost.cost.usage_monthly if usage else cost.cost.monthly
    known = cost.known.usage_monthly if usage else cost.known.monthly
    if whole is not None:
        return money(whole)
    return f"at least {money(known)}" if known else "no price"


def resource_delta_text(diff: ResourceDiff, *, usage: bool = False) -> str:
    """How the cost of one resource differs, a month, fixed or by use: `+$5.00`, `at least +$5.00`, `unknown`."""
    before, after = known_of(diff.before), known_of(diff.after)
    pair = (before.usage_monthly, after.usage_monthly) if usage else (before.monthly, after.monthly)
    return bounded_text(shown_delta(*pair), diff.usage_bound if usage else diff.bound, known=any(pair))


def shown_delta(before: Decimal, after: Decimal, *, places: int = 2) -> Decimal:
    """The difference of two amounts as they are shown, so that a row adds up to the cent. It may be a cent off the
    exact difference, which programs are given."""
    return rounded(after, places) - rounded(before, places)


def coverage_warnings(diff: CostDiff, region: str) -> tuple[str, ...]:
    """That the price book lacks something which it has for `FULL_REGION`, if it does: one warning or none."""
    if region == FULL_REGION:
        return ()
    estimate = diff.after if diff.after.resources else diff.before
    count = sum(line.monthly is None and line.unit_price is None for line in estimate.lines)
    if not count:
        return ()
    what = "1 cost line has" if count == 1 else f"{count} cost lines have"
    return (f"the price book covers {FULL_REGION}, other regions hardly: in {region} {what} no price",)


def bounded_text(amount: Decimal, bound: Bound, *, known: bool, places: int = 2) -> str:
    """A difference of which `amount` is known, in words; without any `known` part it is unknown."""
    text = signed_money(amount, places=places)
    if bound is Bound.EXACT:
        return text
    if not known:
        return "unknown"
    words = {Bound.AT_LEAST: f"at least {text}", Bound.AT_MOST: f"at most {text}"}
    return words.get(bound, f"{text} + unknown")


def basis_text(estimate: Estimate) -> str:
    """What amounts are made of: `list prices as of 2026-11-20 to 2026-11-21, 3 of unknown date, USD, without free
    tier, discounts and tax`. Empty without a price."""
    dates = _dates_text(estimate)
    if not dates:
        return ""
    tier = "less the free tier, without" if estimate.free_tier else "without free tier,"
    return f"{dates}, USD, {tier} discounts and tax"


def _dates_text(estimate: Estimate) -> str:
    oldest, newest = estimate.oldest, estimate.newest
    if oldest is None:
        return "list prices of unknown date" if estimate.undated else ""
    days = str(oldest) if oldest == newest else f"{oldest} to {newest}"
    undated = f", {estimate.undated} of unknown date" if estimate.undated else ""
    return f"list prices as of {days}{undated}"


def _without(count: int) -> str:
    return f"({count} without a price)"
