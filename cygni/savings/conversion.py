"""Savings in another currency, to be shown (pure)."""

from __future__ import annotations

from dataclasses import replace

from cygni.pricing.exchange import USD, Exchange
from cygni.savings.document import SavingsReport
from cygni.savings.finding import Finding


def savings_in(report: SavingsReport, exchange: Exchange) -> SavingsReport:
    """The report in another currency than dollars, in which it must be: each finding converted and rounded once, so
    that those that are counted add up to the total. Raises ValueError."""
    if exchange.currency == USD:
        return report
    if report.exchange.currency != USD:
        raise ValueError(f"amounts in {report.exchange.currency} are no dollars to be converted")
    findings = tuple(_finding(one, exchange) for one in report.findings)
    return replace(report, findings=findings, exchange=exchange)


def _finding(found: Finding, exchange: Exchange) -> Finding:
    saves = None if found.saves is None else exchange.of_usd(found.saves)
    return replace(found, saves=saves, costs=exchange.of_usd(found.costs))
