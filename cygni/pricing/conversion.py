"""Costs in another currency, to be shown (pure).

Each line is converted and rounded once, to 12 places; totals and differences are made of lines, so that parts add up
to them as exactly as in dollars.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from cygni.pricing.cost import AtMost, CostLine, Estimate, ResourceCost
from cygni.pricing.difference import CostDiff, ResourceDiff
from cygni.pricing.exchange import USD, Exchange
from cygni.pricing.report import CostReport


def report_in(report: CostReport, exchange: Exchange) -> CostReport:
    """The report in another currency than dollars, in which it must be. Raises ValueError."""
    return replace(report, diff=diff_in(report.diff, exchange))


def diff_in(diff: CostDiff, exchange: Exchange) -> CostDiff:
    """The difference in another currency than dollars, in which it must be. Raises ValueError."""
    if exchange.currency == USD:
        return diff
    convert = _once(exchange)
    before = _estimate(diff.before, exchange, convert)
    after = before if diff.after is diff.before else _estimate(diff.after, exchange, convert)
    return CostDiff(before, after, tuple(_resource_diff(one, exchange, convert) for one in diff.resources))


def estimate_in(estimate: Estimate, exchange: Exchange) -> Estimate:
    """The estimate in another currency than dollars, in which it must be. Raises ValueError."""
    return estimate if exchange.currency == USD else _estimate(estimate, exchange, _once(exchange))


_Convert = Callable[[ResourceCost], ResourceCost]


def _once(exchange: Exchange) -> _Convert:
    """Converts what a resource costs; what stands on several sides is converted once."""
    done: dict[int, ResourceCost] = {}

    def convert(cost: ResourceCost) -> ResourceCost:
        found = done.get(id(cost))
        if found is None:
            done[id(cost)] = found = _cost(cost, exchange)
        return found

    return convert


def _estimate(estimate: Estimate, exchange: Exchange, convert: _Convert) -> Estimate:
    if estimate.exchange.currency != USD:
        raise ValueError(f"amounts in {estimate.exchange.currency} are no dollars to be converted")
    return replace(estimate, resources=tuple(map(convert, estimate.resources)), exchange=exchange)


def _resource_diff(diff: ResourceDiff, exchange: Exchange, convert: _Convert) -> ResourceDiff:
    before = convert(diff.before) if diff.before is not None else None
    after = convert(diff.after) if diff.after is not None else None
    converted = replace(diff, before=before, after=after)
    known, was, most = converted.known, diff.known, diff.at_most
    at_most = AtMost(
        _beyond(known.monthly, was.monthly, most.monthly, exchange),
        _beyond(known.usage_monthly, was.usage_monthly, most.usage_monthly, exchange),
    )
    return replace(converted, at_most=at_most)


def _beyond(known: Decimal, was: Decimal, at_most: Decimal | None, exchange: Exchange) -> Decimal | None:
    """The most that something is of which so much is known, which `was` its dollars."""
    return None if at_most is None else known + exchange.of_usd(at_most - was)


def _cost(cost: ResourceCost, exchange: Exchange) -> ResourceCost:
    return replace(
        cost,
        lines=tuple(_line(line, exchange) for line in cost.lines),
        said_at_most=_amount(cost.said_at_most, exchange),
        currency=exchange.currency,
    )


def _line(line: CostLine, exchange: Exchange) -> CostLine:
    return replace(
        line,
        unit_price=None if line.unit_price is None else exchange.exactly(line.unit_price),
        hourly=_amount(line.hourly, exchange),
        monthly=_amount(line.monthly, exchange),
        at_most=_amount(line.at_most, exchange),
        currency=exchange.currency,
    )


def _amount(usd: Decimal | None, exchange: Exchange) -> Decimal | None:
    return None if usd is None else exchange.of_usd(usd)
