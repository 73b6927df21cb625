"""What a change may cost: how much more, and how much at all (pure).

A guard goes by the most that anything costs. Where nothing bounds what comes or grows, it cannot know, and stops. What
only goes, or stays as it is, never stops a deploy, also where a budget is exceeded already: what saves money must be
possible. It judges dollars, and words what it finds in the currency that is shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from cygni.cost_limits import CostLimits, Elsewhere, Increase
from cygni.errors import CostGuard
from cygni.pricing.bounding_hint import bounding_hint
from cygni.pricing.cost import AtMost
from cygni.pricing.difference import Bound, CostDiff, ResourceDiff
from cygni.pricing.exchange import DOLLARS, USD, Exchange
from cygni.pricing.money import ZERO
from cygni.pricing.wording import converted, signed_money, total_text
from cygni.resources import short_type

WARN_AT: Final = Decimal("0.8")
"""Of a budget."""

_RISES: Final = (Bound.AT_LEAST, Bound.OPEN)


_NAMED: Final = 3
_LESS_OR_MORE: Final = "Change what is deployed, or allow more with --max-cost-increase."


@dataclass(frozen=True, slots=True)
class _Counted:
    """What counts of a difference, USD a month. `beyond` is the most that the lines after it cost which have no price
    and are bounded, `most` the most that the difference is, and `unbounded` is what comes or grows without a
    bound; with `usage` cost by use counts."""

    before: Decimal
    after: Decimal
    beyond: Decimal
    bound: Bound
    most: Decimal | None
    unknown: int
    unknown_after: int
    unbounded: tuple[ResourceDiff, ...]
    usage: bool

    @classmethod
    def of(cls, diff: CostDiff, limits: CostLimits) -> _Counted:
        before, after, usage = diff.before.totals, diff.after.totals, limits.count_usage
        bounded = diff.after.bounded_monthly + (diff.after.bounded_usage_monthly if usage else ZERO)
        known = after.monthly + (after.usage_monthly if usage else ZERO)
        return cls(
            before=before.monthly + (before.usage_monthly if usage else ZERO),
            after=known,
            beyond=bounded - known,
            bound=Bound.over((diff.bound, diff.usage_bound)) if usage else diff.bound,
            most=_counted_most(diff.at_most, usage),
            unknown=max(diff.unknown, diff.usage_unknown if usage else 0),
            unknown_after=max(diff.after.unknown, diff.after.usage_unknown if usage else 0),
            unbounded=tuple(one for one in diff.resources if _counted_most(one.at_most, usage) is None),
            usage=usage,
        )

    @property
    def delta(self) -> Decimal:
        return self.after - self.before

    @property
    def unbounded_names(self) -> list[str]:
        return [f"{short_type(one.type)} {one.name}" for one in self.unbounded]

    def unbounded_hint(self, otherwise: str) -> str:
        return bounding_hint(self.unbounded, otherwise, count_usage=self.usage)

    @property
    def unbounded_text(self) -> str:
        """`nothing bounds what ec2.SpotFleetRequest a costs`."""
        rest = len(self.unbounded) - _NAMED
        names = ", ".join(self.unbounded_names[:_NAMED]) + (f" and {rest} more" if rest > 0 else "")
        return f"nothing bounds what {names} {'costs' if len(self.unbounded) == 1 else 'cost'}"

    @property
    def rises(self) -> bool:
        """Whether it costs more, or may."""
        return self.delta > 0 or self.bound in _RISES


def _counted_most(bound: AtMost, usage: bool) -> Decimal | None:
    if not usage or bound.monthly is None:
        return bound.monthly
    return None if bound.usage_monthly is None else bound.monthly + bound.usage_monthly


def guard_increase(diff: CostDiff, limits: CostLimits, shown: Exchange = DOLLARS) -> None:
    """Raises CostGuard if the change costs more than `limits` allow, or if it may. Amounts in its details are USD."""
    counted = _Counted.of(diff, limits)
    for increase in limits.increases:
        allowed = increase.allowed(counted.before, anything=bool(diff.before.resources))
        if allowed is not None:
            _hold(counted, allowed, increase, shown)


def _hold(counted: _Counted, allowed: Decimal, increase: Increase, shown: Exchange) -> None:
    details = {"currency": USD, "delta_monthly": str(counted.delta), "limit_monthly": str(allowed)}
    limit = f"{converted(allowed, shown)}{increase.text}"
    if counted.delta > allowed and counted.bound in (Bound.EXACT, Bound.AT_LEAST):
        raise CostGuard(
            f"this would cost {'at least ' if counted.unknown else ''}{converted(counted.delta, shown)} a month more, "
            f"and at most {limit} is allowed",
            hint=_LESS_OR_MORE,
            details=details,
        )
    if counted.most is None:
        difference = signed_money(shown.of_usd(counted.delta), shown.currency)
        known = f"beside a difference of {difference} a month, " if counted.delta else ""
        raise CostGuard(
            f"{known}{counted.unbounded_text}, so it is not known whether this stays within {limit} a month more",
            hint=counted.unbounded_hint("leave out the limit."),
            details={**details, **_unbounded_details(counted)},
        )
    if counted.most > allowed:
        raise CostGuard(
            f"this may cost up to {converted(counted.most, shown)} a month more, and at most {limit} is allowed",
            hint=_LESS_OR_MORE,
            details={**details, "delta_monthly_at_most": str(counted.most)},
        )


def _unbounded_details(counted: _Counted) -> dict[str, object]:
    return {"unknown": counted.unknown, "unbounded": counted.unbounded_names}


@dataclass(frozen=True, slots=True)
class _Budget:
    name: str
    setting: str
    limit: Decimal
    spent: Decimal
    beyond: Decimal
    unknown: int
    shown: Exchange

    @property
    def most(self) -> Decimal:
        """What has a price, and the most that the rest costs where it is bounded."""
        return self.spent + self.beyond

    @property
    def text(self) -> str:
        spent = self.shown.of_usd(self.spent)
        known = total_text(spent, self.unknown, currency=self.shown.currency)
        if self.beyond:
            known = f"{known}, up to {converted(self.most, self.shown)} with what is bounded,"
        return f"{known} a month of its budget of {converted(self.limit, self.shown)}"


def _budgets(
    counted: _Counted, limits: CostLimits, elsewhere: Elsewhere | None, shown: Exchange
) -> Iterator[_Budget]:
    if limits.budget is not None:
        yield _Budget(
            "this environment",
            "cost.budget",
            limits.budget,
            counted.after,
            counted.beyond,
            counted.unknown_after,
            shown,
        )
    if limits.project_budget is not None and elsewhere is not None:
        others = elsewhere.monthly + (elsewhere.usage_monthly if limits.count_usage else ZERO)
        beyond = elsewhere.beyond + (elsewhere.usage_beyond if limits.count_usage else ZERO)
        yield _Budget(
            "the project",
            "cost.project_budget",
            limits.project_budget,
            counted.after + others,
            counted.beyond + beyond,
            counted.unknown_after + elsewhere.unknown,
            shown,
        )


def guard_budgets(
    diff: CostDiff, limits: CostLimits, elsewhere: Elsewhere | None = None, shown: Exchange = DOLLARS
) -> None:
    """Raises CostGuard if the change costs more, or may, and a budget would be exceeded, or may be. Amounts in its
    details are USD."""
    counted = _Counted.of(diff, limits)
    if not counted.rises:
        return
    for budget in _budgets(counted, limits, elsewhere, shown):
        details = {"currency": USD, "after_monthly": str(budget.spent), "budget_monthly": str(budget.limit)}
        if budget.most > budget.limit:
            raise CostGuard(
                f"{budget.name} {'would' if budget.spent > budget.limit else 'may'} cost {budget.text}",
                hint=f"Change what is deployed, or raise {budget.setting} in cygni.yaml.",
                details={**details, "after_monthly_at_most": str(budget.most)},
            )
        if counted.most is None:
            raise CostGuard(
                f"{budget.name} would cost {budget.text}, and {counted.unbounded_text}",
                hint=counted.unbounded_hint(f"remove {budget.setting} from cygni.yaml."),
                details={**details, **_unbounded_details(counted)},
            )


def budget_warnings(
    diff: CostDiff, limits: CostLimits, elsewhere: Elsewhere | None = None, shown: Exchange = DOLLARS
) -> tuple[str, ...]:
    """What to be told of limits and budgets: that one guards nothing, is nearly used, exceeded, or cannot be judged."""
    return (*idle_limits(diff, limits), *_warnings(_Counted.of(diff, limits), limits, elsewhere, shown))


def worth_telling(diff: CostDiff, above: Decimal) -> bool:
    """Whether a difference is more than `above` a month, in the same currency, fixed or by use, up or down; or may
    be."""
    known = diff.delta
    rises = diff.bound in _RISES or diff.usage_bound in _RISES
    return rises or max(abs(known.monthly), abs(known.usage_monthly)) > above


def idle_limits(diff: CostDiff, limits: CostLimits) -> Iterator[str]:
    """What to be told of limits in percent where there is nothing yet that they could be a share of."""
    if diff.before.resources or not diff.after.resources:
        return
    for increase in limits.increases:
        if increase.percent is not None:
            yield f"the limit of {increase.percent:f}% guards nothing here: nothing is there yet that it is a share of"


def _warnings(
    counted: _Counted, limits: CostLimits, elsewhere: Elsewhere | None, shown: Exchange
) -> Iterator[str]:
    for budget in _budgets(counted, limits, elsewhere, shown):
        if budget.spent > budget.limit:
            yield f"{budget.name} exceeds its budget: {budget.text}"
        elif budget.most > budget.limit:
            yield f"{budget.name} may exceed its budget: {budget.text}"
        elif budget.most >= budget.limit * WARN_AT:
            share = budget.most / budget.limit * 100 if budget.limit else Decimal(100)
            yield f"{budget.name} uses {share:.0f} % of its budget: {budget.text}"
    if limits.project_budget is not None and elsewhere is not None and elsewhere.unread:
        yield f"the cost of {', '.join(elsewhere.unread)} is not known, so not in the budget of the project"
