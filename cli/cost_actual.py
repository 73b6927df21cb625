"""`cx cost actual`: what AWS billed, beside what was estimated."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import App, Currency, Debug, Env, Json
from cygni.actuals.grouping import By
from cygni.errors import NotFound, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from cygni.actuals.accrual import InForce
    from cygni.actuals.period import Period
    from cygni.settings import Settings
    from cygni.spec import ProjectSpec

_LONGEST = 395  # days: Cost Explorer keeps 13 months

Month = Annotated[
    str | None,
    typer.Option("--month", metavar="YYYY-MM", help="Which month.", show_default="the running one"),
]
Days = Annotated[
    int | None,
    typer.Option(
        "--days", min=1, max=_LONGEST, help="Instead of a month: the last whole days.", show_default=False
    ),
]
TellApart = Annotated[By, typer.Option("--by", help="How costs are told apart.")]


def actual(
    app: App = None,
    env: Env = "local",
    month: Month = None,
    days: Days = None,
    by: TellApart = By.SERVICE,
    currency: Currency = None,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Show what AWS billed for an environment beside what was estimated for the same time, with the error. Asks Cost
    Explorer, which costs USD 0.01 a request."""
    from cli.cost_actual_view import show_actual
    from cli.currency import exchange_of, shown_in
    from cli.session import load_project
    from cli.terminal import answer, console
    from cygni.actuals.conversion import actual_report_in
    from cygni.actuals.document import actual_document
    from cygni.actuals.period import midnight
    from cygni.settings import Settings
    from cygni.targets.cost_explorer import CostExplorer
    from cygni.targets.fargate.clients import Clients
    from stacks.actuals import actual_report
    from stacks.billed_days import BilledDays
    from stacks.releasing import SystemClock
    from stacks.target import cloud_variables, environment_folder

    spec = load_project(app, env)
    _demand_a_bill(env)
    exchange = shown_in(currency, spec)
    budget = spec.cost.limits(exchange_of(spec)).budget
    now = SystemClock().now()
    period = _period(month, days, now)
    settings = Settings.from_environment()
    variables = cloud_variables(env, "", spec.region)
    history, warnings = _history(app, spec, settings, variables, midnight(period.start))
    report = actual_report(
        CostExplorer(Clients(variables), spec.project, env),
        BilledDays(environment_folder(settings, spec.project, env)),
        history,
        period,
        by,
        now,
        budget=budget,
        warnings=warnings,
    )
    report = actual_report_in(report, exchange)
    if as_json:
        answer(actual_document(report))
    else:
        show_actual(console(), report)


def _demand_a_bill(env: str) -> None:
    """Raises UsageError for the local cloud."""
    from stacks.target import LOCAL, target_of

    if target_of(env) == LOCAL:
        raise UsageError(
            "the local cloud bills nobody, so there is nothing to compare an estimate with",
            hint="Name an environment on AWS, as in: cx cost actual -e production",
        )


def _period(month: str | None, days: int | None, now: datetime) -> Period:
    """Raises UsageError."""
    from cygni.actuals.period import last_days, month_of

    if month is not None and days is not None:
        raise UsageError("--month and --days exclude each other", hint="Give one of them.")
    return last_days(days, now) if days is not None else month_of(month or f"{now:%Y-%m}", now)


def _history(
    app: Path | None,
    spec: ProjectSpec,
    settings: Settings,
    variables: Mapping[str, str],
    since: datetime,
) -> tuple[Sequence[InForce], list[str]]:
    """The estimates that were in force, and what is to be told of them. Where none was kept it is that of what is
    deployed now; where nothing is, there is none."""
    from cli.session import deployed
    from stacks.actuals import estimate_of_state
    from stacks.estimates import estimates_in_force
    from stacks.release_store import release_store

    found = estimates_in_force(release_store(settings, spec.project, spec.environment, variables), since)
    if found:
        return found, []
    try:
        now = estimate_of_state(deployed(app, spec.environment), since)
    except NotFound:
        return (), ["nothing is deployed and no estimate was kept, so there is nothing to compare with"]
    return (now,), [
        "no estimate was kept with a deploy: compared with what is deployed now, for all of the time"
    ]
