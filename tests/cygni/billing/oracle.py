"""What usage costs, worked out in the plainest way there is: no shared code with what it judges, but its plans.

Time goes by in whole steps from one change to the next, units are filled into tiers one tier after the other, and every
event is looked at for every charge.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from itertools import pairwise
from zoneinfo import ZoneInfo

from cygni.billing.meters import Aggregation, Meter
from cygni.billing.plans import FlatFee, PlanVersion, UsageCharge
from cygni.billing.prices import Graduated, Package, PerUnit, Price, Volume
from cygni.billing.subscriptions import Subscription

PLACES = {"USD": 2, "JPY": 0, "KWD": 3}


@dataclass(frozen=True)
class Event:
    """`quantity` of `meter` at `at`, of which the control plane heard at `received`."""

    id: str
    meter: str
    at: datetime
    received: datetime
    quantity: Decimal
    subject: str


def month_starts(anchor: date, zone: str, months: int) -> list[datetime]:
    """The first moment of each period, found by walking through the calendar day by day."""
    starts: list[datetime] = []
    day, wanted = anchor, (anchor.year, anchor.month)
    while len(starts) <= months:
        last = (day + timedelta(days=1)).month != day.month
        if (day.year, day.month) == wanted and (day.day == anchor.day or (last and day.day < anchor.day)):
            starts.append(datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC))
            wanted = (wanted[0] + wanted[1] // 12, wanted[1] % 12 + 1)
        day += timedelta(days=1)
    return starts


def due(
    subscription: Subscription,
    meters: dict[str, Meter],
    events: Iterable[Event],
    start: datetime,
    end: datetime,
) -> dict[str, Decimal]:
    """What a period costs by key of charge, each line rounded; what costs nothing is left out."""
    known = list(events)
    moments = {start, end, *(phase.start for phase in subscription.phases)}
    moments |= {moment for moment in (subscription.trial_end, subscription.end) if moment is not None}
    cuts = sorted(moment for moment in moments if start <= moment <= end)
    found: dict[str, Decimal] = defaultdict(Decimal)
    for since, until in pairwise(cuts):
        plan = _plan_at(subscription, since)
        on_trial = subscription.trial_end is not None and since < subscription.trial_end
        if plan is None or (subscription.end is not None and subscription.end <= since) or on_trial:
            continue
        share = Fraction(
            (until - since) // timedelta(microseconds=1), (end - start) // timedelta(microseconds=1)
        )
        lines = _lines(plan, meters, known, (since, until), share)
        for key, amount in lines.items():
            found[key] += amount
        missing = _round(Fraction(plan.minimum) * share, plan.currency) - sum(lines.values())
        if missing > 0:
            found["minimum"] += missing
    return {key: amount for key, amount in found.items() if amount}


def _lines(
    plan: PlanVersion,
    meters: dict[str, Meter],
    events: list[Event],
    span: tuple[datetime, datetime],
    share: Fraction,
) -> dict[str, Decimal]:
    lines = {}
    for charge in plan.charges:
        match charge:
            case FlatFee():
                amount = Fraction(charge.amount) * share
            case UsageCharge():
                used = _used(
                    meters[charge.meter], [one for one in events if one.meter == charge.meter], span, share
                )
                amount = _cost(charge.price, used - Fraction(charge.included) * share)
                amount = max(amount, Fraction(charge.minimum) * share)
        lines[charge.key] = _round(amount, plan.currency)
    return lines


def _plan_at(subscription: Subscription, moment: datetime) -> PlanVersion | None:
    found = None
    for phase in subscription.phases:
        if phase.start <= moment:
            found = phase.plan
    return found


def _used(meter: Meter, events: list[Event], span: tuple[datetime, datetime], share: Fraction) -> Fraction:
    within = [event for event in events if span[0] <= event.at < span[1]]
    match meter.aggregation:
        case Aggregation.SUM:
            return sum((Fraction(event.quantity) for event in within), Fraction(0))
        case Aggregation.COUNT:
            return Fraction(len(within))
        case Aggregation.UNIQUE_COUNT:
            return Fraction(len({event.subject for event in within}))
        case Aggregation.MAX:
            return max((Fraction(event.quantity) for event in within), default=Fraction(0)) * share
        case Aggregation.TIME_WEIGHTED:
            return _average(events, span, share)


def _average(events: list[Event], span: tuple[datetime, datetime], share: Fraction) -> Fraction:
    """Walks through time from change to change, with what every subject holds at each."""
    held: dict[str, Decimal] = {}
    total, now = Fraction(0), span[0]
    for event in sorted(events, key=lambda one: (one.at, one.id)):
        if event.at >= span[1]:
            break
        if event.at > now:
            total += Fraction(sum(held.values())) * Fraction((event.at - now) // timedelta(microseconds=1))
            now = event.at
        held[event.subject] = event.quantity
    total += Fraction(sum(held.values())) * Fraction((span[1] - now) // timedelta(microseconds=1))
    return total / Fraction((span[1] - span[0]) // timedelta(microseconds=1)) * share


def _cost(price: Price, quantity: Fraction) -> Fraction:
    if quantity <= 0:
        return Fraction(0)
    match price:
        case PerUnit():
            return Fraction(price.unit_price) * quantity
        case Package():
            packages = 0
            while packages * Fraction(price.size) < quantity:
                packages += 1
            return packages * Fraction(price.price)
        case Volume():
            for tier in price.tiers:
                if tier.up_to is None or quantity <= Fraction(tier.up_to):
                    return quantity * Fraction(tier.unit_price) + Fraction(tier.fee)
        case Graduated():
            cost, left, below = Fraction(0), quantity, Fraction(0)
            for tier in price.tiers:
                room = left if tier.up_to is None else Fraction(tier.up_to) - below
                taken = min(left, room)
                if taken > 0:
                    cost += taken * Fraction(tier.unit_price) + Fraction(tier.fee)
                left, below = left - taken, below + taken
            return cost
    raise AssertionError("a last tier without an end")


def _round(amount: Fraction, currency: str) -> Decimal:
    """Through a decimal of 60 digits, where what it judges goes through whole numbers."""
    exact = Context(prec=60).divide(Decimal(amount.numerator), Decimal(amount.denominator))
    return exact.quantize(
        Decimal(1).scaleb(-PLACES[currency]), rounding=ROUND_HALF_EVEN, context=Context(prec=60)
    )
