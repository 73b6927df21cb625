"""Which plan holds when (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from cygni.billing.periods import BillingCycle, Period
from cygni.billing.plans import PlanVersion


@dataclass(frozen=True, slots=True)
class Phase:
    """From `start` on, `plan` holds."""

    start: datetime
    plan: PlanVersion


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a period in which nothing changes: `span` of `period`, under `plan`; free while `on_trial`."""

    period: Period
    span: Period
    plan: PlanVersion
    on_trial: bool = False


@dataclass(frozen=True, slots=True)
class Subscription:
    """What an organization is billed by. It begins with the first of its `phases`, which are in order, is free until
    `trial_end`, and ends with `end`.

    Raises ValueError without phases, for phases that do not follow each other, and for plans in different currencies.
    """

    cycle: BillingCycle
    phases: tuple[Phase, ...]
    trial_end: datetime | None = None
    end: datetime | None = None

    def __post_init__(self) -> None:
        if not self.phases:
            raise ValueError("a subscription has a plan")
        if any(one.start >= following.start for one, following in pairwise(self.phases)):
            raise ValueError("each phase begins after the one before")
        if len({phase.plan.currency for phase in self.phases}) > 1:
            raise ValueError("a subscription has one currency; another one needs another subscription")

    @property
    def currency(self) -> str:
        return self.phases[0].plan.currency

    def segments(self, period: Period) -> tuple[Segment, ...]:
        """The parts of `period` in which it holds, in their order."""
        changes = [phase.start for phase in self.phases]
        changes += [moment for moment in (self.trial_end, self.end) if moment is not None]
        cuts = sorted({period.start, period.end, *(moment for moment in changes if moment in period)})
        spans = [Period(start, end) for start, end in pairwise(cuts)]
        return tuple(segment for span in spans if (segment := self._segment(period, span)) is not None)

    def _segment(self, period: Period, span: Period) -> Segment | None:
        begun = [phase for phase in self.phases if phase.start <= span.start]
        if not begun or (self.end is not None and span.start >= self.end):
            return None
        on_trial = self.trial_end is not None and span.start < self.trial_end
        return Segment(period, span, begun[-1].plan, on_trial)
