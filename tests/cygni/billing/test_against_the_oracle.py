"""Random histories billed month after month, with what comes late and is taken back, against brute force."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest

from cygni.billing.adjustments import adjustments
from cygni.billing.invoices import invoice
from cygni.billing.levels import Level, time_weighted
from cygni.billing.meters import Aggregation
from cygni.billing.periods import Period
from cygni.billing.rating import Line, Usage, rate_period
from cygni.billing.subscriptions import Segment, Subscription
from cygni.billing.tallies import NOTHING, Tally, quantity, tally_of
from tests.cygni.billing.histories import ALL_METERS, MONTHS, History, history
from tests.cygni.billing.oracle import Event, due, month_starts

SEEDS, EACH = range(8), 250
GRACE = timedelta(hours=24)


def usage_in(events: Iterable[Event]) -> Callable[[Segment], Usage]:
    """As the control plane has it: tallies for what adds up, and events for the rest."""
    known = list(events)

    def used(segment: Segment) -> Usage:
        share = segment.span.share_of(segment.period)
        return {key: _used(key, segment, share) for key in segment.plan.meters}

    def _used(key: str, segment: Segment, share: Fraction) -> Fraction:
        own = [event for event in known if event.meter == key]
        match ALL_METERS[key].aggregation:
            case Aggregation.TIME_WEIGHTED:
                levels = [Level(event.subject, event.at, event.id, event.quantity) for event in own]
                return time_weighted(levels, segment.span, segment.period)
            case Aggregation.UNIQUE_COUNT:
                return Fraction(len({event.subject for event in own if event.at in segment.span}))
            case aggregation:
                tallies: list[Tally] = [tally_of(event.quantity) for event in own if event.at in segment.span]
                return quantity(aggregation, sum(tallies, NOTHING), share)

    return used


def heard(events: Iterable[Event], moment: datetime) -> list[Event]:
    return [event for event in events if event.received <= moment]


def lines_of(subscription: Subscription, period: Period, events: Iterable[Event]) -> tuple[Line, ...]:
    return rate_period(subscription, period, usage_in(events))


def billed_in_time(of: History, periods: list[Period]) -> list[dict[str, Decimal]]:
    """What was billed for each period in the end, by its own invoice and those that followed."""
    billed: list[dict[str, Decimal]] = [defaultdict(Decimal) for _ in periods]
    names: dict[str, str] = {}
    for number, period in enumerate(periods):
        known = heard(of.events, period.end + GRACE)
        lines = lines_of(of.subscription, period, known)
        late = [
            one
            for earlier in range(number)
            for one in adjustments(
                periods[earlier], billed[earlier], lines_of(of.subscription, periods[earlier], known), names
            )
        ]
        made = invoice(of.subscription.currency, period, lines, adjustments=late)
        for line in made.lines:
            billed[number][line.key] += line.amount
            names[line.key] = line.name
        for one in made.adjustments:
            billed[periods.index(one.period)][one.key] += one.amount
    return [{key: amount for key, amount in one.items() if amount} for one in billed]


@pytest.mark.parametrize("seed", SEEDS)
def test_no_cent_differs(seed: int) -> None:
    random = Random(seed)
    for number in range(EACH):
        of = history(random)
        cycle = of.subscription.cycle
        starts = month_starts(cycle.anchor, cycle.zone, MONTHS)
        periods = [cycle.period(month) for month in range(MONTHS)]
        assert [*(period.start for period in periods), periods[-1].end] == starts, (seed, number)
        last = heard(of.events, periods[-1].end + GRACE)
        expected = [due(of.subscription, ALL_METERS, last, one.start, one.end) for one in periods]
        assert billed_in_time(of, periods) == expected, (seed, number)
