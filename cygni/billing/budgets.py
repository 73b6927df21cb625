"""How much may be used or spent in a period, and what follows where it is (pure).

A budget is of one kind of amount:

    units       of a meter, in a billing period
    spend       what the billing period comes to by the plan, in the plan's currency
    cloud_cost  what is deployed costs at AWS by Cygni's estimate, in USD a month: a level, which no period resets

Whoever wants to use more reserves it first: what was used, what is reserved and what is asked for stay within a hard
limit together, so that any number who ask at once get what is left and no more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import Final

from cygni.billing.meters import Aggregation
from cygni.billing.periods import Period
from cygni.billing.rating import Usage, rate
from cygni.billing.subscriptions import Segment

THRESHOLDS: Final = (50, 75, 80, 90, 100)
"""Percent of a budget that people may be told at."""
FORECAST_FROM: Final = Fraction(1, 10)
"""The part of a period that has to be over before its pace is taken for that of the whole."""
PAYMENT_GRACE: Final = timedelta(days=14)
"""How long an invoice that is not paid refuses nothing, if nothing else is said."""
_NOTHING: Final = Fraction(0)
_GROWING: Final = frozenset({Aggregation.SUM, Aggregation.COUNT, Aggregation.TIME_WEIGHTED})
"""What goes on as it went: the largest of a period and who was there do not."""


class BudgetKind(StrEnum):
    UNITS = "units"
    SPEND = "spend"
    CLOUD_COST = "cloud_cost"


class BudgetState(StrEnum):
    """`OK` below every threshold; `ALERT` from the first one on. A budget with a hard limit that is used up is `SOFT`
    while what runs is left alone, and `HARD` after that: what its owner chose is done."""

    OK = "ok"
    ALERT = "alert"
    SOFT = "soft"
    HARD = "hard"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a budget allows: `amount` above zero. Of a `hard` limit nobody gets more than is left; what runs is left
    alone for `grace` after it is used up. People are told at each of `thresholds`, in percent."""

    amount: Fraction
    thresholds: frozenset[int] = frozenset(THRESHOLDS)
    hard: bool = False
    grace: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class Position:
    """Where a budget stands in `period`: what was `used`, what is `reserved` by what is under way, and what the period
    comes to by the pace so far (None: too early to tell)."""

    period: Period
    used: Fraction
    reserved: Fraction = _NOTHING
    forecast: Fraction | None = None

    @property
    def taken(self) -> Fraction:
        return self.used + self.reserved


def left(limits: Limits, position: Position) -> Fraction:
    """What can still be reserved; nothing where more than all is taken."""
    return max(limits.amount - position.taken, _NOTHING)


def may_reserve(limits: Limits, position: Position, need: Fraction) -> bool:
    """Whether `need` more fits. What needs nothing itself, but uses as long as it runs, fits where anything is left."""
    if not limits.hard:
        return True
    return position.taken + need <= limits.amount if need > 0 else position.taken < limits.amount


def is_used_up(limits: Limits, position: Position) -> bool:
    """By what was used alone: what is reserved may be given back."""
    return position.used >= limits.amount


def reached(limits: Limits, position: Position) -> tuple[int, ...]:
    """The thresholds that are reached by what was used, the lowest first."""
    share = 100 * position.used
    return tuple(one for one in sorted(limits.thresholds) if share >= one * limits.amount)


def forecast_exceeds(limits: Limits, position: Position) -> bool:
    """Whether more than the budget is to be expected, and is not used yet."""
    return position.forecast is not None and position.used < limits.amount < position.forecast


def state(limits: Limits, position: Position, used_up_since: datetime | None, now: datetime) -> BudgetState:
    """`used_up_since` is when it was first seen used up in this period; None: it is now."""
    if limits.hard and is_used_up(limits, position):
        since = used_up_since or now
        return BudgetState.HARD if now >= since + limits.grace else BudgetState.SOFT
    return BudgetState.ALERT if reached(limits, position) else BudgetState.OK


def pace(period: Period, now: datetime) -> Fraction | None:
    """By how much what grows with time will have grown when `period` ends; None where it is too early to tell."""
    passed = Period(period.start, min(max(now, period.start), period.end)).share_of(period)
    return 1 / passed if passed >= FORECAST_FROM else None


def expected(aggregation: Aggregation, quantity: Fraction, period: Period, now: datetime) -> Fraction | None:
    """What the quantity of a meter comes to when `period` ends, if it goes on as it went; None: too early to tell."""
    growth = pace(period, now)
    if growth is None:
        return None
    return quantity * growth if aggregation in _GROWING else quantity


def spent(
    segments: Iterable[tuple[Segment, Usage]], shares: Mapping[str, Fraction] | None = None
) -> Fraction:
    """What the parts of a period come to, before credits and tax, where each tells what was used in it by meter.

    With `shares` it is what a part of the organisation comes to: of what each meter costs its share of the quantity.
    Fees and minimums are of the organisation alone."""
    lines = [line for segment, usage in segments for line in rate(segment, usage)]
    if shares is None:
        return sum((Fraction(line.amount) for line in lines), _NOTHING)
    of_meters = (line.exact * shares.get(line.meter, _NOTHING) for line in lines if line.meter is not None)
    return sum(of_meters, _NOTHING)


def kept_up(
    aggregation: Aggregation, used: Fraction, so_far: Fraction, segment: Segment, now: datetime
) -> Fraction | None:
    """What a meter comes to in a part of a period, of which `used` was used by now, if the rest of it goes at the pace
    at which `so_far` was used in the period; None: too early to tell."""
    if pace(segment.period, now) is None:
        return None
    begun = Period(segment.period.start, now)
    rest = segment.span.overlap(Period(now, max(now, segment.period.end)))
    if rest is None or aggregation not in _GROWING:
        return used
    return used + so_far * Fraction(rest.microseconds, begun.microseconds)


def share(part: Fraction, whole: Fraction) -> Fraction:
    """Which share of a meter's quantity a part of an organisation has, from 0 to 1."""
    return min(max(part / whole, _NOTHING), Fraction(1)) if whole > 0 else _NOTHING


class Step(StrEnum):
    """What is done to an environment where a hard limit is used up. A paused environment runs nothing; one at its
    floor runs one task of each service, and of those that are autoscaled as few as their load allows."""

    PAUSE = "pause"
    FLOOR = "floor"


@dataclass(frozen=True, slots=True)
class Ladder:
    """What the owner of a budget chose to have done; that new deployments are refused needs no choice."""

    pause_previews: bool = False
    scale_to_floor: bool = False


def step_for(environment: str, ladder: Ladder) -> Step | None:
    """What is done to an environment of this name. Only previews are paused, whatever was chosen: other environments
    go on to run, and nothing is ever deleted."""
    if is_preview(environment):
        return Step.PAUSE if ladder.pause_previews else None
    return Step.FLOOR if ladder.scale_to_floor else None


def limited(step: Step, counts: Mapping[str, int]) -> dict[str, int]:
    """The numbers of tasks that services are scaled to, of those that run more."""
    most = 0 if step is Step.PAUSE else 1
    return {name: most for name, count in counts.items() if count > most}


def is_preview(environment: str) -> bool:
    return environment.startswith("preview-")
