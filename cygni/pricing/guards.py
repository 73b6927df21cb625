"""What a change may cost: how much more, and how much at all (pure).

A guard that cannot know stops: what has no price and comes or grows may cost anything. What only goes, or stays as it
is, never stops a deploy, also where a budget is exceeded already: what saves money must be possible.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from cygni.cost_limits import CostLimits, Elsewhere, Increase
from cygni.errors import CostGuard
from cygni.pricing.difference import Bound, CostDiff
from cygni.pricing.money import ZERO
from cygni.pricing.wording import bounded_text, money, total_text

WARN_AT: Final = Decimal("0.8")
"""Of a budget."""

_RISES: Final = (Bound.AT_LEAST, Bound.OPEN)


@dataclass(frozen=True, slots=True)
class _Counted:
    """What counts of a difference."""

    before: Decimal
    after: Decimal
    bound: Bound
    unknown: int
    unknown_after: int

    @classmethod
    def of(cls, diff: CostDiff, limits: CostLimits) -> _Counted:
        before, after = diff.before.totals, diff.after.totals
        if not limits.count_usage:
            return cls(before.monthly, after.monthly, diff.bound, diff.unknown, diff.after.unknown)
        return cls(
            before.monthly + before.usage_monthly,
            after.monthly + after.usage_monthly,
            Bound.over((diff.bound, diff.usage_bound)),
            max(diff.unknown, diff.usage_unknown),
            max(diff.after.unknown, diff.after.usage_unknown),
        )

    @property
    def delta(self) -> Decimal:
        return self.after - self.before

    @property
    def rises(self) -> bool:
        """Whether it costs more, or may."""
        return self.delta > 0 or self.bound in _RISES


def guard_increase(diff: CostDiff, limits: CostLimits) -> None:
    """Raises CostGuard if the change costs more than `limits` allow, or if it may."""
    counted = _Counted.of(diff, limits)
    for increase in limits.increases:
        allowed = increase.allowed(counted.before, anything=bool(diff.before.resources))
        if allowed is not None:
            _hold(counted, allowed, increase)


def _hold(counted: _Counted, allowed: Decimal, increase: Increase) -> None:
    details = {"delta_monthly": str(counted.delta), "limit_monthly": str(allowed)}
    most = f"{money(allowed)}{increase.text}"
    if counted.delta > allowed and counted.bound in (Bound.EXACT, Bound.AT_LEAST):
        raise CostGuard(
            f"this would cost {'at least ' if counted.unknown else ''}{money(counted.delta)} a month more, "
            f"and at most {most} is allowed",
            hint="Change what is deployed, or allow more with --max-cost-increase.",
            details=details,
        )
    if counted.delta > allowed or counted.bound in _RISES:
        known = bool(counted.before or counted.after)
        text = bounded_text(counted.delta, counted.bound, known=known)
        text = f"{text} ({counted.unknown} without a price)" if counted.unknown else text
        raise CostGuard(
            f"the cost would change by {text} a month, so it is not known whether it stays within {most}",
            hint="See which in the plan. Without a limit they are shown but not guarded.",
            details={**details, "unknown": counted.unknown},
        )


@dataclass(frozen=True, slots=True)
class _Budget:
    name: str
    setting: str
    limit: Decimal
    spent: Decimal
    unknown: int

    @property
    def text(self) -> str:
        return f"{total_text(self.spent, self.unknown)} a month of its budget of {money(self.limit)}"


def _budgets(counted: _Counted, limits: CostLimits, elsewhere: Elsewhere | None) -> Iterator[_Budget]:
    if limits.budget is not None:
        yield _Budget("this environment", "cost.budget", limits.budget, counted.after, counted.unknown_after)
    if limits.project_budget is not None and elsewhere is not None:
        others = elsewhere.monthly + (elsewhere.usage_monthly if limits.count_usage else ZERO)
        unknown = counted.unknown_after + elsewhere.unknown
        yield _Budget(
            "the project", "cost.project_budget", limits.project_budget, counted.after + others, unknown
        )


def guard_budgets(diff: CostDiff, limits: CostLimits, elsewhere: Elsewhere | None = None) -> None:
    """Raises CostGuard if the change costs more, or may, and a budget would be exceeded, or may be."""
    counted = _Counted.of(diff, limits)
    if not counted.rises:
        return
    for budget in _budgets(counted, limits, elsewhere):
        details = {"after_monthly": str(budget.spent), "budget_monthly": str(budget.limit)}
        if budget.spent > budget.limit:
            raise CostGuard(
                f"{budget.name} would cost {budget.text}",
                hint=f"Change what is deployed, or raise {budget.setting} in cygni.yaml.",
                details=details,
            )
        if counted.bound in _RISES:
            raise CostGuard(
                f"{budget.name} would cost {budget.text}, and something without a price comes, so it is not known "
                "whether it stays within",
                hint=f"See which in the plan, or remove {budget.setting} from cygni.yaml.",
                details={**details, "unknown": budget.unknown},
            )


def budget_warnings(
    diff: CostDiff, limits: CostLimits, elsewhere: Elsewhere | None = None
) -> tuple[str, ...]:
    """What to be told of budgets: that one is nearly used, or exceeded, or cannot be judged."""
    return tuple(_warnings(_Counted.of(diff, limits), limits, elsewhere))


def worth_telling(diff: CostDiff, above: Decimal) -> bool:
    """Whether a difference is more than `above`, in USD a month, fixed or by use, up or down; or may be."""
    known = diff.delta
    rises = diff.bound in _RISES or diff.usage_bound in _RISES
    return rises or max(abs(known.monthly), abs(known.usage_monthly)) > above


def _warnings(counted: _Counted, limits: CostLimits, elsewhere: Elsewhere | None) -> Iterator[str]:
    for budget in _budgets(counted, limits, elsewhere):
        if budget.spent > budget.limit:
            yield f"{budget.name} exceeds its budget: {budget.text}"
        elif budget.spent >= budget.limit * WARN_AT:
            share = budget.spent / budget.limit * 100 if budget.limit else Decimal(100)
            yield f"{budget.name} uses {share:.0f} % of its budget: {budget.text}"
    if limits.project_budget is not None and elsewhere is not None and elsewhere.unread:
        yield f"the cost of {', '.join(elsewhere.unread)} is not known, so not in the budget of the project"
