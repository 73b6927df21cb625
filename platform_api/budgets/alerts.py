"""Telling of budgets: each threshold once in a period, whoever looks and however often."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from cygni.billing.budgets import Limits, Position, forecast_exceeds, is_used_up, reached
from cygni.billing.exact import fraction_text
from platform_api.budgets.models import Budget, BudgetAlert
from platform_api.identifiers import new_id
from platform_api.notifications.occasions import FORECAST, Occasion
from platform_api.notifications.outbox import notify
from platform_api.webhooks.events import BUDGET_ALERT, BUDGET_EXCEEDED, BUDGET_FORECAST, BUDGET_STATE
from platform_api.webhooks.outbox import announce

_ALL = "100"
_TYPES = {FORECAST: BUDGET_FORECAST, _ALL: BUDGET_EXCEEDED}


def due(limits: Limits, position: Position, *, forecast: bool) -> list[str]:
    """What is to be known to people by now: thresholds in percent, and the forecast where it is asked for. That a hard
    limit is reached is told whatever was chosen."""
    found = [str(one) for one in reached(limits, position)]
    if limits.hard and is_used_up(limits, position) and _ALL not in found:
        found.append(_ALL)
    return [*found, FORECAST] if forecast and forecast_exceeds(limits, position) else found


async def tell_alerts(session: AsyncSession, budget: Budget, position: Position, now: datetime) -> list[str]:
    """What is told now, and was not before in this period: programs each of it, people what is furthest."""
    wanted = due(budget.limits, position, forecast=budget.forecast)
    new = [one for one in wanted if await _is_new(session, budget, position, one, now)]
    for threshold in new:
        data = _told(budget, position, threshold)
        await announce(session, budget.organization_id, _TYPES.get(threshold, BUDGET_ALERT), data, now)
    if new:
        furthest = max(new, key=lambda one: -1 if one == FORECAST else int(one))
        occasion = Occasion.BUDGET_EXCEEDED if furthest == _ALL else Occasion.BUDGET_ALERT
        data = _told(budget, position, furthest)
        await notify(session, budget.organization_id, budget.project_id, occasion, data, now)
    return new


async def tell_state(
    session: AsyncSession, budget: Budget, position: Position, before: str, now: datetime
) -> None:
    data = {**_told(budget, position, None), "state": budget.state, "before": before}
    await announce(session, budget.organization_id, BUDGET_STATE, data, now)


async def lapse_alerts(session: AsyncSession, budget: Budget, position: Position, now: datetime) -> None:
    """Takes back what the budget, as it was changed, is below of: it is told again where it is reached again."""
    lapsed = sa.update(BudgetAlert).where(
        col(BudgetAlert.organization_id) == budget.organization_id,
        col(BudgetAlert.budget_id) == budget.id,
        col(BudgetAlert.lapsed_at).is_(None),
        col(BudgetAlert.threshold).not_in(due(budget.limits, position, forecast=True)),
    )
    await session.execute(lapsed.values(lapsed_at=now).execution_options(synchronize_session=False))


async def _is_new(
    session: AsyncSession, budget: Budget, position: Position, threshold: str, now: datetime
) -> bool:
    row = insert(BudgetAlert).values(
        organization_id=budget.organization_id,
        id=new_id(),
        budget_id=budget.id,
        period_start=position.period.start,
        threshold=threshold,
        used=fraction_text(position.used),
        amount=budget.amount,
        at=now,
    )
    added = row.on_conflict_do_nothing().returning(col(BudgetAlert.id))
    return await session.scalar(added) is not None


def _told(budget: Budget, position: Position, threshold: str | None) -> dict[str, Any]:
    return {
        "budget": budget.name,
        "threshold": threshold,
        "used": fraction_text(position.used),
        "amount": f"{budget.amount:f}",
        "unit": budget.currency or budget.meter,
        "forecast": None if position.forecast is None else fraction_text(position.forecast),
        "start": position.period.start.isoformat(),
        "end": position.period.end.isoformat(),
        "hard_limit": budget.hard_limit,
    }
