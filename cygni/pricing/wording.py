"""How amounts of money are put into words, the same for every renderer (pure).

What has no price is never counted as $0: a total that lacks something says so, and how much it lacks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Final

from cygni.pricing.cost import Estimate, ResourceCost, Status
from cygni.pricing.difference import Bound, CostDiff, ResourceDiff, known_of
from cygni.pricing.exchange import USD, Exchange, decimal_places, mark
from cygni.pricing.money import HOURS_PER_MONTH

FULL_REGION: Final = "us-east-1"
"""The one region of which the book that ships has most of the prices that stacks of Cygni need."""

_FINER: Final = 2
"""Decimal places that an amount of an hour has more than one of a month."""

_WIDE: Final = Context(prec=60)


def money(amount: Decimal, currency: str = USD, *, hourly: bool = False) -> str:
    """`$1,234.50`, `EUR 1,234.50`, `JPY 1,235`; an amount of an hour more finely. Half a cent is rounded away from
    zero, as on an invoice."""
    places = places_of(currency, hourly=hourly)
    shown = rounded(amount, places)
    return f"{'-' if shown < 0 else ''}{mark(currency)}{abs(shown):,.{places}f}"


def converted(usd: Decimal, shown: Exchange) -> str:
    """An amount of dollars in the currency that is shown, as `money` says it."""
    return money(shown.of_usd(usd), shown.currency)


def places_of(currency: str, *, hourly: bool = False) -> int:
    """The decimal places that amounts of a month, or of an hour, are shown with."""
    return decimal_places(currency) + (_FINER if hourly else 0)


def rounded(amount: Decimal, places: int = 2) -> Decimal:
    """As it is shown: half a cent away from zero."""
    return amount.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP, context=_WIDE)


def signed_money(amount: Decimal, currency: str = USD, *, hourly: bool = False) -> str:
    """`+$5.00`, `-$5.00` or `$0.00`."""
    text = money(amount, currency, hourly=hourly)
    return f"+{text}" if amount > 0 else text


def total_text(
    amount: Decimal,
    unknown: int,
    *,
    at_most: Decimal | None = None,
    currency: str = USD,
    hourly: bool = False,
) -> str:
    """The sum of what is known, where `unknown` resources are not wholly in it: `$5.00`, `at least $5.00 (2 resources
    unpriced)`, or `unknown (2 resources unpriced)` when nothing is known. Where all of it costs
    `at_most` so much, that is told instead: `at most $7.00 (2 resources unpriced)`."""
    text = money(amount, currency, hourly=hourly)
    if not unknown:
        return text
    if at_most is not None:
        return f"at most {money(at_most, currency, hourly=hourly)} {_without(unknown)}"
    return f"at least {text} {_without(unknown)}" if amount else f"unknown {_without(unknown)}"


def estimate_text(estimate: Estimate, *, usage: bool = False, hourly: bool = False) -> str:
    """What all of it costs, fixed or by use, a month or an hour, as `total_text` says it."""
    totals, bound = estimate.totals, estimate.at_most
    most = bound.usage_monthly if usage else bound.monthly
    unknown = estimate.usage_unknown if usage else estimate.unknown
    currency = estimate.exchange.currency
    if not hourly:
        known = totals.usage_monthly if usage else totals.monthly
        return total_text(known, unknown, at_most=most, currency=currency)
    most = None if most is None else most / HOURS_PER_MONTH
    known = totals.usage_hourly if usage else totals.hourly
    return total_text(known, unknown, at_most=most, currency=currency, hourly=True)


def delta_text(diff: CostDiff, *, hourly: bool = False) -> str:
    """The difference in fixed cost, as `total_text` says a total: `at least +$5.00 (2 resources unpriced)`."""
    before, after = diff.before.totals, diff.after.totals
    most, currency = diff.at_most.monthly, diff.exchange.currency
    if not hourly:
        text = bounded_text((before.monthly, after.monthly), diff.bound, most, currency)
    else:
        most = None if most is None else most / HOURS_PER_MONTH
        text = bounded_text((before.hourly, after.hourly), diff.bound, most, currency, hourly=True)
    return f"{text} {_without(diff.unknown)}" if diff.unknown else text


def usage_delta_text(diff: CostDiff) -> str:
    """The difference in usage-based cost, as `delta_text` says that in fixed cost."""
    pair = (diff.before.totals.usage_monthly, diff.after.totals.usage_monthly)
    text = bounded_text(pair, diff.usage_bound, diff.at_most.usage_monthly, diff.exchange.currency)
    return f"{text} {_without(diff.usage_unknown)}" if diff.usage_unknown else text


def side_text(cost: ResourceCost | None, *, usage: bool = False) -> str:
    """What one resource costs on one side, a month, fixed or by use: `$5.00`, `free`, `at most $5.00` where the rest is
    bounded, `at least $5.00` where only a part has a price, `no price`, `not priced` for a type without an estimator,
    `-` where it does not exist."""
    if cost is None:
        return "-"
    words = {Status.FREE: "free", Status.NOT_PRICED: "not priced"}
    if cost.status in words and cost.said_at_most is None:
        return words[cost.status]
    whole = cost.cost.usage_monthly if usage else cost.cost.monthly
    known = cost.known.usage_monthly if usage else cost.known.monthly
    if whole is not None:
        return money(whole, cost.currency)
    most = cost.at_most.usage_monthly if usage else cost.at_most.monthly
    if most is not None:
        return f"at most {money(most, cost.currency)}"
    return f"at least {money(known, cost.currency)}" if known else "no price"


def resource_delta_text(diff: ResourceDiff, *, usage: bool = False) -> str:
    """How the cost of one resource differs, a month, fixed or by use: `+$5.00`, `at most +$5.00`, `at least +$5.00`,
    `unknown`."""
    before, after = known_of(diff.before), known_of(diff.after)
    if usage:
        pair, bound, most = (
            (before.usage_monthly, after.usage_monthly),
            diff.usage_bound,
            diff.at_most.usage_monthly,
        )
    else:
        pair, bound, most = (before.monthly, after.monthly), diff.bound, diff.at_most.monthly
    return bounded_text(pair, bound, most, diff.currency)


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


def bounded_text(
    known: tuple[Decimal, Decimal],
    bound: Bound,
    at_most: Decimal | None,
    currency: str = USD,
    *,
    hourly: bool = False,
) -> str:
    """How two sides differ, in words, of which so much is known; where nothing is, it is unknown. The whole is
    `at_most` so much, if anything bounds it."""
    places = places_of(currency, hourly=hourly)
    shown = shown_delta(*known, places=places)
    text = signed_money(shown, currency, hourly=hourly)
    if bound is Bound.EXACT:
        return text
    if at_most is not None and bound is not Bound.AT_MOST:
        most = shown_delta(known[0], known[0] + at_most, places=places)
        return f"at most {signed_money(most, currency, hourly=hourly)}"
    if not any(known):
        return "unknown"
    words = {Bound.AT_LEAST: f"at least {text}", Bound.AT_MOST: f"at most {text}"}
    return words.get(bound, f"{text} + unknown")


def missing_texts(estimate: Estimate) -> tuple[str, ...]:
    """How many lines have no price, those apart that totals have as the most they cost."""
    missing = [line for line in estimate.lines if line.monthly is None]
    bound = estimate.at_most
    bounds = [(bound.usage_monthly if line.usage_based else bound.monthly) is None for line in missing]
    return tuple(
        f"{count} cost {'line' if count == 1 else 'lines'} without a price or a quantity, "
        f"{in_totals(unbounded=unbounded, several=count > 1)}"
        for unbounded, count in sorted(Counter(bounds).items())
    )


def unpriced_in_totals(estimate: Estimate) -> str:
    """Whether totals have what the types without an estimator cost in them."""
    return in_totals(unbounded=estimate.at_most.monthly is None, several=sum(estimate.unpriced.values()) > 1)


def in_totals(*, unbounded: bool, several: bool) -> str:
    """Whether totals have what has no price in them."""
    if unbounded:
        return "so not in the totals"
    return f"in the totals with the most {'they cost' if several else 'it costs'}"


_TERMS: Final = {
    (False, False): "without free tier, discounts and tax",
    (True, False): "less the free tier, without discounts and tax",
    (False, True): "less discounts, without free tier and tax",
    (True, True): "less the free tier and discounts, without tax",
}
"""By whether the free tier and discounts are deducted."""


def basis_text(*estimates: Estimate) -> str:
    """What the amounts of estimates that stand beside each other are made of: `list prices as of 2026-11-20 to
    2026-11-21, 3 of unknown date, USD, without free tier, discounts and tax`. Empty without a price."""
    dates = _dates_text(estimates)
    if not dates:
        return ""
    free_tier, discounted = any(one.free_tier for one in estimates), any(one.discounted for one in estimates)
    exchange = estimates[0].exchange
    currency = f"{exchange.currency} at {exchange.text}" if exchange.text else exchange.currency
    return f"{dates}, {currency}, {_TERMS[free_tier, discounted]}"


def _dates_text(estimates: Sequence[Estimate]) -> str:
    days = [day for one in estimates for day in (one.oldest, one.newest) if day is not None]
    undated = max(one.undated for one in estimates)
    if not days:
        return "list prices of unknown date" if undated else ""
    span = str(min(days)) if min(days) == max(days) else f"{min(days)} to {max(days)}"
    return f"list prices as of {span}" + (f", {undated} of unknown date" if undated else "")


def _without(count: int) -> str:
    return f"({count} {'resource' if count == 1 else 'resources'} unpriced)"
