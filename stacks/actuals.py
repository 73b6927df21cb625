"""What an environment was billed, from what is kept and from Cost Explorer, beside the estimates of its deploys."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from cygni.actuals.accrual import InForce
from cygni.actuals.advice import lacks_tags, tag_warning, untold_warnings
from cygni.actuals.bill import Billed
from cygni.actuals.comparison import compared
from cygni.actuals.document import ActualReport
from cygni.actuals.forecast import forecast
from cygni.actuals.grouping import By, Grouping
from cygni.actuals.keeping import kept_estimate
from cygni.actuals.period import Period, running_month
from cygni.pricing import estimate
from cygni.pricing.books import book_in_use
from cygni.spec.usage_file import project_usage
from cygni.targets.cost_explorer import CostExplorer
from stacks.billed_days import BilledDays, missing
from stacks.status import Deployed


def actual_report(
    explorer: CostExplorer,
    days: BilledDays,
    history: Sequence[InForce],
    period: Period,
    by: By,
    now: datetime,
    *,
    budget: Decimal | None = None,
    warnings: Sequence[str] = (),
) -> ActualReport:
    """Asks for what is not kept, and compares. Raises AuthError, Unreachable, ResourceFailed, StateError."""
    bill, kept = _billed(explorer, days, period, by.grouping, now)
    told = list(warnings)
    if lacks_tags(bill, history, now):
        told.append(tag_warning(by.grouping, explorer.inactive_tags(by.grouping)))
    told += untold_warnings(bill, by)
    found = compared(bill, history, period, by, now)
    return ActualReport(
        project=explorer.project,
        environment=explorer.environment,
        comparison=found,
        estimates=len(history),
        requests=explorer.requests,
        kept_days=kept,
        forecast=forecast(bill, history, now, budget) if period == running_month(now) else None,
        warnings=tuple(told),
    )


def _billed(
    explorer: CostExplorer, days: BilledDays, period: Period, grouping: Grouping, now: datetime
) -> tuple[list[Billed], int]:
    """What was billed in the period, and how many of its days are not asked for."""
    kept = days.kept(grouping)
    asked = missing(period, kept)
    fresh = explorer.billed(asked, grouping) if asked.start < asked.end else []
    days.keep(grouping, fresh, now)
    known = [day for day in period.days if day in kept and not asked.start <= day < asked.end]
    return [*(one for day in known for one in kept[day]), *fresh], len(known)


def estimate_of_state(deployed: Deployed, at: datetime) -> InForce:
    """What is deployed now, as if it had been so since `at`: for environments without a kept estimate. Raises
    SpecError."""
    resources = [one for part in deployed.states for one in deployed.resources(part)]
    found = estimate(resources, book_in_use(), project_usage(deployed.spec, deployed.folder))
    return InForce(at, kept_estimate(found), "what is deployed now")
