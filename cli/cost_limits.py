"""What a plan may cost here: by cygni.yaml, and by the option of one command."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from cli.currency import exchange_of, judged, shown_in
from cygni.cost_limits import CostLimits, Elsewhere, WrittenIncrease
from cygni.errors import CygniError, NotFound

if TYPE_CHECKING:
    from cli.session import Session
    from cygni.plan.model import Plan
    from cygni.pricing.exchange import Exchange
    from cygni.spec import ProjectSpec
    from stacks.planning import PlannedEnvironment


@dataclass(frozen=True)
class CostOptions:
    """What a command says of costs: `--max-cost-increase` and `--currency`."""

    max_increase: WrittenIncrease | None = None
    currency: str | None = None


@dataclass(frozen=True)
class Holding:
    """The limits a plan is held to, in USD, and what the other environments of the project cost, if that matters;
    `exchange` is what amounts are shown in."""

    limits: CostLimits
    elsewhere: Elsewhere | None
    exchange: Exchange

    def shown(self, plan: Plan) -> Plan:
        """The plan in the currency that is shown."""
        from cygni.plan.conversion import plan_in

        return plan_in(plan, self.exchange)

    def warned(self, planned: PlannedEnvironment) -> PlannedEnvironment:
        """The plan with what is to be told of budgets among its warnings."""
        from cygni.pricing.guards import budget_warnings

        plan = planned.plan
        found = budget_warnings(plan.cost, self.limits, self.elsewhere, self.exchange)
        return replace(planned, plan=replace(plan, warnings=(*plan.warnings, *found)))


def holding(opened: Session, spec: ProjectSpec, options: CostOptions) -> Holding:
    """What `spec` says, the option instead of its limits of an increase; on the local cloud, which costs nothing,
    the option alone.

    Looks at the states of the other environments only where there is a budget of the project. Raises SpecError, and
    UsageError for a currency without a rate."""
    exchange = shown_in(options.currency, spec)
    option = judged(options.max_increase, "--max-cost-increase", exchange)
    if _costs(spec.environment):
        limits = spec.cost.limits(exchange_of(spec))
    else:
        limits = CostLimits(count_usage=spec.cost.count_usage)
    if option is not None:
        limits = replace(limits, increases=(option,))
    if limits.project_budget is None:
        return Holding(limits, None, exchange)
    return Holding(limits, _elsewhere(opened.file, spec), exchange)


def _elsewhere(file: Path, spec: ProjectSpec) -> Elsewhere:
    from cli.session import deployed
    from cygni.settings import Settings
    from cygni.spec.loader import written_environments
    from stacks.environments import known_names
    from stacks.status import status_of

    names = known_names(Settings.from_environment(), spec.project, spec.region, written_environments(file))
    found = Elsewhere()
    for name in names:
        if name == spec.environment or not _costs(name):
            continue
        try:
            status = status_of(deployed(file, name))
        except NotFound:
            continue
        except CygniError:  # another account's state, or a mistake in its part of cygni.yaml
            found = replace(found, unread=(*found.unread, name))
            continue
        found = Elsewhere(
            found.monthly + status.monthly,
            found.usage_monthly + status.usage_monthly,
            found.beyond + _beyond(status.monthly, status.monthly_at_most),
            found.usage_beyond + _beyond(status.usage_monthly, status.usage_monthly_at_most),
            found.unknown + status.unknown,
            found.unread,
        )
    return found


def _beyond(known: Decimal, at_most: Decimal | None) -> Decimal:
    return Decimal(0) if at_most is None else at_most - known


def _costs(environment: str) -> bool:
    """Whether an environment costs anything: the local cloud does not."""
    from stacks.target import LOCAL, target_of

    return target_of(environment) != LOCAL
