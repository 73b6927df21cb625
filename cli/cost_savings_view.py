"""What could be saved, for people."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

import yaml

from cygni.pricing.wording import money
from cygni.savings.evidence import DAYS
from cygni.savings.finding import Finding, total

if TYPE_CHECKING:
    from rich.console import Console

    from cygni.savings.document import SavingsReport

_INDENT = " " * 12


def show_savings(people: Console, report: SavingsReport) -> None:
    """Prints each finding with its change, then the total."""
    last = report.until - timedelta(days=1)
    people.print(
        f"{report.project} · {report.environment} · {DAYS} days to {last}",
        style="bold",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )
    for found in report.findings:
        people.print()
        head, *lines = _lines(found, report.environment, report.exchange.currency)
        people.print(head, markup=False, highlight=False, soft_wrap=True)
        for line in lines:
            people.print(f"{_INDENT}{line}", style="dim", markup=False, highlight=False, soft_wrap=True)
    people.print()
    for text in _ending(report):
        people.print(text, markup=False, highlight=False, soft_wrap=True)


def _lines(found: Finding, environment: str, currency: str) -> Iterator[str]:
    amount = money(found.saves, currency) if found.saves is not None else "unknown"
    yield f"{amount:>10}  {found.shown} ({found.rule.name}){'' if found.counted else ' *'}"
    yield f"{found.candidate.seen}; what changes costs {money(found.costs, currency)} a month now"
    change = found.candidate.change
    yield f"→ {change.says}"
    if change.settings is not None:
        settings = {"environments": {environment: dict(change.settings)}}
        yield f"  cygni.yaml: {yaml.safe_dump(settings, default_flow_style=True, width=10**6).strip()}"
    if change.command is not None:
        yield f"  {change.command}"
    if found.saves is None:
        yield found.rule.without_price
    if found.candidate.caution:
        yield found.candidate.caution


def _ending(report: SavingsReport) -> Iterator[str]:
    if not report.findings:
        yield f"Nothing to save was found. What has no values for {DAYS} days is not judged by its use."
        return
    count = len(report.findings)
    together = money(total(report.findings), report.exchange.currency)
    yield f"{count} finding{'s' if count > 1 else ''}, {together} a month together."
    if not all(one.counted for one in report.findings):
        yield "* not in the total: it has no price, or something else saves more on the same resource."
    if report.exchange.text:
        yield f"Amounts are {report.exchange.currency} at {report.exchange.text}."
