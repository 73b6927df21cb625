"""What a subscription becomes when a plan is set, and whether that may be (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from cygni.billing.periods import BillingCycle
from cygni.billing.plans import PlanVersion
from cygni.billing.subscriptions import Phase, Subscription
from cygni.errors import UsageError, WrongState
from platform_api.subscriptions.repository import Subscribed

FURTHEST = timedelta(days=366)
"""How far ahead a change may be planned."""
LATEST = timedelta(days=35)
"""How far back a subscription may begin: usage is told as late."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """`plan` from `at` on. What is None stays as it is, or is as usual where the subscription begins: periods of a
    month from that day on in UTC, the plan's trial, no tax."""

    plan: PlanVersion
    at: datetime
    zone: str | None = None
    anchor: date | None = None
    months: int | None = None
    trial_days: int | None = None
    tax_rate: Decimal | None = None


def begun(wanted: Wanted, before: Sequence[Subscribed], now: datetime) -> Subscription:
    """A new subscription, after those that ended. Raises UsageError for a moment that is too far away, and WrongState
    for one at which another one held."""
    _require_near(wanted.at, now)
    if wanted.at < now - LATEST:
        raise UsageError(
            f"a subscription does not begin {(now - wanted.at).days} days ago",
            hint=f"It may begin {LATEST.days} days ago at most: older usage is not told any more.",
        )
    last = max((one.subscription.end for one in before if one.subscription.end), default=None)
    if last is not None and wanted.at < last:
        raise WrongState(
            f"the subscription before ended {last.isoformat()}", hint="Let the next one begin then, or later."
        )
    zone = wanted.zone or "UTC"
    day = wanted.at.astimezone(ZoneInfo(zone)).date()
    anchor = wanted.anchor or day
    if abs(anchor - day) > FURTHEST:
        raise UsageError(
            f"the anchor {anchor} is more than a year away from {day}, when the subscription begins",
            hint="It is any day on which a period begins.",
        )
    cycle = BillingCycle(anchor, zone, wanted.months or 1)
    days = wanted.plan.trial_days if wanted.trial_days is None else wanted.trial_days
    trial_end = wanted.at + timedelta(days=days) if days else None
    return Subscription(cycle, (Phase(wanted.at, wanted.plan),), trial_end=trial_end)


def changed(held: Subscription, wanted: Wanted, now: datetime) -> Subscription:
    """With `wanted.plan` from that moment on, in place of what was planned for later, and without an end. Raises
    UsageError, and WrongState for a moment in a period that is billed."""
    _refuse_other_cycle(held, wanted)
    _require_near(wanted.at, now)
    if wanted.plan.currency != held.currency:
        raise UsageError(
            f"the subscription is in {held.currency}, and the plan {wanted.plan.key!r} in {wanted.plan.currency}",
            hint="Cancel it, and subscribe to the plan when it has ended: cx subscription cancel",
        )
    first = earliest(held, now)
    if wanted.at < first:
        raise WrongState(
            f"what was before {first.isoformat()} is billed already",
            hint="Let the plan change then, or later.",
        )
    kept = tuple(phase for phase in held.phases if phase.start < wanted.at)
    phases = kept if kept and kept[-1].plan == wanted.plan else (*kept, Phase(wanted.at, wanted.plan))
    return Subscription(held.cycle, phases, trial_end=held.trial_end)


def earliest(held: Subscription, now: datetime) -> datetime:
    """From when on plans may change: the period that goes on is in no invoice that is final, those before may be."""
    return max(held.phases[0].start, held.cycle.period_at(now).start)


def cancelled(held: Subscription, now: datetime) -> Subscription:
    """Until its period ends, the first one where it has not begun."""
    end = held.cycle.period_at(max(now, held.phases[0].start)).end
    phases = tuple(phase for phase in held.phases if phase.start < end)
    return Subscription(held.cycle, phases, trial_end=held.trial_end, end=end)


def _require_near(at: datetime, now: datetime) -> None:
    if at > now + FURTHEST:
        raise UsageError(
            f"{(at - now).days} days ahead is too far", hint=f"Plan it {FURTHEST.days} days ahead at most."
        )


def _refuse_other_cycle(held: Subscription, wanted: Wanted) -> None:
    cycle = held.cycle
    asked = {
        "zone": (wanted.zone, cycle.zone), "anchor": (wanted.anchor, cycle.anchor),
        "months": (wanted.months, cycle.months), "trial_days": (wanted.trial_days, None),
    }  # fmt: skip
    other = [name for name, (value, there) in asked.items() if value is not None and value != there]
    if other:
        raise UsageError(
            f"`{other[0]}` is said where a subscription begins, and this one has begun",
            hint="Cancel it, and begin another one when it has ended: cx subscription cancel",
        )
