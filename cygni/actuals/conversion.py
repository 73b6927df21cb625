"""A bill beside its estimate in another currency, to be shown (pure).

All of it goes by the one rate that is named, whatever the rate was on the days of the bill.
"""

from __future__ import annotations

from dataclasses import replace

from cygni.actuals.comparison import Line
from cygni.actuals.document import ActualReport
from cygni.actuals.forecast import Forecast
from cygni.pricing.exchange import USD, Exchange


def actual_report_in(report: ActualReport, exchange: Exchange) -> ActualReport:
    """The report in another currency than dollars, in which it must be: each line converted and rounded once, so that
    they add up to the total. Raises ValueError."""
    if exchange.currency == USD:
        return report
    if report.exchange.currency != USD:
        raise ValueError(f"amounts in {report.exchange.currency} are no dollars to be converted")
    found = report.comparison
    comparison = replace(
        found,
        lines=tuple(_line(one, exchange) for one in found.lines),
        unsettled=exchange.of_usd(found.unsettled),
        unestimated=exchange.of_usd(found.unestimated),
    )
    forecast = report.forecast and _forecast(report.forecast, exchange)
    return replace(report, comparison=comparison, forecast=forecast, exchange=exchange)


def _line(line: Line, exchange: Exchange) -> Line:
    return replace(line, billed=exchange.of_usd(line.billed), estimated=exchange.of_usd(line.estimated))


def _forecast(found: Forecast, exchange: Exchange) -> Forecast:
    return replace(
        found,
        billed=exchange.of_usd(found.billed),
        rest=exchange.of_usd(found.rest),
        budget=None if found.budget is None else exchange.of_usd(found.budget),
    )
