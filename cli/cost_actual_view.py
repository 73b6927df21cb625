"""What was billed beside what was estimated, for people."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from cygni.actuals.bill import REQUEST_USD
from cygni.actuals.comparison import Comparison, Line
from cygni.actuals.document import ActualReport
from cygni.actuals.grouping import By
from cygni.pricing.wording import converted, money, places_of, rounded, signed_money

if TYPE_CHECKING:
    from rich.console import Console

    from cygni.actuals.forecast import Forecast
    from cygni.actuals.period import Period

SHOWN = 40
"""Lines that are shown; all are in `--json`, and in the total."""
_TITLES = {By.SERVICE: "Service", By.STACK: "Stack", By.RESOURCE: "Resource"}


def show_actual(people: Console, report: ActualReport) -> None:
    """Prints the comparison, then what to know about it."""
    found = report.comparison
    people.print(
        f"{report.project} · {report.environment} · {days_text(found.asked)}",
        style="bold",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )
    for warning in report.warnings:
        people.print("[yellow]warning:[/] ", end="")
        people.print(warning, markup=False, highlight=False, soft_wrap=True)
    if found.lines:
        people.print()
        people.print(_table(found, report.exchange.currency))
    people.print()
    if report.forecast is not None:
        people.print(
            _forecast(report.forecast, report.exchange.currency),
            markup=False,
            highlight=False,
            soft_wrap=True,
        )
        if report.forecast.nears_budget:
            people.print(
                f"[yellow]warning:[/] {_of_budget(report.forecast, report.exchange.currency)}",
                highlight=False,
                soft_wrap=True,
            )
    for note in _notes(report):
        people.print(note, style="dim", markup=False, highlight=False, soft_wrap=True)


def days_text(period: Period) -> str:
    """`2026-11-01 to 2026-11-20`, with the last day in it; a day alone is one date."""
    last = (period.end - timedelta(days=1)).isoformat()
    return last if last == period.start.isoformat() else f"{period.start} to {last}"


def _table(found: Comparison, currency: str) -> object:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2))
    table.add_column(_TITLES[found.by], overflow="fold")
    for column in ("Billed", "Estimated", "Difference", "Error"):
        table.add_column(column, justify="right")
    for line in found.lines[:SHOWN]:
        table.add_row(line.key or "(nothing tells)", *_cells(line, currency))
    left = len(found.lines) - SHOWN
    if left > 0:
        table.add_row(f"… and {left} more, with --json")
    table.add_row("Total", *_cells(found.total, currency), style="bold")
    return table


def _cells(line: Line, currency: str) -> tuple[str, str, str, str]:
    error = line.error_percent
    return (
        money(line.billed, currency),
        money(line.estimated, currency),
        signed_money(rounded(line.difference, places_of(currency)), currency),
        f"{rounded(error, 1):+.1f} %" if error is not None else "",
    )


def _forecast(found: Forecast, currency: str) -> str:
    days = "the day" if found.days_left == 1 else f"the {found.days_left} days"
    how = "as is estimated now"
    if found.recent:
        how = f"as the last {found.recent} were billed, with what the estimate has changed since"
    total, billed, rest = (money(one, currency) for one in (found.total, found.billed, found.rest))
    return f"Forecast to the end of the month: {total}. {billed} are billed; {days} left make {rest}, {how}."


def _of_budget(found: Forecast, currency: str) -> str:
    percent = found.budget_percent
    share = f", {rounded(percent, 0)} % of it" if percent is not None else ""
    budget = money(found.budget or Decimal(0), currency)
    return f"the budget is {budget} a month, and the forecast {money(found.total, currency)}{share}"


def _notes(report: ActualReport) -> Iterator[str]:
    found, currency = report.comparison, report.exchange.currency
    if found.compared.start < found.compared.end:
        estimates = "1 estimate" if report.estimates == 1 else f"{report.estimates} estimates"
        yield f"Compared: {days_text(found.compared)}, with {estimates}, each for as long as it was in force."
    else:
        yield "Nothing is compared: no day is settled and has an estimate."
    if found.asked.end > found.compared.end:
        yield (
            f"Not settled yet, so not compared: {money(found.unsettled, currency)} so far. Cost Explorer has the cost "
            "of a day 24 to 48 hours later."
        )
    if found.unestimated:
        yield f"Billed before the first estimate that was kept, so not compared: {money(found.unestimated, currency)}."
    yield "A positive error: the estimate was too high. Bills are before credits, refunds and tax."
    cost = converted(REQUEST_USD * report.requests, report.exchange)
    requests = "1 request" if report.requests == 1 else f"{report.requests} requests"
    if report.exchange.text:
        yield f"Amounts are {currency} at {report.exchange.text}, whatever the rate was on the days of the bill."
    yield f"Cost Explorer: {requests}, {cost}; {report.kept_days} days were known from before."
