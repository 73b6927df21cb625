"""A plan with its costs in another currency, to be shown (pure)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from cygni.plan.model import Plan, TemporaryCost
from cygni.pricing.conversion import diff_in
from cygni.pricing.exchange import USD, Exchange


def plan_in(plan: Plan, exchange: Exchange) -> Plan:
    """The plan in another currency than dollars, in which it must be. Raises ValueError."""
    if exchange.currency == USD:
        return plan
    temporary = tuple(_temporary(one, exchange) for one in plan.temporary)
    return replace(plan, cost=diff_in(plan.cost, exchange), temporary=temporary)


def _temporary(cost: TemporaryCost, exchange: Exchange) -> TemporaryCost:
    def amount(usd: Decimal | None) -> Decimal | None:
        return None if usd is None else exchange.of_usd(usd)

    return replace(
        cost,
        hourly=amount(cost.hourly),
        hourly_at_most=amount(cost.hourly_at_most),
        currency=exchange.currency,
    )
