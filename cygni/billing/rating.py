"""Usage and a plan give lines (pure).

Each part of a period in which nothing changes is rated by itself: what was used in it, at the prices that held in it.
Fees, included units and minimums go by its share of the period's time; tiers begin anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from cygni.billing.exact import rounded
from cygni.billing.periods import Period
from cygni.billing.plans import MINIMUM, Charge, FlatFee, PlanVersion, UsageCharge
from cygni.billing.prices import Step, amount_of
from cygni.billing.subscriptions import Segment, Subscription

_NOTHING = Fraction(0)


class LineKind(StrEnum):
    FEE = "fee"
    USAGE = "usage"
    MINIMUM = "minimum"


@dataclass(frozen=True, slots=True)
class Line:
    """What one charge of a plan comes to in `span`.

    `quantity` units were used, of which `included` cost nothing; the rest went through `steps`. A charge with a minimum
    is lifted to `at_least`. On a trial the amount is zero. `exact` is the amount before `amount` was rounded.
    """

    key: str
    name: str
    kind: LineKind
    plan: PlanVersion
    span: Period
    exact: Fraction
    amount: Decimal
    quantity: Fraction = _NOTHING
    included: Fraction = _NOTHING
    steps: tuple[Step, ...] = ()
    at_least: Fraction = _NOTHING
    on_trial: bool = False
    meter: str | None = None


Usage = Mapping[str, Fraction]
"""Quantities by meter."""


def rate_period(
    subscription: Subscription, period: Period, usage_in: Callable[[Segment], Usage]
) -> tuple[Line, ...]:
    """All lines of a period, where `usage_in` tells what was used in a part of it."""
    return tuple(line for part in subscription.segments(period) for line in rate(part, usage_in(part)))


def rate(segment: Segment, usage: Usage) -> tuple[Line, ...]:
    """The lines of a segment, where `usage` is what was used in it by meter; a meter without any was not used."""
    lines = [_line(segment, charge, usage) for charge in segment.plan.charges]
    lines += _minimum(segment, lines)
    return tuple(lines)


def _line(segment: Segment, charge: Charge, usage: Usage) -> Line:
    share = segment.span.share_of(segment.period)
    match charge:
        case FlatFee():
            return _made(
                segment, charge.key, charge.name, LineKind.FEE, exact=Fraction(charge.amount) * share
            )
        case UsageCharge():
            return _usage_line(segment, charge, max(usage.get(charge.meter, _NOTHING), _NOTHING), share)


def _usage_line(segment: Segment, charge: UsageCharge, quantity: Fraction, share: Fraction) -> Line:
    included = min(quantity, Fraction(charge.included) * share)
    steps = charge.price.steps(quantity - included)
    at_least = Fraction(charge.minimum) * share
    return _made(
        segment, charge.key, charge.name, LineKind.USAGE,
        exact=max(amount_of(steps), at_least),
        quantity=quantity, included=included, steps=steps, at_least=at_least, meter=charge.meter,
    )  # fmt: skip


def _minimum(segment: Segment, lines: Sequence[Line]) -> list[Line]:
    """What is missing to the plan's minimum, if anything is: of the rounded lines, so that both sum up to it."""
    plan = segment.plan
    least = rounded(Fraction(plan.minimum) * segment.span.share_of(segment.period), plan.currency)
    missing = least - sum((line.amount for line in lines), Decimal(0))
    if segment.on_trial or missing <= 0:
        return []
    return [_made(segment, MINIMUM, "Minimum of the plan", LineKind.MINIMUM, exact=Fraction(missing))]


def _made(
    segment: Segment, key: str, name: str, kind: LineKind, *, exact: Fraction,
    quantity: Fraction = _NOTHING, included: Fraction = _NOTHING, steps: tuple[Step, ...] = (),
    at_least: Fraction = _NOTHING, meter: str | None = None,
) -> Line:  # fmt: skip
    due = _NOTHING if segment.on_trial else exact
    return Line(
        key, name, kind, segment.plan, segment.span, due, rounded(due, segment.plan.currency),
        quantity, included, steps, at_least, segment.on_trial, meter,
    )  # fmt: skip
